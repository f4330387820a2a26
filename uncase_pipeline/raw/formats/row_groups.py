"""Which rows of a table belong together: by an id, by who writes to whom, by silences. Knows no files."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.blocks import Block, Blocks, Numbers
from uncase_pipeline.raw.formats.groups import Begins, Group, by_id, contiguous
from uncase_pipeline.raw.formats.row_plan import Plan
from uncase_pipeline.raw.turns import is_markup
from uncase_pipeline.records.rejection import Rejection

_STRANGERS, _OTHERS = 8, 0.8
"""From so many rows on, and with more than this share of authors, a table is no chat."""
_DATES_SEEN, _TEXTS_SEEN = 50_000, 50
_OPEN_DATE = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\b")


def groups(blocks: Blocks, plan: Plan) -> Iterator[Group | Rejection]:
    """Decide what only the whole table can tell, and yield its conversations in groups."""
    _decide_dates(blocks, plan)
    _decide_markup(blocks, plan)
    if plan.names_pairs and _between_people(blocks, plan):
        at = 1 + max(plan.wanted)
        found = by_id(_with_pairs(blocks, plan, at), [*plan.wanted, at], at)
        return _split_at_silences(found, plan) if "time" in plan.index else found
    key = plan.index.get("conversation")
    if key is None and _is_of_strangers(blocks, plan):
        return iter([set_aside(plan.source, "every-row-another-author")])
    if key is None:
        return contiguous(blocks, plan.wanted, _silences(plan))
    found = by_id(_with_ids_below(blocks, key), plan.wanted, key)
    return _split_at_silences(found, plan) if plan.names_chats and "time" in plan.index else found


def _is_of_strangers(blocks: Blocks, plan: Plan) -> bool:
    """Whether nearly every row has another author, as in forms and reviews: nobody answers anybody there."""
    at = plan.index.get("author")
    if at is None or plan.index.keys() & {"role", "incoming", "outgoing"}:
        return False
    first = _first_block(blocks, [at])
    if first is None or len(first) < _STRANGERS:
        return False
    authors = first.cells[at].unique().to_pylist()
    return len(authors) > _OTHERS * len(first) and not any(map(plan.roles.__getitem__, authors))


def _between_people(blocks: Blocks, plan: Plan) -> bool:
    """Whether the two sides of messages are people or numbers; words for roles name no conversation."""
    sides = [plan.index["origin"], plan.index["recipient"]]
    first = _first_block(blocks, sides)
    names = {name for at in sides for name in first.cells[at].unique().to_pylist()} if first else set()
    return any(plan.roles[name] is None for name in names)


def _first_block(blocks: Blocks, wanted: Sequence[int]) -> Block | None:
    return next((block for block in blocks(wanted) if not isinstance(block, Rejection)), None)


def _with_ids_below(blocks: Blocks, key: int) -> Blocks:
    """Return the table with an id in every row: one left empty is that of the row above, as in merged cells."""

    def again(wanted: Sequence[int] | None) -> Iterator[Block | Rejection]:
        last = ""
        for block in blocks(wanted):
            if not isinstance(block, Rejection) and len(block):
                ids = block.cells[key]
                if pc.any(pc.equal(ids, "")).as_py():
                    block.cells = {**block.cells, key: _filled(ids, last)}
                last = block.cells[key][-1].as_py()
            yield block

    return again


def _filled(ids: pa.StringArray, last: str) -> pa.StringArray:
    missing = pc.replace_with_mask(ids, pc.equal(ids, ""), pa.scalar(None, pa.string()))
    return pc.fill_null(pc.fill_null_forward(missing), last)


def _with_pairs(blocks: Blocks, plan: Plan, at: int) -> Blocks:
    """Return the table with one more column: the two between whom a message goes, whichever wrote it."""
    origin, recipient = plan.index["origin"], plan.index["recipient"]

    def again(wanted: Sequence[int] | None) -> Iterator[Block | Rejection]:
        inner = None if wanted is None else sorted({*wanted, origin, recipient} - {at})
        for block in blocks(inner):
            if isinstance(block, Rejection):
                yield block
                continue
            sides = [block.cells[origin], block.cells[recipient]]
            pair = pc.binary_join_element_wise(pc.min_element_wise(*sides), pc.max_element_wise(*sides), "\n")
            yield Block(block.numbers, {**block.cells, at: pair})

    return again


def _split_at_silences(found: Iterator[Group | Rejection], plan: Plan) -> Iterator[Group | Rejection]:
    """Where the id is of a chat, which goes on for years, a silence ends a conversation in it."""
    for group in found:
        if not isinstance(group, Rejection):
            times = plan.times_of(group.block)
            begun: list[int] = []
            for start, end in pairwise(group.starts.tolist()):
                begun += (start, *_after_silence(times, start, end, plan))
            group.starts = np.array([*begun, len(group.block)], dtype=np.int64)
        yield group


def _after_silence(times: list[str | None], start: int, end: int, plan: Plan) -> Iterator[int]:
    """Yield the rows of a chat before which nobody wrote for long."""
    last = times[start]
    for row in range(start + 1, end):
        now = times[row]
        silence = clock.seconds_between(last, now) if now != last else None
        if silence is not None and abs(silence) > plan.options.gap_seconds:
            yield row
        last = now or last


def _decide_markup(blocks: Blocks, plan: Plan) -> None:
    """Find whether the texts are markup under a name that does not say so: by most of the first ones."""
    at = plan.index["content"]
    first = _first_block(blocks, [at])
    texts = [text for text in first.cells[at].slice(0, _TEXTS_SEEN).to_pylist() if text] if first else []
    plan.may_be_markup = plan.may_be_markup or 2 * sum(map(is_markup, texts)) > len(texts)


def _decide_dates(blocks: Blocks, plan: Plan) -> None:
    """Find whether ``03/04/2024`` has the day first: by a date of this table that decides it, else by locale."""
    when = plan.index.get("time")
    if when is None:
        return
    read = (block for block in blocks([when]) if not isinstance(block, Rejection))
    for said in islice(chain.from_iterable(block.cells[when].to_pylist() for block in read), _DATES_SEEN):
        match = _OPEN_DATE.match(said)
        if match is None:
            if said.strip():
                return
            continue
        if match[0].count(".") == 2:  # nobody writes the month first between points
            plan.day_first = True
            plan.dates = {"order": "day-first", "decided_by": "format"}
            return
        first, second = int(match[1]), int(match[2])
        plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "locale"}
        if (first > 12) != (second > 12):
            plan.day_first = first > 12
            plan.dates = {"order": "day-first" if plan.day_first else "month-first", "decided_by": "file"}
            return


def _silences(plan: Plan) -> Begins:
    """Without an id the table is one chat: a conversation begins where the times say so."""
    last: str | None = None

    def begins(block: Block) -> Numbers:
        nonlocal last
        times = [last, *plan.times_of(block)]
        rows = [row - 1 for row in _after_silence(times, 0, len(times), plan)]
        last = next((time for time in reversed(times) if time), None)
        return np.array(rows, dtype=np.int64)

    return begins
