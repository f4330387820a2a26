"""Seeds held in little memory while a domain is read: compressed JSON, and ids apart. Knows no rule of seeding."""

import zlib
from dataclasses import dataclass, field
from typing import Self

import orjson

from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.parameters import Stated

_FAST = 1


@dataclass(slots=True)
class Packed:
    """A seed, about half a kilobyte.

    Attributes:
        body: Compressed wire form.
        stated: The values to generalise, of a draft.
        source_ids: Ids of the conversations behind it.
        subject_ids: Subjects behind it, each once.
    """

    body: bytes
    stated: tuple[Stated, ...] = ()
    source_ids: list[str] = field(default_factory=list)
    subject_ids: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, seed: Seed, stated: tuple[Stated, ...] = ()) -> Self:
        """Pack a seed."""
        body = orjson.dumps(seed.model_dump(exclude={"source_ids", "subject_ids"}))
        return cls(zlib.compress(body, _FAST), stated, list(seed.source_ids), list(seed.subject_ids))

    def seed(self) -> Seed:
        """Return the seed."""
        seed = Seed.model_validate(orjson.loads(zlib.decompress(self.body)))
        return seed.model_copy(update={"source_ids": self.source_ids, "subject_ids": self.subject_ids})

    def join(self, seed: Seed) -> None:
        """Add the sources and subjects of an equal seed."""
        self.source_ids.extend(seed.source_ids)
        self.subject_ids.extend(one for one in seed.subject_ids if one not in self.subject_ids)
