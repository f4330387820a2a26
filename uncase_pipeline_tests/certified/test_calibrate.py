"""Agreement of the judge with people: kappa by hand, and the command on loopback."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from uncase_pipeline.certified.judge.ask import Judgment
from uncase_pipeline.certified.judge.calibrate import Label, calibrated
from uncase_pipeline.certified.judge.kappa import counted, interval, kappa, plain, quadratic
from uncase_pipeline.cli.app import app
from uncase_pipeline.records.native import to_wire
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline_tests.certified.examples import dialogue, seed_of
from uncase_pipeline_tests.certified.judges import MODEL, Body, judge_that, judging, steady

RUN = CliRunner()


def test_plain_kappa_is_that_of_the_formula_by_hand() -> None:
    # 50 rows: both yes 20, both no 15; p_o = 0.7, p_e = 0.5*0.6 + 0.5*0.4 = 0.5, kappa = 0.2 / 0.5
    assert kappa(np.array([[20.0, 5.0], [10.0, 15.0]]), plain(2)) == pytest.approx(0.4)


def test_quadratic_kappa_is_that_of_the_formula_by_hand() -> None:
    # weights 0, 1/4, 1: sum(v p_o) = 4 * 1/4 / 10 = 0.1; both margins are 4, 3, 3 of 10:
    # sum(v p_e) = (1/4 * (12 + 12 + 9 + 9) + 1 * (12 + 12)) / 100 = 0.345
    table = np.array([[3.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    assert kappa(table, quadratic(3)) == pytest.approx(1 - 0.1 / 0.345)


def test_two_categories_have_one_kappa_however_they_are_weighted() -> None:
    table = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert kappa(table, plain(2)) == pytest.approx(kappa(table, quadratic(2)))


def test_agreement_by_chance_is_nought_and_opposition_is_below() -> None:
    assert kappa(np.full((2, 2), 5.0), plain(2)) == pytest.approx(0.0)
    assert kappa(np.array([[0.0, 5.0], [5.0, 0.0]]), plain(2)) == pytest.approx(-1.0)


def test_where_everybody_always_says_the_same_there_is_no_kappa() -> None:
    table = counted([(1, 1)] * 60, 2)
    assert kappa(table, plain(2)) is None and interval(table, plain(2), 1) is None


def test_the_interval_comes_from_the_recorded_seed_and_holds_the_figure() -> None:
    table = np.array([[40.0, 10.0], [20.0, 30.0]])
    low, high = interval(table, plain(2), 7) or (0.0, 0.0)
    assert (low, high) == interval(table, plain(2), 7) != interval(table, plain(2), 8)
    # 0.4 with the large-sample standard error sqrt(p_o q_o / N) / (1 - p_e) = 0.0917 (Cohen 1960, formula 8)
    assert low == pytest.approx(0.4 - 1.96 * 0.0917, abs=0.03)
    assert high == pytest.approx(0.4 + 1.96 * 0.0917, abs=0.03)


def figures(pairs: Sequence[tuple[int, float | None]], scale: Any = "points", **more: Any) -> dict[str, Any]:
    row = dialogue()
    labels = [Label(row, seed_of(row), scale, category) for category, _ in pairs]
    judgments = [Judgment(value, "", "" if value is not None else "judge-bad-json") for _, value in pairs]
    return calibrated(labels, judgments, passes_at=more.get("passes_at"), seed=11)


def test_a_judge_that_says_what_people_say_passes() -> None:
    found = figures([(points, points / 4) for points in range(5)] * 12)
    assert (found["verdict"], found["kappa"]["value"], found["kappa_quadratic"]["value"]) == (
        "PASS",
        1.0,
        1.0,
    )
    assert found["bootstrap"]["seed"] == 11


def test_an_aspect_is_calibrated_by_its_own_points_and_not_by_the_rubric() -> None:
    rows = [at % 5 for at in range(60)]
    labels = [Label(dialogue(), seed_of(dialogue()), "points", category) for category in rows]
    said = [
        Judgment(0.5, "", disagreement=0.0, points={"relevance": row + 1, "coherence": 5 - row})
        for row in rows
    ]
    verdicts = {
        aspect: calibrated(labels, said, passes_at=None, seed=1, aspect=aspect)["verdict"]
        for aspect in ("relevance", "coherence", None)
    }
    assert verdicts == {"relevance": "PASS", "coherence": "FAIL", None: "FAIL"}


def test_a_judge_that_says_the_opposite_fails() -> None:
    assert figures([(points, 1 - points / 4) for points in range(5)] * 12)["verdict"] == "FAIL"


def test_fewer_than_fifty_labels_are_inconclusive_however_good_the_judge() -> None:
    pairs = [(points, points / 4) for points in range(5)] * 10
    assert figures(pairs)["verdict"] == "PASS"
    assert figures(pairs[:-1])["verdict"] == "INCONCLUSIVE"


def test_rows_without_an_answer_are_counted_and_are_no_middle_score() -> None:
    pairs: list[tuple[int, float | None]] = [(points, points / 4) for points in range(5)] * 10
    found = figures([*pairs, *[(0, None)] * 10])
    assert (found["labels"], found["judged"], found["kappa"]["value"]) == (60, 50, 1.0)
    assert found["not_judged"] == {"judge-bad-json": 10}
    assert figures([*pairs[:45], *[(0, None)] * 10])["verdict"] == "INCONCLUSIVE"


def test_a_judge_that_never_varies_is_inconclusive() -> None:
    assert figures([(0, 0.5), (0, 0.5)] * 30, "pass-fail")["kappa"]["value"] == 0.0
    assert figures([(1, 0.5)] * 60, "pass-fail")["verdict"] == "INCONCLUSIVE"


def test_three_of_five_is_a_pass_where_no_threshold_is_set() -> None:
    pairs = [(1, 0.5), (0, 0.49)] * 30
    assert figures(pairs, "pass-fail")["agreement"] == 1.0
    assert figures(pairs, "pass-fail", passes_at=0.6)["agreement"] == 0.5


def write_labels(folder: Path, labels: Sequence[object]) -> str:
    path = folder / "labels.jsonl"
    seed = seed_of(dialogue()).model_dump(by_alias=True)
    rows = [
        {"conversation": to_wire(dialogue(200_000 + 10 * number)), "seed": seed, "label": label}
        for number, label in enumerate(labels)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def by_the_price(body: Body) -> str:
    """Rate the rows 1, 2, 3, 4, 5, 1, 2 … by their place in the file, which their price says."""
    said = next(text for text in body["messages"][1]["content"].split() if text.startswith("200"))
    return steady(int(said) // 10 % 5 + 1)(body)


@pytest.mark.parametrize(
    ("labels", "verdict", "code"),
    [
        ([number % 5 + 1 for number in range(50)], "PASS", 0),
        ([number % 5 + 1 for number in range(10)], "INCONCLUSIVE", 1),
        (["pass" if number % 5 >= 2 else "fail" for number in range(10)], "INCONCLUSIVE", 1),
    ],
)
def test_calibrate_answers_with_kappa_and_a_plain_verdict(
    house: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    labels: list[object],
    verdict: str,
    code: int,
) -> None:
    with judging(house, judge_that(by_the_price)) as config:
        monkeypatch.setenv("UNCASE_API_BASE", str(config.api_base))
        settings.cache_clear()
        path = write_labels(tmp_path, labels)
        result = RUN.invoke(app, ["evaluate", "calibrate", path, "--judge", MODEL, "--json"])
    document = json.loads(result.stdout)
    assert (document["verdict"], result.exit_code) == (verdict, code), document
    assert (
        document["agreement"] == 1.0
        and document["judged"] == len(labels)
        and document["judge"]["model"] == MODEL
    )


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ([3, "six"], "bad-label"),
        ([6], "bad-label"),
        ([True], "bad-label"),
        ([2.5], "bad-label"),
        ([3, "pass"], "mixed-labels"),
        ([], "no-labels"),
    ],
)
def test_a_label_that_is_none_is_one_sentence_and_exit_2(
    house: Settings, tmp_path: Path, labels: list[object], code: str
) -> None:
    path = write_labels(tmp_path, labels)
    result = RUN.invoke(app, ["evaluate", "calibrate", path, "--judge", MODEL, "--json"])
    assert result.exit_code == 2 and json.loads(result.stdout)["error"]["code"] == code


def test_calibrate_without_a_judge_says_how_to_name_one(house: Settings, tmp_path: Path) -> None:
    result = RUN.invoke(app, ["evaluate", "calibrate", write_labels(tmp_path, [3]), "--json"])
    assert result.exit_code == 2 and json.loads(result.stdout)["error"]["code"] == "judge-is-off"
