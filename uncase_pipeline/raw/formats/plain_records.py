"""Records that are a list of turns of a role and a text, and nothing else, straight into record batches.

Most lines of most training files are such records. A batch of them is filled without an object for each turn or
conversation; any other record goes the careful way, and both ways make the same conversations.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa

from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.arrow import assembled
from uncase_pipeline.records.conversation import Role
from uncase_pipeline.records.ids import canonical_json

_METADATA = orjson.dumps({"roles": {"assistant": [], "rule": "format"}}).decode()


@dataclass(frozen=True, slots=True)
class Plainly:
    """How a format writes such a record.

    Attributes:
        turns: Key of the list, the only key of the record.
        role: Key of the role, in each turn.
        text: Key of the text; a turn has no third key.
        roles: What the format calls the roles.
        content: What stands for a list of turns in the id, as the draft of the format has it.
    """

    turns: str
    role: str
    text: str
    roles: Mapping[str, Role]
    content: Callable[[list[Any]], Any]

    def turns_of(self, record: Any) -> list[Any] | None:
        """Return the turns of a record that may be plain, None where it can't be."""
        if type(record) is not dict or len(record) != 1:
            return None
        turns = record.get(self.turns)
        return turns if type(turns) is list and turns else None

    def batch(
        self, lists: list[list[Any]], positions: list[int], format: str, source: Source, options: ReadOptions
    ) -> pa.RecordBatch | None:
        """Return conversations as a record batch, None where one of them is not plain after all.

        Args:
            lists: The turns of each.
            positions: Of the records in the file.
            format: Name of the format.
            source: The file.
            options: How to read.
        """
        turns = list(chain.from_iterable(lists))
        try:
            names, texts = zip(*map(itemgetter(self.role, self.text), turns), strict=True)
            roles = [self.roles[name] for name in names]
            if sum(map(len, turns)) > 2 * len(turns) or set(map(type, texts)) != {str}:
                return None
        except (KeyError, TypeError):
            return None
        count = len(lists)
        labels = options.labels
        return assembled(
            [0, *accumulate(map(len, lists))],
            turns={
                "role": pa.array(roles, pa.string()),
                "speaker": pa.array([labels[role] for role in roles], pa.string()),
                "content": pa.array(texts, pa.string()),
                "kind": pa.repeat("text", len(turns)),
            },
            own={
                "conversation_id": pa.array(map(self._id, lists), pa.string()),
                "domain": pa.repeat(options.domain.key, count),
                "metadata": pa.repeat(_METADATA, count),
            },
            source=(
                pa.repeat(format, count),
                pa.repeat(source.sha256, count),
                pa.array(positions, pa.int64()),
            ),
        )

    def _id(self, turns: list[Any]) -> str:
        """Return the id that ``finish`` makes of a draft without a key."""
        content = canonical_json((None, self.content(turns)))
        return f"conv_{hashlib.sha256(content).hexdigest()[:24]}"
