"""The same conversations as ``rows`` makes, straight into record batches. Knows plain tables of turns only.

Most tables say for each turn a conversation, a role, a text and perhaps a time. Their columns become those of a
record batch without an object for each turn. A group of which anything else has to be said goes the other way.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.blocks import Blocks
from uncase_pipeline.raw.formats.columns import Columns
from uncase_pipeline.raw.formats.groups import Group
from uncase_pipeline.raw.formats.row_groups import groups
from uncase_pipeline.raw.formats.row_plan import Plan
from uncase_pipeline.raw.formats.rows import drafts
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.arrow import assembled
from uncase_pipeline.records.conversation import Role
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.subject import subject_id

_NOT_PLAIN = frozenset({"author", "incoming", "outgoing", "private", "public", "sort"})


def batches(
    blocks: Blocks, columns: Columns, source: Source, options: ReadOptions, format: str
) -> Iterator[pa.RecordBatch | Draft | Rejection]:
    """Yield the conversations of a table of turns, as batches where they are plain.

    Args:
        blocks: Opens the table from its first record.
        columns: What the columns mean.
        source: The file.
        options: How to read.
        format: Name of the format that the file is read as.
    """
    plan = Plan(columns, source, options)
    for group in groups(blocks, plan):
        if isinstance(group, Rejection):
            yield group
            continue
        plain = _Plain.of(group, plan)
        if plain is None:
            yield from drafts(group, plan)
        else:
            yield plain.batch(format)


class _Plain:
    """A group in which every row has a role, every conversation a side, and turns lie in order."""

    def __init__(
        self, group: Group, plan: Plan, codes: pa.Array, words: list[str], roles: list[Role]
    ) -> None:
        self._group = group
        self._plan = plan
        self._firsts = pa.array(group.starts[:-1])
        self._codes = codes
        self._words = words
        self._roles = roles
        self._contents = group.block.cells[plan.index["content"]]
        self._times = self._read_times()

    @classmethod
    def of(cls, group: Group, plan: Plan) -> "_Plain | None":
        """Return the group as a plain one, None where it is not."""
        if "role" not in plan.index or plan.markup or plan.may_be_markup or _NOT_PLAIN & plan.index.keys():
            return None
        said = group.block.cells[plan.index["role"]].dictionary_encode()
        words = [word.strip() for word in said.dictionary.to_pylist()]
        roles = [role for word in words if (role := plan.roles[word]) is not None]
        if len(roles) < len(words) or not _in_order(group, plan):
            return None
        sides = np.isin(roles, ("user", "assistant"))[said.indices.to_numpy()]
        if not _all_have(sides, group):
            return None
        plain = cls(group, plan, said.indices, words, roles)
        return plain if "turn" in plan.index or not plain.has_newest_first() else None

    def has_newest_first(self) -> bool:
        """Whether a conversation ends before it begins."""
        times = self._times.to_pylist()
        return any(
            (first := times[start]) and (last := times[end - 1]) and first > last
            for start, end in pairwise(self._group.starts.tolist())
        )

    def batch(self, format: str) -> pa.RecordBatch:
        """Return the record batch."""
        rows, count = len(self._group.block), len(self._firsts)
        options = self._plan.options
        labels = [options.labels[role] for role in self._roles]
        positions = pa.array(self._group.block.numbers[self._group.starts[:-1]])
        source = (pa.repeat(format, count), pa.repeat(self._plan.source.sha256, count), positions)
        return assembled(
            self._group.starts,
            turns={
                "role": pa.array(self._roles, pa.string()).take(self._codes),
                "speaker": pa.array(labels, pa.string()).take(self._codes),
                "content": self._contents,
                "timestamp": self._times,
                "kind": pa.repeat("text", rows),
            },
            own={
                "conversation_id": pa.array(self._ids(), pa.string()),
                "domain": pa.repeat(options.domain.key, count),
                "language": pa.array(self._cells("language"), pa.string()),
                "subject_id": pa.array(self._subjects(), pa.string()),
                "metadata": pa.array(self._metadata(), pa.string()),
            },
            source=source,
        )

    def _read_times(self) -> pa.StringArray:
        block, index = self._group.block, self._plan.index
        if "time" not in index:
            return pa.nulls(len(block), pa.string())
        said = block.cells[index["time"]]
        if "clock" in index:
            said = pc.binary_join_element_wise(said, block.cells[index["clock"]], " ")
        coded = said.dictionary_encode()
        times = list(map(self._plan.times.__getitem__, coded.dictionary.to_pylist()))
        return pa.array(times, pa.string()).take(coded.indices)

    def _cells(self, meaning: str) -> list[str | None]:
        """Return what the first row of each conversation has in a column."""
        position = self._plan.index.get(meaning)
        if position is None:
            return [None] * len(self._firsts)
        return [cell or None for cell in self._group.block.cells[position].take(self._firsts).to_pylist()]

    def _subjects(self) -> list[str | None]:
        key = self._plan.options.subject_key
        return [subject_id(who, key) if who and key is not None else None for who in self._cells("subject")]

    def _ids(self) -> list[str]:
        """Return the ids that ``finish`` makes: of the opening where it has a time, else of all turns."""
        authors = [self._words[code] for code in self._codes.take(self._firsts).to_pylist()]
        times = self._times.take(self._firsts).to_pylist()
        openings = zip(
            self._cells("conversation"),
            times,
            authors,
            self._contents.take(self._firsts).to_pylist(),
            strict=True,
        )
        if None not in times:
            return [content_id("conv", *opening) for opening in openings]
        turns = self._turns()
        bounds = pairwise(self._group.starts.tolist())
        return [
            content_id("conv", *opening)
            if opening[1]
            else content_id("conv", opening[0], turns[start:end], None)
            for opening, (start, end) in zip(openings, bounds, strict=True)
        ]

    def _turns(self) -> list[tuple[object, ...]]:
        codes = self._codes.to_pylist()
        columns = zip(codes, self._times.to_pylist(), self._contents.to_pylist(), strict=True)
        return [
            (self._roles[code], self._words[code], time, content, "text", ())
            for code, time, content in columns
        ]

    def _metadata(self) -> list[str]:
        """Return what ``finish`` notes of each conversation, as JSON."""
        dates = self._plan.dates
        common = {**({"dates": dates} if dates else {}), "roles": {"assistant": [], "rule": "role-word"}}
        ours = self._plan.options.domain.key
        texts = []
        for key, domain in zip(self._cells("conversation"), self._cells("domain"), strict=True):
            noted = common if key is None else {**common, "key": key}
            if domain is not None and domain != ours:
                noted = {**noted, "stated_domain": domain}
            texts.append(orjson.dumps(noted).decode())
        return texts


def _in_order(group: Group, plan: Plan) -> bool:
    """Whether the turn numbers, where there are any, rise within each conversation."""
    position = plan.index.get("turn")
    if position is None:
        return True
    try:
        numbers = pc.cast(group.block.cells[position], pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return False
    rising = numbers[1:] > numbers[:-1]
    rising[group.starts[1:-1] - 1] = True
    return bool(rising.all())


def _all_have(marked: npt.NDArray[np.bool_], group: Group) -> bool:
    """Whether in each conversation a row is marked."""
    return bool(np.logical_or.reduceat(marked, group.starts[:-1]).all())
