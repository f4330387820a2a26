"""A file beside the exports says how they are read: per folder and per pattern, nearest first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.folder_rules import FILE, ruled
from uncase_pipeline.raw.reader import walk
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.raw.conftest import OPTIONS

CHAT = "3/4/24, 9:05 - Ana: hola\n3/4/24, 12:06 - Luis: buenas\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "automotive.sales" / "norte"
    inner.mkdir(parents=True)
    return inner


def test_an_inner_rule_goes_before_an_outer_and_a_pattern_before_its_folder(folder: Path):
    (folder.parent / FILE).write_text('format = "whatsapp"\nlocale = "es_MX"\ngap_minutes = 60\n')
    (folder / FILE).write_text(
        'locale = "en_US"\nassistant_names = ["Luis"]\n[files."*.csv"]\nformat = "csv"\n'
    )
    options = ruled(folder / "a.txt", OPTIONS)
    assert (options.format, options.locale, options.locale_chosen) == ("whatsapp", "en_US", True)
    assert (options.gap_seconds, options.assistant_names) == (3600, ("Luis",))
    assert ruled(folder / "a.csv", OPTIONS).format == "csv"
    assert ruled(folder.parent / "a.txt", OPTIONS).locale == "es_MX"


def test_rules_outside_the_domain_s_folder_do_not_reach_in(folder: Path):
    (folder.parent.parent / FILE).write_text('format = "csv"\n')
    assert ruled(folder / "a.txt", OPTIONS) == OPTIONS


def test_the_rules_are_no_export(folder: Path):
    (folder / FILE).write_text('format = "csv"\n')
    (folder / "a.txt").write_text(CHAT)
    assert [path.name for path in walk(folder) if isinstance(path, Path)] == ["a.txt"]


@pytest.mark.parametrize(
    "content",
    [
        "format = ",
        'fromat = "csv"',
        '"norte" = "csv"',
        "format = 3",
        "gap_minutes = 0",
        "gap_minutes = true",
        "files = 3",
    ],
)
def test_a_rule_that_can_not_be_followed_stops_the_import(folder: Path, content: str):
    (folder / FILE).write_text(content)
    with pytest.raises(UncaseError) as caught:
        ruled(folder / "a.txt", OPTIONS)
    assert caught.value.code == "bad-import-rules"
    assert "norte" not in str(caught.value)


def test_the_commands_follow_the_rules_and_a_flag_goes_before_them(folder: Path, house: Settings):
    (folder / FILE).write_text('gap_minutes = 60\nlocale = "en_US"\n')
    (folder / "a.txt").write_text(CHAT)

    def items(*flags: str):
        done = CliRunner().invoke(app, ["import", str(folder), "--json", *flags])
        return json.loads(done.stdout)["items"]

    assert len(items()) == 2
    assert items()[0]["messages"][0]["timestamp"] == "2024-03-04T09:05:00"
    assert items("--locale", "es_MX")[0]["messages"][0]["timestamp"] == "2024-04-03T09:05:00"


def test_a_format_that_was_asked_for_stays_without_rules(folder: Path):
    asked = replace(OPTIONS, format="csv")
    assert ruled(folder / "a.txt", asked) == asked
