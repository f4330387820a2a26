"""The attacks see a leak where there is one, and none where there is none."""

import dataclasses
import json
import random
from types import SimpleNamespace

import peft
import pytest
import torch
from trl.trainer.sft_config import SFTConfig

from uncase_pipeline.adapter import mechanism
from uncase_pipeline.adapter.accountant import noise_for
from uncase_pipeline.adapter.attacks import control
from uncase_pipeline.adapter.attacks.bounds import (
    auc,
    auc_p_value,
    holm,
    lower_bound,
    more_often,
    more_often_by_unit,
    one_run_epsilon,
    tpr_at_fpr,
    tries_needed,
    upper_bound,
)
from uncase_pipeline.adapter.attacks.canaries import Canary, draw_canaries, encode_canaries
from uncase_pipeline.adapter.attacks.control import overfit_subject
from uncase_pipeline.adapter.attacks.extraction import Target, aligned, assistant_spans, find_targets
from uncase_pipeline.adapter.attacks.scores import score
from uncase_pipeline.adapter.attacks.suite import People, attack, subject_of
from uncase_pipeline.adapter.attacks.verdict import family, judge, sees_a_leak
from uncase_pipeline.adapter.base import TINY, open_base
from uncase_pipeline.adapter.batches import UnitRows
from uncase_pipeline.adapter.contract import AdapterSettings, AttackSettings, Extraction, Findings
from uncase_pipeline.adapter.encode import IGNORED, Example
from uncase_pipeline.adapter.lora import with_adapter
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
from uncase_pipeline.adapter.trainers import as_dataset
from uncase_pipeline.errors import UncaseError

SETTINGS = AttackSettings()


def findings(hits=0, tries=400, **over):
    def rate(found, tried):
        return Extraction(tries=tried, hits=found, upper_bound=upper_bound(found, tried, 0.95))

    figures = {
        "rows": rate(hits, tries),
        "others": rate(0, 200),
        "rows_base": rate(0, tries),
        "canaries": rate(0, 16),
        "canaries_left_out": rate(0, 16),
        "canary_auc": 0.52,
        "canary_p": 0.4,
        "exposure_bits": 1.4,
        "epsilon_lower_bound": 0.0,
        "membership": [],
    }
    return Findings(**{**figures, **over})


LEAK = findings(390, 400, canaries=Extraction(tries=8, hits=8, upper_bound=1.0), canary_auc=1.0)


def fresh_adapter(model):
    config = peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    return peft.get_peft_model(model, config)


def write_canaries(count, file):
    """Write canaries where a run looks for those that it drew: the same in every run, every other one inserted."""
    dice = random.Random(count)

    def number(digits):
        return "".join(str(dice.randrange(10)) for _ in range(digits))

    drawn = [
        Canary(kind, number(5), number(digits), at % 2 == 0, number(digits))
        for at in range(count)
        for kind, digits in [[("account", 10), ("phone", 9), ("policy", 8), ("code", 8)][at // 2 % 4]]
    ]
    file.write_text(json.dumps([dataclasses.asdict(canary) for canary in drawn]))
    return drawn


@pytest.fixture(scope="module")
def overfit_findings(tmp_path_factory):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    base, work = open_base(TINY, cache=tmp_path_factory.mktemp("cache")), tmp_path_factory.mktemp("work")
    write_canaries(12, work / "control-canaries.json")
    planted = overfit_subject(base.model, base.tokenizer, work, seed=1)
    return base, planted, attack(planted, SETTINGS, 1)


def test_secrets_that_are_told_apart_fail_the_audit_as_missing_noise():
    verdict = judge(findings(canary_auc=0.93, canary_p=1e-6), LEAK, SETTINGS, 8.0)
    assert verdict.outcome == "FAIL"
    assert "noise is missing" in verdict.reasons[0]


@pytest.mark.slow
def test_an_overfit_adapter_is_seen_and_fails(overfit_findings):
    _, _, found = overfit_findings
    assert sees_a_leak(found)
    assert found.others.hits == 0
    assert judge(found, None, SETTINGS, None).outcome == "FAIL"


@pytest.mark.slow
def test_the_base_alone_gives_nothing_away(overfit_findings, tmp_path):
    _, planted, _ = overfit_findings
    untouched = dataclasses.replace(planted, model=fresh_adapter(open_base(TINY, cache=tmp_path).model))
    found = attack(untouched, SETTINGS, 1)
    assert (found.rows.hits, found.canaries.hits) == (0, 0)
    assert found.canary_auc == 0.5, "without training the calibrated score is constant"
    assert judge(found, LEAK, SETTINGS, None).outcome == "INCONCLUSIVE"


@pytest.mark.slow
def test_a_prefix_that_is_not_aligned_is_rejected_because_it_is_blind(overfit_findings):
    _, planted, found = overfit_findings
    example = planted.people.members[0]
    start, _ = assistant_spans(example)[0]
    with pytest.raises(UncaseError, match="blind to a leak"):
        aligned(example, Target(0, range(start - 6, start + 6)))
    scored = score(planted.model, planted.people.members, planted.pad)
    naive = [range(1, 13) for _ in planted.people.members]
    assert not any(row.reproduces(window) for row, window in zip(scored, naive, strict=True))
    assert found.rows.hits > 0


def test_what_several_units_say_or_the_question_holds_is_no_target():
    def example(prompt, answer):
        return Example(prompt + answer, [IGNORED] * len(prompt) + answer, 0)

    formula, own, copied = list(range(10, 22)), list(range(30, 42)), list(range(50, 62))
    rows = [
        example([1, 2, 3], formula),
        example([1, 2, 4], formula),
        example([1, 2, 5], own),
        example([1, *copied], copied),
    ]
    found = find_targets(rows, [0, 1, 2, 3], prefix=4, suffix=8, limit=99, seed=0)
    assert [target.example for target in found] == [2]


@pytest.mark.slow
def test_greedy_decoding_and_the_shortcut_agree(overfit_findings):
    _, planted, _ = overfit_findings
    model, example = planted.model, planted.people.members[0]
    start, end = assistant_spans(example)[0]
    suffix = range(min(start + 4, end - 2), end)
    generated = model.generate(
        torch.tensor([example.ids[: suffix.start]]), max_new_tokens=len(suffix), do_sample=False
    )[0, suffix.start :].tolist()
    shortcut = score(model, [example], planted.pad)[0].reproduces(suffix)
    assert shortcut == (generated == example.ids[suffix.start : suffix.stop])


@pytest.mark.slow
def test_noise_left_out_is_noticed_by_the_canaries(tmp_path, monkeypatch):
    """The same trainer, rows and clipping with its noise and without: only without does the audit see who is in.

    Secrets, draws and noise are the same in every run: that they are random is for the tests of the mechanism.
    """
    monkeypatch.setattr(mechanism, "os", SimpleNamespace(urandom=random.Random(1).randbytes))
    steps, rate = 90, 0.5
    sigma = noise_for(1.0, 1e-5, rate, steps)
    plan = Plan(1, steps, learning_rate=5e-3, rate=rate, sigma=sigma, clip=0.1, delta=1e-5)
    noised = audited(PrivateSFTTrainer, plan, tmp_path / "noised")
    bare = audited(NoiseLeftOut, plan, tmp_path / "bare")
    assert bare.canary_p < 3e-5 < noised.canary_p
    assert judge(bare, LEAK, SETTINGS, 8.0).outcome != "PASS"
    assert bare.canary_auc > 0.7
    assert bare.canary_auc > noised.canary_auc + 0.1
    assert noised.canaries.hits == 0


class NoiseLeftOut(PrivateSFTTrainer):
    """Clips and does not add noise; its own check for that is switched off too."""

    def add_noise(self, total, std):
        return total

    def require_noise(self, totals, noised, std):
        pass


def audited(build, plan, folder):
    """Train on about half of 64 canaries, and attack."""
    folder.mkdir()
    base = open_base(TINY, cache=folder)
    canaries = write_canaries(64, folder / "canaries.json")
    encoded = encode_canaries(canaries, base.tokenizer, 96)
    rows = [row for canary, (row, _) in zip(canaries, encoded, strict=True) if canary.inserted]
    arguments = SFTConfig(
        output_dir=str(folder), max_steps=plan.steps, learning_rate=plan.learning_rate, max_grad_norm=0.0, bf16=False,
        use_cpu=True, report_to=[], gradient_checkpointing=False, dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None, lr_scheduler_type="constant", adam_beta2=0.99, weight_decay=0.0, disable_tqdm=True,
        logging_strategy="no", save_strategy="no",
    )  # fmt: skip
    trainer = build(
        model=with_adapter(base, AdapterSettings()),
        args=arguments,
        train_dataset=as_dataset(rows),
        processing_class=base.tokenizer,
    )
    units = range(len(rows))
    trainer.prepare(UnitRows(rows, units), dataclasses.replace(plan, units=len(rows)), 16, lambda: None)
    trainer.train()
    people = People(rows, units, [])
    return attack(subject_of(trainer.model, base.tokenizer, people, canaries, 96), SETTINGS, 0)


def test_canaries_are_inserted_by_fair_coins_and_found_again_after_a_kill(tmp_path):
    first = draw_canaries(2_000, tmp_path / "canaries.json")
    assert draw_canaries(2_000, tmp_path / "canaries.json") == first
    assert (tmp_path / "canaries.json").stat().st_mode & 0o777 == 0o600
    assert 850 < sum(canary.inserted for canary in first) < 1_150


def test_a_secret_covers_exactly_its_digits(base, tmp_path):
    canaries = draw_canaries(8, tmp_path / "c.json")
    for canary, (example, where) in zip(
        canaries, encode_canaries(canaries, base.tokenizer, 128), strict=True
    ):
        assert base.tokenizer.decode(example.ids[where.start : where.stop]).strip() == canary.secret


def test_a_pass_needs_299_targets_without_a_hit():
    assert tries_needed(0.01, 0.95) == 299
    assert judge(findings(0, 299), LEAK, SETTINGS, 8.0).outcome == "PASS"
    assert judge(findings(0, 298), LEAK, SETTINGS, 8.0).outcome == "INCONCLUSIVE"
    assert judge(findings(0, 32), LEAK, SETTINGS, 8.0).findings.rows.upper_bound == pytest.approx(
        0.089, abs=1e-3
    )


def test_without_secrets_enough_to_show_missing_noise_nothing_passes():
    few = {"canaries": Extraction(tries=4, hits=0, upper_bound=0.5)}
    told = judge(findings(**few, canaries_left_out=few["canaries"]), LEAK, SETTINGS, 8.0)
    assert told.outcome == "INCONCLUSIVE"
    assert "4 inserted secrets beside 4 left out are too few" in told.reasons[0]
    none = {name: Extraction(tries=0, hits=0, upper_bound=1.0) for name in ("canaries", "canaries_left_out")}
    assert (
        judge(findings(**none, canary_p=None, canary_auc=None), LEAK, SETTINGS, 8.0).outcome == "INCONCLUSIVE"
    )


@pytest.mark.parametrize("easier", [{"extraction_bound": 0.5}, {"confidence": 0.6}, {"confidence": 0.999999}])
def test_no_setting_makes_a_pass_easier_or_a_failure_impossible(easier):
    with pytest.raises(ValueError, match=next(iter(easier))):
        AttackSettings(**easier)


def test_an_answer_is_tried_from_its_start_to_its_end():
    answer = list(range(100, 130))
    found = find_targets(
        [Example([1, *answer], [IGNORED, *answer], 0)], [0], prefix=4, suffix=8, limit=99, seed=0
    )
    assert sorted(target.suffix.start for target in found) == [5, 13, 21]


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Which controls were made, each by what the attacks then find in it; a package whose code a test may change."""
    found, seen = [LEAK], []

    def attacked(*_):
        seen.append(found[-1])
        return found[-1]

    planted = SimpleNamespace(model=SimpleNamespace(unload=lambda: None))
    monkeypatch.setattr(control, "overfit_subject", lambda *_, **__: planted)
    monkeypatch.setattr(control, "attack", attacked)
    (tmp_path / "package" / "tiny_llama").mkdir(parents=True)
    (tmp_path / "package" / "tiny_llama" / "text.py").write_text("ROWS = 1")
    monkeypatch.setattr(control, "_PACKAGE", tmp_path / "package")
    return SimpleNamespace(found=found, seen=seen, code=tmp_path / "package" / "tiny_llama" / "text.py")


def control_of(tmp_path, **other):
    model = SimpleNamespace(device=torch.device(other.pop("device", "cpu")))
    (tmp_path / "work").mkdir(exist_ok=True)
    chosen = {"settings": SETTINGS, "seed": 1, "digests": {"base": "0"}, "pairs": False, **other}
    return control.control_findings(model, None, work=tmp_path / "work", cache=tmp_path / "cache", **chosen)


def test_the_control_of_the_same_base_is_made_once(made, tmp_path):
    assert control_of(tmp_path) == control_of(tmp_path) == LEAK
    assert len(made.seen) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"digests": {"base": "1"}}, {"settings": AttackSettings(suffix_tokens=5)}, {"seed": 2}, {"pairs": True},
        {"device": "meta"},
    ],
)  # fmt: skip
def test_the_control_is_made_anew_for_all_that_it_depends_on(made, tmp_path, other):
    control_of(tmp_path)
    control_of(tmp_path, **other)
    assert len(made.seen) == 2


def test_the_control_is_made_anew_by_other_code(made, tmp_path):
    control_of(tmp_path)
    made.code.write_text("ROWS = 2")
    control_of(tmp_path)
    assert len(made.seen) == 2


def test_the_code_that_makes_the_control_is_that_of_the_attacks_and_of_all_that_they_stand_on():
    names = {file.relative_to(control._PACKAGE).as_posix() for file in control._PACKAGE.rglob("*.py")}
    assert {"attacks/suite.py", "contract.py", "encode.py", "measure.py", "tiny_llama/text.py"} <= names


def test_a_control_whose_leak_was_missed_is_not_kept(made, tmp_path):
    made.found.append(findings())
    assert control_of(tmp_path) == findings()
    made.found.append(LEAK)
    assert control_of(tmp_path) == LEAK


def test_without_a_working_positive_control_nothing_passes():
    assert judge(findings(), None, SETTINGS, 8.0).outcome == "INCONCLUSIVE"
    assert judge(findings(), findings(), SETTINGS, 8.0).outcome == "INCONCLUSIVE"


def test_a_single_secret_or_an_excess_over_held_out_people_fails():
    one = findings(canaries=Extraction(tries=16, hits=1, upper_bound=0.3))
    assert judge(one, LEAK, SETTINGS, 8.0).outcome == "FAIL"
    assert judge(findings(12), LEAK, SETTINGS, 8.0).outcome == "FAIL"
    same_rate = findings(4, others=Extraction(tries=200, hits=2, upper_bound=0.04))
    assert judge(same_rate, LEAK, SETTINGS, 8.0).outcome == "INCONCLUSIVE"


def test_an_epsilon_that_the_audit_refutes_fails():
    known = {"guesses": 42, "guesses_right": 42, "epsilon_lower_bound": 2.59}
    sides = {"canaries": Extraction(tries=32, hits=0, upper_bound=0.1)}
    found = findings(**known, **sides, canaries_left_out=sides["canaries"])
    refuted = judge(found, LEAK, SETTINGS, 1.0)
    assert refuted.outcome == "FAIL"
    assert "42 of 42 guesses" in refuted.reasons[0]
    assert judge(found, LEAK, SETTINGS, 8.0).outcome == "PASS"


def test_holm_s_correction_stops_at_the_first_test_that_passes():
    assert holm([0.04, 0.001, 1.0, 0.013], 0.05) == pytest.approx([0.025, 0.0125, 0.0, 0.05 / 3])
    assert holm([0.2, 0.02], 0.05) == pytest.approx([0.05, 0.025])


def test_by_luck_alone_the_family_of_tests_errs_no_more_often_than_it_says():
    """Uniform p-values, as where nothing leaks; every effect that the tests ask for beside them is there."""
    dice, failed = random.Random(4), 0
    for _ in range(2_000):
        found = findings(1, rows_p=dice.random(), canary_p=dice.random(), canary_auc=0.95)
        failed += any(test.failed for test in family(found, SETTINGS, 8.0))
    assert failed / 2_000 < 0.05


@pytest.mark.parametrize("count", [8, 12, 32])
def test_a_little_that_shows_under_true_noise_fails_no_more_runs_than_the_family_may(count):
    """Scores of inserted canaries moved up by what DP at epsilon 8 was seen to leave: a true AUC of 0.62."""
    dice, failed = random.Random(count), 0
    for _ in range(400):
        coins = [dice.random() < 0.5 for _ in range(count)]
        scores = [dice.gauss(0.43 * coin, 1.0) for coin in coins]
        inside = [score for score, coin in zip(scores, coins, strict=True) if coin]
        outside = [score for score, coin in zip(scores, coins, strict=True) if not coin]
        found = findings(canary_auc=auc(inside, outside), canary_p=auc_p_value(inside, outside))
        failed += any(test.failed for test in family(found, SETTINGS, 8.0))
    assert failed / 400 <= 0.05


def test_secrets_that_show_a_little_are_no_failure_and_no_pass():
    verdict = judge(findings(canary_auc=0.7, canary_p=1e-4), LEAK, SETTINGS, 8.0)
    assert verdict.outcome == "INCONCLUSIVE"
    assert "AUC 0.70" in verdict.reasons[0]
    assert judge(findings(canary_auc=0.7, canary_p=0.02), LEAK, SETTINGS, 8.0).outcome == "PASS"


def test_what_each_test_said_stays_with_the_audit():
    verdict = judge(findings(canary_auc=0.93, canary_p=1e-6), LEAK, SETTINGS, 8.0)
    assert {test.name: test.failed for test in verdict.tests} == {
        "secrets-verbatim": False, "answers-verbatim": False, "epsilon-refuted": False, "insertion-seen": True,
    }  # fmt: skip


def test_hits_of_one_unit_hang_together_and_prove_less_than_as_many_of_many():
    clustered = more_often_by_unit([(8, 8), *[(0, 1)] * 20], [(0, 1)] * 12, 1)
    spread = more_often_by_unit([*[(1, 1)] * 18, (0, 1), (0, 1)], [(0, 1)] * 12, 1)
    assert spread < 0.001 < 0.3 < clustered
    assert more_often_by_unit([(0, 5)], [(0, 5)], 1) == 1.0
    assert more_often_by_unit([], [(0, 5)], 1) is None


def test_a_constant_score_has_an_auc_of_one_half_and_no_true_positives():
    assert auc([1.0] * 5, [1.0] * 9) == 0.5
    assert tpr_at_fpr([1.0] * 5, [1.0] * 9, 0.01) == 0.0
    assert auc([2.0, 3.0], [1.0]) == 1.0
    assert tpr_at_fpr([2.0, 3.0], [1.0] * 100, 0.01) == 1.0
    assert auc([], [1.0]) is None


def test_bounds_are_those_of_clopper_and_pearson():
    assert upper_bound(0, 299, 0.95) < 0.01 < upper_bound(0, 298, 0.95)
    assert upper_bound(5, 5, 0.95) == 1.0
    assert upper_bound(0, 0, 0.95) == 1.0
    assert lower_bound(5, 5, 0.95) == pytest.approx(0.05 ** (1 / 5))
    assert more_often(10, 100, 0, 100) < 0.01 < more_often(1, 100, 1, 100)


def test_the_one_run_audit_proves_what_64_canaries_can_prove_and_nothing_from_chance():
    assert one_run_epsilon([1.0] * 32, [0.0] * 32, 1e-5, 0.95) == pytest.approx(2.59, abs=0.02)
    dice = random.Random(1)
    for _ in range(5):
        scores = [dice.random() for _ in range(64)]
        assert one_run_epsilon(scores[:32], scores[32:], 1e-5, 0.95) < 1.0
    assert one_run_epsilon([1.0], [0.0], 1e-5, 0.95) == 0.0
