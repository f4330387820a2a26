"""The privacy ledger: what every run spent, of whose budget, and whether there is room for one more. Append-only.

A population is a set of subjects. What counts is the most that any single subject has spent: runs on other people
cost a subject nothing, runs on the same people add up, and the sum is composed exactly, not by addition. A run books
all its steps before the first of them; when it ends, the steps that were really taken replace them.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.accountant import Spent, cost_of
from uncase_pipeline.errors import UncaseError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bookings (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, population TEXT NOT NULL, job TEXT NOT NULL, objective TEXT NOT NULL,
  sigma REAL NOT NULL, rate REAL NOT NULL, steps INTEGER NOT NULL, delta REAL NOT NULL,
  epsilon REAL NOT NULL, total REAL NOT NULL, units INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settlements (
  booking INTEGER PRIMARY KEY REFERENCES bookings, at TEXT NOT NULL, steps INTEGER NOT NULL, epsilon REAL NOT NULL);
CREATE TABLE IF NOT EXISTS members (booking INTEGER NOT NULL, member TEXT NOT NULL, PRIMARY KEY (member, booking))
  WITHOUT ROWID;
"""
_TABLES = ("bookings", "settlements", "members")


@dataclass(frozen=True, slots=True)
class Booking:
    """A run in the ledger, as it stands now.

    Attributes:
        id: Number of the row.
        at: When it was booked.
        population: Domain.
        job: Id of the training job.
        objective: ``sft`` or ``dpo``.
        sigma: Noise multiplier; 0 where the run was not private.
        rate: Sampling rate.
        steps: Steps taken, or booked where the run has not ended.
        delta: Of the guarantee.
        epsilon: What the run costs.
        total: What its most exposed subject had spent with it, as it was booked.
        units: Units of privacy.
        settled: Whether the run has ended.
    """

    id: int
    at: str
    population: str
    job: str
    objective: str
    sigma: float
    rate: float
    steps: int
    delta: float
    epsilon: float
    total: float
    units: int
    settled: bool


class Ledger:
    """Books of one house, in SQLite."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def book(
        self,
        *,
        population: str,
        job: str,
        objective: str,
        planned: Spent,
        delta: float,
        members: Sequence[str],
        units: int,
        cap: float,
    ) -> int:
        """Book a run before it starts.

        Raises:
            UncaseError: ``privacy-budget-spent`` where some subject's total would pass the cap.
        """
        with self._writing() as books:
            total = max(
                cost_of([*history, planned], delta).epsilon for history in _histories(books, members) or [[]]
            )
            if total > cap:
                raise _over_cap(population, total, cap, planned, delta)
            row = (_now(), population, job, objective, *planned, delta, cost_of([planned], delta).epsilon)
            cursor = books.execute(
                "INSERT INTO bookings (at, population, job, objective, sigma, rate, steps, delta, epsilon, total,"
                " units) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, total, units),
            )
            booking = int(cursor.lastrowid or 0)
            books.executemany("INSERT INTO members VALUES (?, ?)", ((booking, name) for name in set(members)))
            return booking

    def last_booking(self, job: str) -> int | None:
        """Return the newest booking of a job."""
        return max((entry.id for entry in self.entries() if entry.job == job), default=None)

    def settle(self, booking: int, steps: int) -> None:
        """Record the steps that a run really took; a second settlement changes nothing."""
        with self._writing() as books:
            sigma, rate, delta = books.execute(
                "SELECT sigma, rate, delta FROM bookings WHERE id = ?", (booking,)
            ).fetchone()
            epsilon = cost_of([(sigma, rate, steps)], delta).epsilon
            books.execute(
                "INSERT OR IGNORE INTO settlements VALUES (?, ?, ?, ?)", (booking, _now(), steps, epsilon)
            )

    def entries(self) -> list[Booking]:
        """Return all bookings, the oldest first."""
        if not self._file.exists():
            return []
        with self._writing() as books:
            return [_booking(row) for row in books.execute(_CURRENT)]

    def earlier(self, booking: int) -> list[Spent]:
        """Return what the most exposed subject of a booking had spent before it."""
        with self._writing() as books:
            members = [
                name for (name,) in books.execute("SELECT member FROM members WHERE booking = ?", (booking,))
            ]
            (delta,) = books.execute("SELECT delta FROM bookings WHERE id = ?", (booking,)).fetchone()
            histories = _histories(books, members, before=booking)
        return max(histories, key=lambda history: cost_of(history, delta).epsilon, default=[])

    def within(self, booking: int, start: str) -> list[Spent]:
        """Return what the most exposed subject spent on a run and on the job whose adapter it went on from.

        Where that job was booked elsewhere nobody can say who took part: then it was everybody.
        """
        of_start = {entry.id for entry in self.entries() if entry.job == start}
        with self._writing() as books:
            members = books.execute("SELECT DISTINCT member FROM members WHERE booking = ?", (booking,))
            histories = _histories(books, [name for (name,) in members], only={booking, *of_start})
            (delta,) = books.execute("SELECT delta FROM bookings WHERE id = ?", (booking,)).fetchone()
        return (
            max(histories, key=lambda history: cost_of(history, delta).epsilon, default=[])
            if of_start
            else []
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open the books for one transaction; nobody else books meanwhile."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        books = sqlite3.connect(self._file, timeout=60, isolation_level=None)
        try:
            books.executescript(_SCHEMA + _append_only())
            books.execute("BEGIN IMMEDIATE")
            yield books
            books.execute("COMMIT")
        finally:
            books.close()


_CURRENT = """
SELECT b.id, b.at, b.population, b.job, b.objective, b.sigma, b.rate, COALESCE(s.steps, b.steps), b.delta,
       COALESCE(s.epsilon, b.epsilon), b.total, b.units, s.booking IS NOT NULL
FROM bookings b LEFT JOIN settlements s ON s.booking = b.id ORDER BY b.id
"""


def _booking(row: tuple[Any, ...]) -> Booking:
    figures = dict(zip(Booking.__slots__, row, strict=True))
    return Booking(**{**figures, "settled": bool(figures["settled"])})


def _histories(
    books: sqlite3.Connection,
    members: Iterable[str],
    before: int | None = None,
    only: Collection[int] | None = None,
) -> list[list[Spent]]:
    """Return the different histories that members have: two people who took part in the same runs share one."""
    runs = {
        entry.id: (entry.sigma, entry.rate, entry.steps) for entry in map(_booking, books.execute(_CURRENT))
    }
    taken: dict[str, list[int]] = defaultdict(list)
    for member in set(members):
        found = books.execute("SELECT booking FROM members WHERE member = ? ORDER BY booking", (member,))
        taken[member] = [
            number
            for (number,) in found
            if (before is None or number < before) and (only is None or number in only)
        ]
    return [[runs[number] for number in numbers] for numbers in {tuple(found) for found in taken.values()}]


def _append_only() -> str:
    """Return triggers that refuse to change or drop a row."""
    return "".join(
        f"CREATE TRIGGER IF NOT EXISTS {table}_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the privacy ledger is append-only'); END;\n"
        for table in _TABLES
        for verb in ("UPDATE", "DELETE")
    )


def _over_cap(population: str, total: float, cap: float, planned: Spent, delta: float) -> UncaseError:
    alone = cost_of([planned], delta).epsilon
    return UncaseError(
        "privacy-budget-spent",
        f"Some subject of {population} would have spent epsilon {total:.3f} in all, and the cap is {cap:g} "
        f"(this run alone: {alone:.3f}).",
        "Train with a smaller UNCASE_DP_EPSILON, train on other subjects, or have the privacy officer raise "
        "UNCASE_DP_EPSILON_CAP. `uncase adapter ledger` shows what was spent.",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
