"""The egress ledger: append-only, chained, and honest in its sums."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from uncase_pipeline.gateway.ledger import IN_PROCESS, Entry, Ledger, summary, verify
from uncase_pipeline_tests.gateway.world import run


def _entry(number: int, **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "at": "2026-01-01T00:00:00.000+00:00",
        "event": "sent",
        "run_id": "run-1",
        "call": f"call_{number}",
        "attempt": 1,
        "destination": "api.openai.com",
        "model": "openai/gpt-5-mini",
        "template": "user-turn-1",
        "payload_hash": "0" * 64,
        "verdict": {"pii": {}, "shield": {}},
        "lineage": {"domain": "automotive.sales", "seed_id": f"seed_{number}"},
        "scanner": "small-1",
    }
    return Entry(**{**fields, **changes})


async def _append(path: Path, entries: list[Entry]) -> None:
    ledger = Ledger(path)
    await asyncio.gather(*(ledger.append(entry) for entry in entries))
    ledger.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "egress.sqlite"
    run(_append(path, [_entry(number) for number in range(50)]))
    return path


def test_an_untouched_chain_verifies(ledger: Path) -> None:
    assert verify(ledger) == []
    assert summary(ledger).intact


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE egress SET entry = replace(entry, 'api.openai.com', 'localhost') WHERE seq = 20",
        "UPDATE egress SET run_id = 'run-2' WHERE seq = 20",
        "DELETE FROM egress WHERE seq = 20",
        "DELETE FROM egress WHERE seq = 1",
    ],
)
def test_what_was_written_cannot_be_changed_unseen(ledger: Path, tamper: str) -> None:
    with closing(sqlite3.connect(ledger)) as db:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(tamper)
        db.execute("DROP TRIGGER egress_no_update")
        db.execute("DROP TRIGGER egress_no_delete")
        db.execute(tamper)
        db.commit()
    assert verify(ledger) != []
    assert not summary(ledger).intact


def test_a_call_that_was_withdrawn_does_not_count_as_sent(tmp_path: Path) -> None:
    path = tmp_path / "egress.sqlite"
    run(_append(path, [_entry(1), _entry(2), _entry(2, event="withdrawn")]))
    sums = summary(path)
    assert (sums.calls_sent, sums.entries, sums.intact) == (1, 3, True)
    assert sums.destinations == {"api.openai.com": 1}


def test_entries_cut_off_at_the_end_show_against_the_head_that_was_quoted(ledger: Path) -> None:
    quoted = summary(ledger)
    with closing(sqlite3.connect(ledger)) as db:
        db.execute("DROP TRIGGER egress_no_delete")
        db.execute("DELETE FROM egress WHERE seq > 40")
        db.commit()
    after = summary(ledger)
    assert (after.head, after.length) != (quoted.head, quoted.length)


def test_several_writers_share_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "egress.sqlite"

    async def two() -> None:
        ledgers = [Ledger(path), Ledger(path)]
        await asyncio.gather(*(ledgers[n % 2].append(_entry(n)) for n in range(200)))
        for one in ledgers:
            one.close()

    run(two())
    assert summary(path).length == 200
    assert verify(path) == []


def test_the_sum_tells_what_left_from_what_stayed_and_what_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "egress.sqlite"
    entries = [
        _entry(1),
        _entry(1, event="answered", verdict={"pii": {"EMAIL": 2}, "shield": {}}),
        _entry(2, destination=IN_PROCESS, model="offline/simulator"),
        _entry(3, event="stopped", verdict={"pii": {"PERSON": 1}, "shield": {}}),
        _entry(4, run_id="run-2", lineage={"domain": "legal.advisory"}),
    ]
    run(_append(path, entries))
    total = summary(path, run_id="run-1")
    assert (total.calls_sent, total.calls_in_process, total.stopped) == (1, 1, 1)
    assert total.pii == {"EMAIL": 2, "PERSON": 1}
    assert total.destinations == {"api.openai.com": 1}
    assert summary(path, partition="legal.advisory").calls_sent == 1
    assert summary(path).calls_sent == 2


def test_a_ledger_that_was_never_written_sums_up_to_nothing(tmp_path: Path) -> None:
    assert summary(tmp_path / "none.sqlite").wire()["length"] == 0


def test_an_entry_holds_ids_and_counts_and_no_text() -> None:
    leaves: list[Any] = []

    def walk(value: Any, take: Callable[[Any], None]) -> None:
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item, take)
        if not isinstance(value, dict | list):
            take(value)

    walk(_entry(1).wire(), leaves.append)
    assert all(" " not in str(leaf) for leaf in leaves)
