"""The inbox in the vault: nothing twice, nothing lost, nothing readable."""

import logging
import shutil
from pathlib import Path

import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.store import ASSET, FILE, store_inbox, without_answer
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.records.subject import subject_id
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.erase import remember_erasure
from uncase_pipeline.storage.lake import Lake, Version

DOMAIN = "automotive.sales"
LOG = logging.getLogger(__name__)
CHAT = "13/3/24, 9:05 - Ana Zanahoria: ¿sigue disponible?\n13/3/24, 9:06 - Tienda Sol: sí\n"
LINES = b'{"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]}\n{"mess\n'


@pytest.fixture
def inbox(house: Settings) -> Path:
    folder = house.inbox / DOMAIN
    folder.mkdir(parents=True)
    return folder


def run(house: Settings, lake: Lake) -> tuple[Version, Tally, dict]:
    with lake.stage(ASSET, DOMAIN) as stage:
        tally, metadata = store_inbox(house, lake, stage, DOMAIN, log=LOG)
        return stage.publish(), tally, metadata


def test_an_empty_inbox_says_what_to_do(house: Settings, lake: Lake):
    with lake.stage(ASSET, DOMAIN) as stage, pytest.raises(UncaseError) as caught:
        store_inbox(house, lake, stage, DOMAIN, log=LOG)
    assert caught.value.code == "inbox-empty"


def test_the_books_balance_and_count_what_was_set_aside(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(CHAT)
    (inbox / "lines.jsonl").write_bytes(LINES)
    version, tally, metadata = run(house, lake)
    assert tally.balances
    assert (tally.rows_in, tally.rows_out, tally.quarantined) == (3, 2, {"bad-json": 1})
    assert metadata["new"] == 2
    assert sorted(version.files) == [FILE, "set_aside.parquet", "tally.json"]


def test_the_same_inbox_again_adds_nothing_and_is_the_same_version(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(CHAT)
    (inbox / "lines.jsonl").write_bytes(LINES)
    first, _, _ = run(house, lake)
    (inbox / "chat.txt").rename(inbox / "renamed.txt")
    second, _, metadata = run(house, lake)
    assert first.id == second.id
    assert (metadata["new"], metadata["known"], metadata["turns_known"]) == (0, 2, 4)


def test_a_chat_that_grew_adds_only_what_is_new(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(CHAT)
    run(house, lake)
    (inbox / "chat (1).txt").write_text(CHAT + "13/3/24, 9:07 - Ana Zanahoria: gracias\n")
    version, tally, metadata = run(house, lake)
    (stored,) = from_batches(version.batches(FILE))
    assert len(stored.messages) == 3
    assert (metadata["grown"], metadata["turns_added"], tally.rows_in) == (1, 1, 1)


def test_what_was_imported_stays_when_its_file_is_gone(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(CHAT)
    run(house, lake)
    (inbox / "chat.txt").unlink()
    _, tally, _ = run(house, lake)
    assert tally.rows_out == 1


def test_the_stored_file_can_not_be_read_without_the_key(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(CHAT)
    version, _, metadata = run(house, lake)
    for name in version.files:
        stored = lake.fs.cat_file(version.path(name))
        assert b"Zanahoria" not in stored
        assert b"disponible" not in stored
    assert "Zanahoria" not in repr(metadata)


def test_a_person_who_was_erased_is_not_brought_back_by_their_export(
    house: Settings, lake: Lake, inbox: Path
):
    (inbox / "chat.txt").write_text(CHAT)
    remember_erasure(house.home, subject_id("Ana Zanahoria", lake.vault.derive("subject-id")))
    _, tally, _ = run(house, lake)
    assert (tally.rows_in, tally.rows_out, tally.rejected) == (1, 0, {"erased": 1})


def test_a_customer_of_a_group_counts_and_takes_the_group_along(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text(f"{CHAT}13/3/24, 9:07 - Rita: yo también\n")
    _, _, metadata = run(house, lake)
    assert metadata["subjects"] == 2
    (inbox / "chat.txt").rename(inbox / "renamed.txt")
    remember_erasure(house.home, subject_id("Rita", lake.vault.derive("subject-id")))
    lake.withdraw(ASSET, DOMAIN)
    _, tally, _ = run(house, lake)
    assert (tally.rows_out, tally.rejected) == (0, {"erased": 1})


def test_conversations_without_an_answer_are_counted(house: Settings, lake: Lake, inbox: Path):
    (inbox / "chat.txt").write_text("13/3/24, 9:05 - Ana: hola\n")
    version, _, metadata = run(house, lake)
    assert metadata["without_assistant"] == 1
    assert without_answer(version) == (1, 1)


def test_a_folder_of_another_format_for_every_file_is_read_in_one_run(house: Settings, lake: Lake):
    samples = Path(__file__).parents[2] / "examples/inbox"
    for folder in sorted(samples.iterdir()):
        shutil.copytree(folder, house.inbox / folder.name)
        with lake.stage(ASSET, folder.name) as stage:
            tally, metadata = store_inbox(house, lake, stage, folder.name, log=LOG)
            version = stage.publish()
        assert tally.balances
        assert not tally.quarantined
        assert metadata["without_assistant"] == 0
        assert without_answer(version) == (tally.rows_out, 0)
