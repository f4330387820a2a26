"""The account book: what was spent, what calls under way may still cost, and the caps. Knows no prices.

Its tables are in the journal's file, so that an answer and its cost are written in one transaction: nothing
is counted twice on resume, and calls in flight, of any process, can't pass a cap together.
"""

import secrets
import sqlite3
import time
from dataclasses import asdict, dataclass, field
from typing import Literal

from uncase_pipeline.records.conversation import Json

Grouping = Literal["row", "seed_id", "domain", "model", "purpose"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS spent (
  day TEXT NOT NULL, run_id TEXT NOT NULL, usd REAL NOT NULL, calls INTEGER NOT NULL,
  PRIMARY KEY (day, run_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (
  id TEXT PRIMARY KEY, day TEXT NOT NULL, run_id TEXT NOT NULL, usd REAL NOT NULL, until REAL NOT NULL
) WITHOUT ROWID;
"""
_HOLD_SECONDS = 3_600
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Spent:
    """Dollars spent, with those that calls under way may still cost."""

    run: float
    day: float


@dataclass(frozen=True, slots=True)
class Caps:
    """Hard limits in dollars; None is no limit."""

    run: float | None = None
    day: float | None = None

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self.run is not None or self.day is not None

    def allow(self, spent: Spent, usd: float) -> bool:
        """Whether so much more may be spent."""
        pairs = ((spent.run, self.run), (spent.day, self.day))
        return all(cap is None or so_far + usd <= cap + _ROUNDING for so_far, cap in pairs)


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one call under way."""

    id: str
    usd: float


@dataclass(slots=True)
class CostLine:
    """Calls, tokens and dollars of one group; ``unpriced`` counts the calls whose price nobody knows."""

    calls: int = 0
    refused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0


@dataclass(slots=True)
class Costs:
    """What was paid, summed by whose work it was."""

    total: CostLine = field(default_factory=CostLine)
    groups: dict[str, CostLine] = field(default_factory=dict)

    def per_accepted(self, accepted: int) -> float | None:
        """Return dollars per accepted conversation: what was thrown away is paid for by what was kept."""
        return self.total.usd / accepted if accepted else None

    def wire(self) -> Json:
        """Return it as plain JSON."""
        groups = {name: asdict(line) for name, line in sorted(self.groups.items())}
        return {"total": asdict(self.total), "groups": groups}


def day_of(now: float) -> str:
    """Return the day in UTC, by which the daily cap counts."""
    return time.strftime("%Y-%m-%d", time.gmtime(now))


def book(db: sqlite3.Connection, paid: list[tuple[str, str, float]]) -> None:
    """Book paid calls: the day, the run and the dollars of each."""
    sums: dict[tuple[str, str], tuple[float, int]] = {}
    for day, run_id, usd in paid:
        so_far, calls = sums.get((day, run_id), (0.0, 0))
        sums[day, run_id] = so_far + usd, calls + 1
    for of, figures in sums.items():
        db.execute(
            "INSERT INTO spent VALUES (?, ?, ?, ?) ON CONFLICT (day, run_id) "
            "DO UPDATE SET usd = usd + excluded.usd, calls = calls + excluded.calls",
            (*of, *figures),
        )


def hold(db: sqlite3.Connection, usd: float, caps: Caps, run_id: str, now: float) -> Hold | Spent:
    """Set money aside if the caps allow it; else return what is spent and held."""
    so_far = committed(db, run_id, now)
    if not caps.allow(so_far, usd):
        return so_far
    held = Hold(secrets.token_hex(8), usd)
    db.execute(
        "INSERT INTO held VALUES (?, ?, ?, ?, ?)", (held.id, day_of(now), run_id, usd, now + _HOLD_SECONDS)
    )
    return held


def release(db: sqlite3.Connection, held: Hold) -> None:
    """Forget a hold."""
    db.execute("DELETE FROM held WHERE id = ?", (held.id,))


def committed(db: sqlite3.Connection, run_id: str, now: float) -> Spent:
    """Return what is spent and held by a run, and by all today. A killed process's hold ends by itself."""
    run, today = (
        db.execute(
            f"SELECT (SELECT coalesce(sum(usd), 0) FROM spent WHERE {column} = ?1)"  # noqa: S608
            f" + (SELECT coalesce(sum(usd), 0) FROM held WHERE {column} = ?1 AND until > ?2)",
            (value, now),
        ).fetchone()[0]
        for column, value in (("run_id", run_id), ("day", day_of(now)))
    )
    return Spent(run, today)


def costs(db: sqlite3.Connection, by: Grouping, run_id: str | None) -> Costs:
    """Sum the journal's answers.

    Args:
        db: The journal.
        by: The lineage or model that names the groups.
        run_id: Only what this run paid; None for all.
    """
    total = Costs()
    rows = db.execute(
        f"SELECT coalesce({by}, '-'), count(*), count(refused), sum(prompt_tokens), "  # noqa: S608
        "sum(completion_tokens), coalesce(sum(cost_usd), 0), count(*) - count(cost_usd) "
        "FROM replies WHERE ?1 IS NULL OR run_id = ?1 GROUP BY 1",
        (run_id,),
    )
    for group, *figures in rows:
        total.groups[group] = CostLine(*figures)
        for name, figure in zip(CostLine.__slots__, figures, strict=True):
            setattr(total.total, name, getattr(total.total, name) + figure)
    return total
