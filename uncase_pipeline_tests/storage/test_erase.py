"""A person who asks to be erased is gone from every version, and a new import does not bring them back."""

from pathlib import Path
from typing import Any

import pytest

from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches, to_batches
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage import erase
from uncase_pipeline.storage.books import Books, read_tally
from uncase_pipeline.storage.erase import erase_subject, erased_subjects, remember_erasure
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation

DOMAIN = "automotive.sales"
ANA = conversation("u: soy Ana", subject_id="subj_ana")
LUIS = conversation("u: soy Luis", subject_id="subj_luis")
UNKNOWN = conversation("u: hola", subject_id=None)


def publish(lake: Lake, asset: str, name: str = "conversations.parquet") -> None:
    with lake.stage(asset, DOMAIN) as stage:
        with Books.kept(stage) as books, stage.writer(name, CONVERSATIONS) as writer:
            books.tally.rows_in = 4
            books.set_aside(Rejection("bad-json", "file:1"))
            for batch in to_batches([ANA, LUIS, UNKNOWN]):
                writer.write_batch(batch)
                books.tally.rows_out += batch.num_rows
        stage.publish()


def stored(lake: Lake, asset: str, name: str = "conversations.parquet") -> list[str | None]:
    version = lake.require(asset, DOMAIN)
    return [row.subject_id for row in from_batches(version.batches(name))]


def test_the_person_s_rows_go_and_everybody_else_s_stay(lake: Lake) -> None:
    publish(lake, "raw_conversations", "conversations.vault.parquet")
    publish(lake, "anonymized_conversations")
    done = list(erase_subject(lake, DOMAIN, "subj_ana"))
    assert [(item.asset, item.rows) for item in done] == [
        ("raw_conversations", 1),
        ("anonymized_conversations", 1),
    ]
    assert stored(lake, "raw_conversations", "conversations.vault.parquet") == ["subj_luis", None]
    assert stored(lake, "anonymized_conversations") == ["subj_luis", None]


def publish_group(lake: Lake) -> None:
    """Raw names all customers of the group, the masked copy none of them."""
    group = conversation("u: soy de un grupo", subject_id="subj_group")
    masked = conversation("u: soy de un grupo", subject_id="subj_group")
    group.metadata["subject_ids"] = ["subj_rita", "subj_rosa"]
    for asset, row in (("raw_conversations", group), ("anonymized_conversations", masked)):
        with lake.stage(asset, DOMAIN) as stage:
            with Books.kept(stage) as books, stage.writer("conversations.parquet", CONVERSATIONS) as writer:
                for batch in to_batches([ANA, row]):
                    writer.write_batch(batch)
                books.tally.rows_in = books.tally.rows_out = 2
            stage.publish()


@pytest.mark.parametrize("done_before", [0, 1])
def test_an_erasure_that_was_killed_is_finished_by_the_next(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, done_before: int
) -> None:
    publish_group(lake)
    publish(lake, "seeds")
    rewritten: list[str] = []
    rewrite = erase._rewrite

    def killed(lake: Lake, asset: str, *more: Any) -> None:
        if len(rewritten) == done_before:
            raise KeyboardInterrupt
        rewritten.append(asset)
        rewrite(lake, asset, *more)

    with monkeypatch.context() as patch:
        patch.setattr(erase, "_rewrite", killed)
        with pytest.raises(KeyboardInterrupt):
            list(erase_subject(lake, DOMAIN, "subj_rosa"))
    list(erase_subject(lake, DOMAIN, "subj_rosa"))
    assert stored(lake, "raw_conversations") == stored(lake, "anonymized_conversations") == ["subj_ana"]
    assert lake.current("seeds", DOMAIN) is None


def test_one_customer_of_a_group_takes_its_conversations_along(lake: Lake) -> None:
    publish_group(lake)
    done = list(erase_subject(lake, DOMAIN, "subj_rosa"))
    assert [(item.asset, item.rows) for item in done] == [
        ("raw_conversations", 1),
        ("anonymized_conversations", 1),
    ]
    assert stored(lake, "anonymized_conversations") == ["subj_ana"]


def test_the_books_still_balance_and_name_the_erasure(lake: Lake) -> None:
    publish(lake, "anonymized_conversations")
    list(erase_subject(lake, DOMAIN, "subj_ana"))
    tally = read_tally(lake.require("anonymized_conversations", DOMAIN))
    assert tally.balances
    assert tally.rejected == {"bad-json": 1, "erased": 1}
    assert tally.rows_out == 2


def test_older_versions_go_too(lake: Lake, tmp_path: Path) -> None:
    publish(lake, "anonymized_conversations")
    list(erase_subject(lake, DOMAIN, "subj_ana"))
    files = (tmp_path / "lake").rglob("conversations.parquet")
    assert len(list(files)) == 1


def test_what_was_derived_from_the_person_is_withdrawn(lake: Lake) -> None:
    for asset in ("raw_conversations", "seeds", "lora_adapter"):
        publish(lake, asset)
    done = list(erase_subject(lake, DOMAIN, "subj_ana"))
    assert [item.asset for item in done if item.withdrawn] == ["seeds", "lora_adapter"]
    assert lake.current("seeds", DOMAIN) is None


def test_a_person_nobody_knows_changes_nothing(lake: Lake) -> None:
    publish(lake, "raw_conversations")
    publish(lake, "seeds")
    before = lake.require("raw_conversations", DOMAIN).id
    assert list(erase_subject(lake, DOMAIN, "subj_nobody")) == []
    assert lake.require("raw_conversations", DOMAIN).id == before
    assert lake.current("seeds", DOMAIN) is not None


def test_the_tombstone_is_written_once(house: Settings) -> None:
    assert erased_subjects(house.home) == frozenset()
    remember_erasure(house.home, "subj_ana")
    remember_erasure(house.home, "subj_ana")
    assert erased_subjects(house.home) == {"subj_ana"}
    assert (house.home / "erased_subjects.txt").read_text() == "subj_ana\n"
