"""Makes conversations of the rows of a table. Knows what was told and by whom, not how the cells say it."""

from collections.abc import Iterator
from itertools import pairwise
from operator import ge, itemgetter, lt

from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.blocks import Blocks
from uncase_pipeline.raw.formats.columns import Columns
from uncase_pipeline.raw.formats.groups import Group
from uncase_pipeline.raw.formats.row_groups import groups
from uncase_pipeline.raw.formats.row_plan import Plan, Told
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Role
from uncase_pipeline.records.rejection import Rejection


def conversations(
    blocks: Blocks, columns: Columns, source: Source, options: ReadOptions
) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a table of turns.

    Args:
        blocks: Opens the table from its first record.
        columns: What the columns mean.
        source: The file, for what is set aside.
        options: How to read.
    """
    plan = Plan(columns, source, options)
    for group in groups(blocks, plan):
        yield from [group] if isinstance(group, Rejection) else drafts(group, plan)


def drafts(group: Group, plan: Plan) -> Iterator[Draft | Rejection]:
    """Yield the conversations of a group one by one."""
    told = plan.tell(group.block)
    positions = group.block.numbers[group.starts[:-1]].tolist()
    for (start, end), position in zip(pairwise(group.starts.tolist()), positions, strict=True):
        yield _draft_of(told, start, end, position, plan)


def _draft_of(told: Told, start: int, end: int, position: int, plan: Plan) -> Draft | Rejection:
    """Make one conversation of rows that lie together."""
    order = _order(told, start, end)
    notes = sum(told.notes[start:end])
    if notes or order is not None:
        rows = [row for row in order or range(start, end) if not (notes and told.notes[row])]
        if not rows:
            return set_aside(plan.source, "only-internal-notes", position)
        told, start, end = told.picked(rows), 0, len(rows)
    roles = _with_events(told.roles[start:end], told.authors[start:end])
    said = {name: cells[start] or None for name, cells in told.cells.items()}
    return Draft(
        messages=Turns(
            roles=[role or "user" for role in roles],
            authors=told.authors[start:end],
            contents=told.contents[start:end],
            timestamps=told.times[start:end],
            kinds=["text"] * (end - start),
        ),
        position=position,
        key=said.get("conversation"),
        roles_rule="role-word" if None not in roles and ("assistant" in roles or "user" in roles) else None,
        subject=said.get("subject"),
        openings=True,
        domain=said.get("domain"),
        language=said.get("language"),
        metadata={
            **({"internal_notes_left_out": notes} if notes else {}),
            **({"dates": plan.dates} if plan.dates else {}),
        },
    )


def _with_events(roles: list[Role | None], authors: list[str | None]) -> list[Role | None]:
    """Return the roles; a row that names nobody, beside others that say their role, tells of an event."""
    if None not in roles or not any(roles):
        return roles
    return [
        "system" if role is None and author is None else role
        for role, author in zip(roles, authors, strict=True)
    ]


def _order(told: Told, start: int, end: int) -> list[int] | None:
    """Return the rows in order, None where they lie so: by their own turn numbers, or turned if newest first."""
    turn = told.cells.get("turn")
    if turn is None:
        return _turned(told, start, end)
    try:
        numbers = list(map(float, turn[start:end]))
    except ValueError:
        return None
    if all(map(lt, numbers, numbers[1:])) or len(set(numbers)) < len(numbers):
        return None
    return [row for _, row in sorted(zip(numbers, range(start, end), strict=True), key=itemgetter(0))]


def _turned(told: Told, start: int, end: int) -> list[int] | None:
    """Return the rows oldest first, where the export has the newest first."""
    first, last = told.times[start], told.times[end - 1]
    if first is None or last is None or first <= last:
        return None
    times = [time or "" for time in told.times[start:end]]
    return [*range(end - 1, start - 1, -1)] if all(map(ge, times, times[1:])) else None
