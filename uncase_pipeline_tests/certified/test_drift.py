import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from uncase_pipeline.certified.drift import ALPHA, Drift, energy
from uncase_pipeline.certified.embeddings import Embedder
from uncase_pipeline.certified.report import report_html
from uncase_pipeline.cli.app import app
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import dialogue, seed_of
from uncase_pipeline_tests.certified.test_certify import certify

tokenizers = pytest.importorskip("tokenizers")
safetensors = pytest.importorskip("safetensors.numpy")

CARS = ["coche", "factura", "taller", "llanta", "motor", "volante", "freno", "puerta", "cristal", "garantía"]
HEALTH = [
    "dolor",
    "receta",
    "consulta",
    "fiebre",
    "análisis",
    "vacuna",
    "presión",
    "sangre",
    "pastilla",
    "médico",
]
OTHERS = [f"palabra{number}" for number in range(60)]
KNOWN = ["[UNK]", *CARS, *HEALTH, *OTHERS]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model: a random direction per word, and none that is worth anything for unknown words."""
    folder = tmp_path_factory.mktemp("model")
    words = tokenizers.models.WordLevel({word: at for at, word in enumerate(KNOWN)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    vectors = np.random.default_rng(3).normal(size=(len(KNOWN), 16)).astype(np.float16)
    safetensors.save_file({"embeddings": vectors}, str(folder / "model.safetensors"))
    return folder


def chats(words: list[str], seed: int, people: int = 40, turns: int = 2) -> Iterable[Conversation]:
    random = np.random.default_rng(seed)
    for person in range(people):
        said = [" ".join(random.choice(words, 5)) for _ in range(2 * turns)]
        marked = [f"{'ua'[at % 2]}: {text}" for at, text in enumerate(said)]
        yield conversation(*marked, seed_id=f"s{person}", subject_id=f"p{person}")


def drift_of(
    model: Path, source: Iterable[Conversation], rows: Iterable[Conversation], bound: float | None = None
) -> dict:
    drift = Drift(Embedder(model), 1)
    for person in source:
        drift.of_source(person)
    for row in rows:
        drift.observe(row)
    return drift.document(bound)["roles"]


def test_a_set_of_the_same_words_has_no_drift(model: Path) -> None:
    for role in drift_of(model, chats(CARS, 1), chats(CARS, 2)).values():
        assert role["verdict"] == "MEASURED" and abs(role["value"]) < 0.03 and role["p_value"] > ALPHA
        assert (role["synthetic"], role["source"]) == (80, 80)


def test_the_very_same_set_is_no_further_than_any_other_half(model: Path) -> None:
    for role in drift_of(model, chats(CARS, 1), chats(CARS, 1)).values():
        assert (
            role["value"] <= 0.01 and role["p_value"] > 0.5 and role["cosine"] == pytest.approx(0, abs=0.05)
        )


def test_talk_of_another_domain_is_drift_beyond_the_planted_one(model: Path) -> None:
    for role in drift_of(model, chats(CARS, 1), chats(HEALTH, 2)).values():
        assert role["value"] > role["positive_control"] > role["source_halves"]
        assert role["p_value"] <= 0.002 and role["cosine"] > 0.3


def test_drift_is_measured_for_each_role_on_its_own(model: Path) -> None:
    answers = list(chats(HEALTH, 2))
    mixed = [
        replace(row, messages=[row.messages[0], answers[at].messages[1]])
        for at, row in enumerate(chats(CARS, 3))
    ]
    roles = drift_of(model, chats(CARS, 1), mixed)
    assert roles["user"]["p_value"] > ALPHA > roles["assistant"]["p_value"]


def test_too_few_people_or_a_model_that_tells_nothing_apart_is_inconclusive(
    model: Path, tmp_path: Path
) -> None:
    few = drift_of(model, chats(CARS, 1, people=5), chats(HEALTH, 2))["user"]
    assert few["verdict"] == "INCONCLUSIVE" and few["value"] is None and few["source"] == 10
    (tmp_path / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes())
    same = {"embeddings": np.ones((len(KNOWN), 4), np.float32)}
    safetensors.save_file(same, str(tmp_path / "model.safetensors"))
    assert drift_of(tmp_path, chats(CARS, 1), chats(HEALTH, 2))["user"]["verdict"] == "INCONCLUSIVE"


def test_turns_that_hang_together_are_no_evidence_of_drift() -> None:
    """Each subject harps on one theme: without groups, few subjects with many turns would look like drift."""
    random, seen, naive = np.random.default_rng(5), [], []
    for _ in range(40):
        themes = random.normal(size=(24, 1, 8)) + 0.1 * random.normal(size=(24, 6, 8))
        points = (themes / np.linalg.norm(themes, axis=2, keepdims=True)).reshape(-1, 8)
        groups = np.repeat(np.arange(12), 6)
        seen.append(energy(points[:72], points[72:], groups, groups, random)[1])
        alone = np.arange(72)
        naive.append(energy(points[:72], points[72:], alone, alone, random)[1])
    assert np.mean(np.array(seen) < ALPHA) <= 0.15 < np.mean(np.array(naive) < ALPHA)


def test_a_bound_makes_it_pass_or_fail(model: Path) -> None:
    assert drift_of(model, chats(CARS, 1), chats(CARS, 2), 0.1)["user"]["verdict"] == "PASS"
    assert drift_of(model, chats(CARS, 1), chats(HEALTH, 2), 0.1)["user"]["verdict"] == "FAIL"


def test_the_sample_is_bounded_and_even(model: Path) -> None:
    drift = Drift(Embedder(model), 1)
    for row in chats(CARS, 1, people=300, turns=5):
        drift.observe(row)
    sample = drift._synthetic["user"]
    owners = [int(group[1:]) for group, _, _ in sample.turns]
    assert len(sample.turns) == 500 and sample.seen == 1_500
    assert 120 < float(np.mean(owners)) < 180


def test_shared_and_weighted_vectors_are_spread_out(model: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes())
    tensors = {
        "embeddings": np.eye(2, dtype=np.float32),
        "mapping": np.array([0] + [at % 2 for at in range(len(KNOWN) - 1)]),
        "weights": np.array([1.0, 3.0, 4.0] + [1.0] * (len(KNOWN) - 3)),
    }
    safetensors.save_file(tensors, str(tmp_path / "model.safetensors"))
    embedder = Embedder(tmp_path)
    assert embedder.embedded(embedder.ids("coche factura nunca")).tolist() == [0.6, 0.8]
    assert embedder.embedded(embedder.ids("nunca")) is None


@pytest.mark.parametrize("broken", ["absent", "tokenizer.json", "model.safetensors", "short"])
def test_a_broken_folder_is_one_clear_sentence(model: Path, tmp_path: Path, broken: str) -> None:
    for file in () if broken == "absent" else model.iterdir():
        (tmp_path / file.name).write_bytes(b"secret" if file.name == broken else file.read_bytes())
    if broken == "short":
        vectors = {"embeddings": np.ones((3, 4), np.float32)}
        safetensors.save_file(vectors, str(tmp_path / "model.safetensors"))
    with pytest.raises(UncaseError, match="UNCASE_EMBEDDINGS") as raised:
        Embedder(tmp_path)
    assert raised.value.code == "bad-embeddings" and "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def predicate(lake: Lake, settings: Settings) -> dict:
    return dict(
        require_valid(lake.require("certified_conversations", "automotive.sales"), settings).predicate
    )


def test_the_certificate_says_none_and_the_report_not_computed_where_it_is_off(
    lake: Lake, house: Settings
) -> None:
    certify(lake, house, [dialogue()], [seed_of(dialogue())])
    stated = predicate(lake, house)
    assert stated["drift"] is None and "Not computed: no embedding model" in report_html(stated)


def test_the_certificate_and_the_report_show_figures_and_no_text(
    lake: Lake, house: Settings, model: Path
) -> None:
    chosen = house.model_copy(update={"embeddings": model})
    certify(lake, chosen, [dialogue()], [seed_of(dialogue())])
    stated = predicate(lake, chosen)
    assert stated["drift"]["roles"]["user"]["verdict"] == "INCONCLUSIVE"
    shown = {
        **stated,
        "drift": {**stated["drift"], "roles": drift_of(model, chats(CARS, 1), chats(HEALTH, 2))},
    }
    html, value = report_html(shown), shown["drift"]["roles"]["user"]["value"]
    assert f"{value:.4f}" in html and "MEASURED" in html and stated["drift"]["model"] in html
    assert not any(word in html for word in HEALTH)


@pytest.mark.parametrize("on", [True, False])
def test_a_threshold_asks_for_drift_that_was_seen_to_be_small(
    lake: Lake, house: Settings, model: Path, on: bool
) -> None:
    chosen = {"thresholds": {"drift": 0.1}, "embeddings": model if on else None}
    outcome = certify(lake, house.model_copy(update=chosen), [dialogue()], [seed_of(dialogue())])
    compliance = outcome.rulings[2]
    assert not compliance.passed and "drift" in compliance.description


def test_evaluate_run_shows_drift_from_the_source(house: Settings, model: Path, tmp_path: Path) -> None:
    rows, seeds, source = tmp_path / "rows.jsonl", tmp_path / "seeds.jsonl", tmp_path / "source.jsonl"
    rows.write_bytes(dumps(dialogue()) + b"\n")
    seeds.write_bytes(orjson.dumps(seed_of(dialogue()).model_dump(by_alias=True)) + b"\n")
    source.write_bytes(b"".join(dumps(person) + b"\n" for person in chats(CARS, 1)))
    call = ["evaluate", "run", str(rows), str(seeds), "--json"]
    assert json.loads(CliRunner().invoke(app, call).stdout)["drift"] is None
    call += ["--source", str(source), "--embeddings", str(model)]
    said = json.loads(CliRunner().invoke(app, call).stdout)["drift"]["roles"]["user"]
    assert said["source"] == 80 and said["verdict"] == "INCONCLUSIVE" and said["value"] is None
    wrong = CliRunner().invoke(app, [*call[:-1], str(tmp_path / "nothing")])
    assert wrong.exit_code == 2 and "UNCASE_EMBEDDINGS" in wrong.stdout
