from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.records.native import loads
from uncase_pipeline.seeds.library import curated
from uncase_pipeline_tests.synthetic.builders import seed

RUNNER = CliRunner()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    file = tmp_path / "seeds.jsonl"
    file.write_text("\n".join(one.model_dump_json() for one in curated("legal.advisory")[:2]))
    return file


def test_conversations_are_written_one_a_line(house, seeds: Path, tmp_path: Path):
    out = tmp_path / "out.jsonl"
    result = RUNNER.invoke(app, ["generate", str(seeds), "-o", str(out), "--count", "3", "--json"])
    assert result.exit_code == 0, result.output
    document = orjson.loads(result.stdout)
    assert (document["requested"], document["written"], document["set_aside"]) == (3, 3, {})
    rows = [loads(line) for line in out.read_bytes().splitlines()]
    assert len(rows) == 3
    assert {row.seed_id for row in rows} == {one.seed_id for one in curated("legal.advisory")[:2]}
    assert all(row.metadata["generation"]["simulator"] for row in rows)


def test_where_nothing_could_be_made_the_answer_is_no(house, tmp_path: Path):
    file = tmp_path / "seeds.json"
    file.write_bytes(orjson.dumps(seed(language="fr").model_dump(mode="json")))
    out = tmp_path / "out.jsonl"
    result = RUNNER.invoke(app, ["generate", str(file), "-o", str(out), "--count", "2", "--json"])
    assert result.exit_code == 1, result.output
    assert orjson.loads(result.stdout)["set_aside"] == {"unsupported-language": 2}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.jsonl", "-o", "o.jsonl"], "missing.jsonl"),
        (["empty.jsonl", "-o", "o.jsonl"], "seed"),
        (["seeds.jsonl", "-o", "nowhere/o.jsonl"], "nowhere"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_2(
    house, seeds: Path, tmp_path: Path, arguments: list[str], told: str
):
    (tmp_path / "empty.jsonl").write_text("")
    result = RUNNER.invoke(app, ["generate", *arguments])
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert not (tmp_path / "o.jsonl").exists()


def test_what_fails_certification_is_made_anew_with_the_reasons(house, tmp_path: Path):
    strict = curated("legal.advisory")[0].model_copy(update={"thresholds": {"rouge_l": 1.01}})
    file, out = tmp_path / "seeds.jsonl", tmp_path / "out.jsonl"
    file.write_text(strict.model_dump_json())
    arguments = ["generate", str(file), "-o", str(out), "--count", "1", "--rework", "2", "--json"]
    result = RUNNER.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert orjson.loads(result.stdout)["reworked"] == 1
    assert loads(out.read_bytes().splitlines()[0]).metadata["generation"]["round"] == 2
