import json
from pathlib import Path

import orjson
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.records.native import dumps
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.certified.examples import dialogue, seed_of, with_turn

RUN = CliRunner()


def files(folder: Path) -> tuple[str, str]:
    rows = [
        dialogue(),
        dialogue(),
        with_turn(dialogue(), 1, "Cuesta 990000 pesos."),
        dialogue(seed_id="nobody"),
    ]
    conversations, seeds = folder / "rows.jsonl", folder / "seeds.jsonl"
    conversations.write_bytes(b"".join(dumps(row) + b"\n" for row in rows))
    seeds.write_bytes(orjson.dumps(seed_of(dialogue()).model_dump(by_alias=True)) + b"\n")
    return str(conversations), str(seeds)


def test_evaluate_run_reports_every_row_with_every_metric(house: Settings, tmp_path: Path) -> None:
    result = RUN.invoke(app, ["evaluate", "run", *files(tmp_path), "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 1 and document["rows_in"] == 4
    assert [row["passed"] for row in document["rows"]] == [True, False, False, False]
    copy, wrong, lost = (row["reasons"] for row in document["rows"][1:])
    assert copy == ["near-duplicate"] and "fidelity" in wrong and lost == ["no-seed"]
    assert set(document["rows"][0]["metrics"]) == {
        "rouge_l", "rouge_l_surface", "fidelity", "diversity", "coherence", "tool_validity", "privacy",
        "memorization", "judge", "judge_hallucination", "judge_coherence", "judge_relevance",
    }  # fmt: skip
    assert document["not_measured"] == ["memorization"]


def test_evaluate_run_measures_memorization_where_there_is_a_source(house: Settings, tmp_path: Path) -> None:
    rows, seeds = files(tmp_path)
    document = json.loads(
        RUN.invoke(app, ["evaluate", "run", rows, seeds, "--source", rows, "--json"]).stdout
    )
    assert document["not_measured"] == [] and "memorization" in document["rows"][0]["reasons"]


def test_bad_input_is_one_sentence_and_exit_2(house: Settings, tmp_path: Path) -> None:
    _, seeds = files(tmp_path)
    for arguments in (["evaluate", "run", "nothing.jsonl", seeds], ["verify", "nothing.json", seeds]):
        result = RUN.invoke(app, [*arguments, "--json"])
        assert result.exit_code == 2 and "error" in json.loads(result.stdout)
