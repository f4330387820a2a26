import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from uncase_pipeline.certified.codes import Coder
from uncase_pipeline.certified.compliance import PROFILES, SAMPLES, controls, strictest_of
from uncase_pipeline.certified.exact import fisher_greater, lower_bound, upper_bound
from uncase_pipeline.certified.leakage import Leakage, SourceTraces
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.near import NearIndex, Signer
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.selection import evaluation_fingerprints
from uncase_pipeline.certified.style import Speakers, StyleLeak, distorted
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.doubles import PatternScanner
from uncase_pipeline_tests.certified.examples import dialogue, seed_of

CODER = Coder(b"k" * 32)
WORDS = ["coche", "factura", "taller", "llanta", "motor", "volante", "rines", "freno", "puerta", "cristal"]


def person(number: int) -> Conversation:
    """Someone with words of their own."""
    own = f"palabra{number}rara otra{number}cosa nombre{number}propio giro{number}local"
    return conversation(
        f"u: quiero hablar de {own} hoy mismo por favor", "a: con gusto le ayudo", subject_id=f"p{number}"
    )


def leakage(people: int, leaked: int, held_out: int) -> Leakage:
    traces = SourceTraces(CODER)
    for number in range(people):
        traces.add(f"p{number}", Reading(person(number)), held_out=number >= people - held_out)
    found = Leakage(traces.suspects())
    for number in range(leaked):
        found.observe(found.suspects.hits(Reading(person(number))))
    found.observe(found.suspects.hits(Reading(dialogue())))
    return found


def verdicts(found: Leakage) -> dict[str, str]:
    return {finding.name: finding.verdict for finding in found.findings()}


def test_leaked_train_people_are_told_from_held_out_people() -> None:
    findings = {finding.name: finding for finding in leakage(60, 40, 12).findings()}
    assert findings["leakage_phrases"].verdict == findings["leakage_words"].verdict == "FAIL"
    assert findings["leakage_words"].figures["epsilon_lower_bound"] > 0.5


def test_no_leak_passes_where_a_planted_one_would_be_seen() -> None:
    assert verdicts(leakage(60, 0, 12))["leakage_phrases"] == "PASS"


def test_too_few_subjects_are_inconclusive_and_not_a_pass() -> None:
    assert set(verdicts(leakage(8, 0, 1)).values()) == {"INCONCLUSIVE"}


def test_fishers_test_and_the_bounds_are_the_textbook_ones() -> None:
    assert fisher_greater(3, 4, 1, 4) == pytest.approx(0.242857, abs=1e-5)  # the lady tasting tea
    assert fisher_greater(0, 10, 0, 10) == 1.0
    assert upper_bound(0, 299) == pytest.approx(0.01, abs=2e-4)  # 299 without a hit prove less than 1 %
    assert lower_bound(10, 10) == pytest.approx(0.05 ** (1 / 10), abs=1e-6)


def speaker(number: int, turns: int = 8) -> Conversation:
    habit = ["!!!", "...", " ;)", " ??", ", ", " - ", " (ok)", "~"][number % 8]
    upper = number % 2
    lines = []
    for at in range(turns):
        text = f"y si me da el de la {WORDS[(number + at) % 10]}{habit} y yo que se{habit}"
        lines.append("u: " + (text.upper() if upper else text))
    return conversation(*lines, "a: claro", subject_id=f"p{number}")


@pytest.mark.parametrize("language", ["es", "es-MX"])
def test_a_copied_style_is_recognised_and_a_foreign_one_is_not(language: str) -> None:
    speakers = Speakers()
    for number in range(8):
        speakers.add(f"p{number}", speaker(number))
    copied, plain = StyleLeak(speakers), StyleLeak(speakers)
    for number in [*range(8)] * 4:
        behind = {"subject_ids": [f"p{number}"], "language": language}
        seed = seed_of(dialogue()).model_copy(update=behind)
        copied.observe(speaker(number, turns=5), seed)
        plain.observe(dialogue(200_000 + number), seed)
    assert copied.finding(1).verdict == "FAIL"
    assert plain.finding(1).verdict == "PASS"


def test_speakers_who_write_alike_are_inconclusive() -> None:
    speakers = Speakers()
    for number in range(8):
        speakers.add(f"p{number}", dialogue(subject_id=f"p{number}"))
    leak = StyleLeak(speakers)
    for number in range(8):
        leak.observe(dialogue(), seed_of(dialogue()).model_copy(update={"subject_ids": [f"p{number}"]}))
    assert leak.finding(1).verdict == "INCONCLUSIVE"


def test_speakers_of_all_regions_of_a_language_are_compared_and_a_later_row_may_tell_the_language() -> None:
    speakers = Speakers()
    for language in (None, "es-MX", "en_US"):
        speakers.add("ana" if language != "en_US" else "ben", replace(dialogue(), language=language))
    assert speakers.of("es") == ["ana"] and speakers.of("en") == ["ben"]


def test_masked_examples_show_function_words_only() -> None:
    assert distorted("Llame a Ana al 55 12") == "***** a *** al ## ##"


def test_near_duplicates_are_found_among_many_and_strangers_are_not() -> None:
    rng = np.random.default_rng(3)
    signer, index = Signer(CODER), NearIndex()

    def codes(words: list[str]) -> np.ndarray:
        return CODER.codes(words)

    texts = [[f"w{n}" for n in rng.integers(0, 5_000, 300)] for _ in range(4_500)]
    for text in texts:
        index.keep(signer.sign(codes(text)))
    for text in texts[::500]:
        changed = [*text[:150], "nuevo", *text[151:]]
        assert index.similar(signer.sign(codes(changed)))
        assert not index.similar(signer.sign(codes([f"x{word}" for word in text])))


def test_estimated_similarity_is_close_to_the_exact_one() -> None:
    signer = Signer(CODER)
    text = [f"w{n}" for n in range(2_000)]
    for share in (0.5, 0.8, 0.95):
        other = [*text[: int(2_000 * share)], *(f"z{n}" for n in range(2_000 - int(2_000 * share)))]
        one, two = ({tuple(t[i : i + 3]) for i in range(len(t) - 2)} for t in (text, other))
        exact = len(one & two) / len(one | two)
        estimate = (signer.sign(CODER.codes(text)) == signer.sign(CODER.codes(other))).mean()
        assert math.isclose(estimate, exact, abs_tol=0.2)


def test_rows_that_share_a_run_with_the_evaluation_set_are_found(tmp_path: Path) -> None:
    path = tmp_path / "eval.jsonl"
    path.write_bytes(dumps(dialogue()) + b"\n")
    known = evaluation_fingerprints(path, CODER)
    assert known is not None and known.copied(Reading(dialogue()).coded(CODER)) is not None
    stranger = conversation("u: otra cosa muy distinta y larga que nadie ha dicho nunca en este sitio web")
    assert known.copied(Reading(stranger).coded(CODER)) is None


def test_of_several_profiles_the_strictest_value_wins() -> None:
    higher = [name for name, metric in METRICS.items() if metric.direction == "at_least"]
    both = strictest_of(["GDPR", "HIPAA"], higher)
    assert both.epsilon_cap == 3.0 and both.retention_days == 365
    assert both.thresholds == {"memorization": 0.005, "fidelity": 0.95}
    assert both.identifiers == PROFILES["GDPR"].identifiers | PROFILES["HIPAA"].identifiers
    assert "no legal advice" in both.document()["notice"]


def test_no_profile_loosens_a_threshold() -> None:
    for profile in PROFILES.values():
        for name, bound in profile.thresholds.items():
            metric = METRICS[name]
            assert bound >= metric.threshold if metric.direction == "at_least" else bound <= metric.threshold


def test_an_unknown_profile_is_a_clear_error() -> None:
    with pytest.raises(UncaseError, match="GDPR"):
        strictest_of(["GPDR"], [])


def test_a_blind_detector_is_caught_by_the_positive_controls() -> None:
    found = controls(PatternScanner())
    assert found["email"] and not found["names"] and set(found) == set(SAMPLES)


def test_fingerprints_hold_no_text_and_need_the_key() -> None:
    text = Reading(dialogue()).stream
    assert not set(CODER.codes(text).tolist()) & set(Coder(b"x" * 32).codes(text).tolist()) - {0}
    assert b"garantia" not in orjson.dumps(CODER.codes(text).tolist())
