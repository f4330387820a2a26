"""k-support: no combination of parameters that fewer than k source subjects share. Knows values, not texts.

A parameter that too few share is generalised one level, the rarest first, and dropped beyond the last level.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

from uncase_pipeline.seeds.bands import LEVELS
from uncase_pipeline.seeds.parameters import Parameter, Stated


class Supporters:
    """Which subjects share which parameter, at every level."""

    def __init__(self) -> None:
        self._subjects: dict[str, str] = {}
        self._values: dict[Stated, Stated] = {}
        self._of: defaultdict[Parameter, set[str]] = defaultdict(set)

    def add(self, subject: str, values: Iterable[Stated]) -> tuple[Stated, ...]:
        """Count one subject's values; return them as the objects that are kept already."""
        subject = self._subjects.setdefault(subject, subject)
        kept = tuple(self._values.setdefault(value, value) for value in values)
        for value in kept:
            for level in range(LEVELS):
                if parameter := value.at(level):
                    self._of[parameter].add(subject)
        return kept

    def of(self, parameters: Iterable[Parameter]) -> int:
        """Return how many subjects share the whole combination; an empty one is shared by all."""
        shared: Set[str] = self._subjects.keys()
        for parameter in sorted(parameters, key=lambda parameter: len(self._of[parameter])):
            shared = shared & self._of[parameter]
        return len(shared)

    def generalised(self, values: Sequence[Stated], k: int) -> tuple[list[Parameter], int]:
        """Generalise values until at least ``k`` subjects share what is left.

        Returns:
            The parameters and their support; below ``k`` only where there are fewer than ``k`` subjects.
        """
        levels = dict.fromkeys(values, 0)
        while True:
            kept = {value: parameter for value in values if (parameter := value.at(levels[value]))}
            support = self.of(kept.values())
            if support >= k or not kept:
                return list(kept.values()), support
            rarest = min(kept, key=lambda value: (len(self._of[kept[value]]), levels[value], value.name))
            levels[rarest] += 1
