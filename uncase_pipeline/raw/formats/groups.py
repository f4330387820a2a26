"""Groups the records of a table into conversations. Knows blocks of records, not what the cells say.

Rows of one conversation usually lie together, and then a conversation is done when the next begins. Where they
do not, the ids that are scattered are found first and gathered in as many passes as the memory asks for: nothing
is written down.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.raw.formats.blocks import Block, Blocks, Numbers, joined
from uncase_pipeline.records.rejection import Rejection

MAX_HELD = 200_000
_GATHERED_ROWS = 20_000


@dataclass(slots=True)
class Group:
    """Whole conversations that lie together.

    Attributes:
        block: Their records.
        starts: The first record of each, and at the end how many records there are.
    """

    block: Block
    starts: Numbers


Begins = Callable[[Block], Numbers]
"""Returns which of the records that come next begin a conversation."""


def by_id(blocks: Blocks, wanted: list[int], key: int) -> Iterator[Group | Rejection]:
    """Yield the conversations of a table whose records name theirs.

    Args:
        blocks: Opens the table from its first record.
        wanted: Positions of the columns that are wanted.
        key: Position of the id.
    """
    apart = _scattered(blocks, key)
    yield from contiguous(blocks, wanted, _changes(key), apart=apart, key=key)
    shares = -(-len(apart) // MAX_HELD)
    for share in range(shares):
        yield from _gathered(blocks, wanted, key, {mark for mark in apart if mark % shares == share})


def contiguous(
    blocks: Blocks,
    wanted: list[int],
    begins: Begins,
    *,
    apart: frozenset[int] = frozenset(),
    key: int | None = None,
) -> Iterator[Group | Rejection]:
    """Yield the conversations whose records lie together; a record that begins none belongs to the one before.

    Args:
        blocks: Opens the table from its first record.
        wanted: Positions of the columns that are wanted.
        begins: Asked about each block in turn.
        apart: Hashes of the ids that are left out.
        key: Position of the id, where there is one.
    """
    held: list[Block] = []
    for block in blocks(wanted):
        if isinstance(block, Rejection):
            yield block
            continue
        starts = begins(block)
        if not len(starts):
            held.append(block)
            continue
        last = int(starts[-1])
        whole = [*held, block.part(0, last)]
        shift = sum(map(len, held))
        bounds = starts + shift
        if bounds[0]:
            bounds = np.append(0, bounds)
        if bounds[-1]:
            yield from _without(Group(joined(whole), bounds), apart, key)
        held = [block.part(last, len(block))]
    if held:
        rest = joined(held)
        yield from _without(Group(rest, np.array([0, len(rest)])), apart, key)


def _without(group: Group, apart: frozenset[int], key: int | None) -> Iterator[Group]:
    if not apart or key is None:
        yield group
        return
    ids = group.block.cells[key].take(pa.array(group.starts[:-1])).to_pylist()
    kept = np.array([hash(identifier) not in apart for identifier in ids])
    lengths = np.diff(group.starts)
    if kept.any():
        bounds = np.append(0, np.cumsum(lengths[kept]))
        yield Group(group.block.picked(np.repeat(kept, lengths)), bounds)


def _gathered(blocks: Blocks, wanted: list[int], key: int, marks: set[int]) -> Iterator[Group]:
    """Yield the conversations whose records lie apart, of those ids whose hash is asked for."""
    parts: dict[str, list[Block]] = {}
    for block in blocks(wanted):
        if isinstance(block, Rejection):
            continue
        starts = _changes(key)(block)
        ids = block.cells[key].take(pa.array(starts)).to_pylist()
        for identifier, start, end in zip(ids, starts, [*starts[1:], len(block)], strict=True):
            if hash(identifier) in marks:
                parts.setdefault(identifier, []).append(block.part(int(start), int(end)))
    held: list[Block] = []
    for pieces in parts.values():
        held.append(joined(pieces))
        if sum(map(len, held)) >= _GATHERED_ROWS:
            yield _together(held)
            held = []
    if held:
        yield _together(held)


def _together(conversations: list[Block]) -> Group:
    return Group(joined(conversations), np.append(0, np.cumsum([len(block) for block in conversations])))


def _changes(key: int) -> Begins:
    """A conversation begins where the id changes."""
    last: str | None = None

    def begins(block: Block) -> Numbers:
        nonlocal last
        ids = block.cells[key]
        changed = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)).to_numpy(zero_copy_only=False)
        first, last = ids[0].as_py() != last, ids[-1].as_py()
        return np.flatnonzero(np.append(first, changed))

    return begins


def _scattered(blocks: Blocks, key: int) -> frozenset[int]:
    """Return the hashes of the ids whose rows do not lie together; held are eight bytes an id."""
    begun = array("q")
    begins = _changes(key)
    for block in blocks([key]):
        if not isinstance(block, Rejection):
            begun.extend(map(hash, block.cells[key].take(pa.array(begins(block))).to_pylist()))
    marks = np.frombuffer(begun, dtype=np.int64) if begun else np.empty(0, dtype=np.int64)
    marks.sort()
    return frozenset(marks[1:][marks[1:] == marks[:-1]].tolist())
