"""The journal: what is awaited is on disk, sealed where it must be, and several processes may share it."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.journal import Journal, Kept, journal_path
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import run

KEPT = Kept(
    key="call_1",
    asked_model="openai/gpt-5-mini",
    model="openai/gpt-5-mini",
    provider="openai",
    payload_hash="0" * 64,
    sample=0,
    template="turn-1",
    lineage={"domain": "legal.advisory", "seed_id": "seed_1", "row": "seed_1#0", "purpose": "turn"},
    answer={"message": {"content": "Claro."}, "finish_reason": "stop", "usage": {}},
    cost_usd=0.01,
    usage=(100, 50),
)


def _journal(house: Settings, key: bytes = b"k" * 32, *, encrypted: bool = False) -> Journal:
    return Journal(journal_path(house), key, encrypted=encrypted)


def test_what_was_kept_comes_back_as_it_was(house: Settings) -> None:
    journal = _journal(house)
    run(journal.keep(KEPT, run_id="run-1", now=0.0))
    assert journal.find("call_1") == KEPT
    assert journal.find("call_2") is None
    journal.close()


def test_another_connection_sees_it_the_moment_the_wait_ends(house: Settings) -> None:
    journal = _journal(house)

    async def story() -> int:
        await journal.keep(KEPT, run_id="run-1", now=0.0)
        with closing(sqlite3.connect(journal_path(house))) as other:
            return int(other.execute("SELECT count(*) FROM replies").fetchone()[0])

    assert run(story()) == 1
    journal.close()


def test_a_hundred_writes_at_once_are_all_there(house: Settings) -> None:
    journals = [_journal(house), _journal(house)]

    async def story() -> None:
        await asyncio.gather(
            *(
                journals[n % 2].keep(replace(KEPT, key=f"call_{n}"), run_id="run-1", now=0.0)
                for n in range(100)
            )
        )

    run(story())
    assert journals[0].costs("model").total.calls == 100
    assert journals[0].spent(run_id="run-1", now=0.0).run == pytest.approx(1.0)
    for journal in journals:
        journal.close()


def test_a_sealed_entry_opens_only_with_its_key_and_in_its_place(house: Settings) -> None:
    journal = _journal(house, encrypted=True)
    run(journal.keep(KEPT, run_id="run-1", now=0.0))
    run(journal.keep(replace(KEPT, key="call_2"), run_id="run-1", now=0.0))
    assert journal.find("call_1") == KEPT
    other = _journal(house, b"x" * 32)
    with pytest.raises(UncaseError) as error:
        other.find("call_1")
    assert error.value.code == "wrong-vault-key"
    with closing(sqlite3.connect(journal_path(house))) as db, db:
        db.execute(
            "UPDATE replies SET body = (SELECT body FROM replies WHERE key = 'call_1') WHERE key = 'call_2'"
        )
    with pytest.raises(UncaseError):
        journal.find("call_2")
    for each in (journal, other):
        each.close()


def test_entries_in_the_clear_stay_readable_when_the_setting_is_switched_on(house: Settings) -> None:
    plain = _journal(house)
    run(plain.keep(KEPT, run_id="run-1", now=0.0))
    plain.close()
    sealed = _journal(house, encrypted=True)
    assert sealed.find("call_1") == KEPT
    sealed.close()


def test_one_write_that_fails_takes_no_other_with_it(house: Settings) -> None:
    journal = _journal(house)

    def broken(_db: sqlite3.Connection) -> None:
        raise ValueError("this one")

    async def story() -> list[object]:
        good = [journal.keep(replace(KEPT, key=f"call_{n}"), run_id="r", now=0.0) for n in range(5)]
        return await asyncio.gather(*good, journal._commits.write(broken), return_exceptions=True)

    outcomes = run(story())
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 5 + [ValueError]
    assert journal.costs("model").total.calls == 5
    journal.close()


def test_a_file_that_is_no_journal_is_told_as_such(house: Settings) -> None:
    house.home.mkdir(parents=True)
    journal_path(house).write_bytes(b"not a database at all" * 100)
    with pytest.raises(UncaseError) as error:
        _journal(house)
    assert error.value.code == "unreadable-file"


def test_only_its_owner_may_read_the_file(house: Settings) -> None:
    _journal(house).close()
    assert journal_path(house).stat().st_mode & 0o077 == 0
