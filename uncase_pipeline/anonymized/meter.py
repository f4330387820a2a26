"""The recall meter: invented people are planted into shadow copies of real conversations, and counted after.

It measures what can't be measured on real text, where nobody knows how many identifiers there are. Shadows stay
in memory: nothing of them is written, and only counts leave. Knows no detector and no Dagster.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from math import sqrt

from uncase_pipeline.anonymized.anonymizer import Anonymizer, spoken_language
from uncase_pipeline.anonymized.invented import Planted, invented
from uncase_pipeline.records.conversation import Conversation

CARRIERS = 40
ROUNDS = 60
LOWER_BOUND = 0.9
"""The lower end of the 95 % interval must reach this for every type: one miss in 60 does, two do not."""
_Z = 1.96
_PER_SHADOW = 3


@dataclass(frozen=True, slots=True)
class Recall:
    """How many planted identifiers of one type and language were masked whole."""

    entity: str
    language: str
    found: int
    planted: int

    @property
    def share(self) -> float:
        """Point estimate."""
        return self.found / self.planted

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of Wilson (1927), which is honest at 100 % too."""
        n, p = self.planted, self.share
        centre = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        return max(0.0, centre - half), min(1.0, centre + half)


def measure(
    conversations: Iterable[Conversation], anonymizer: Anonymizer, *, seed: int, rounds: int = ROUNDS
) -> list[Recall]:
    """Return the recall per type and language; empty where no conversation is in a supported language."""
    carriers: dict[str, list[Conversation]] = {}
    for conversation in islice(conversations, CARRIERS):
        language = spoken_language(conversation)
        if language and conversation.messages:
            carriers.setdefault(language, []).append(conversation)
    planted: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for language, shells in sorted(carriers.items()):
        chance = random.Random(seed)  # noqa: S311 - no secret
        for plant, masked in _trials(shells, language, anonymizer, chance, rounds):
            planted[plant.entity, language] += 1
            found[plant.entity, language] += masked
    return [
        Recall(entity, language, found[entity, language], n)
        for (entity, language), n in sorted(planted.items())
    ]


def _trials(
    shells: list[Conversation], language: str, anonymizer: Anonymizer, chance: random.Random, rounds: int
) -> Iterator[tuple[Planted, bool]]:
    carrier = cycle(shells)
    for _ in range(rounds):
        plants = list(invented(language, chance))
        chance.shuffle(plants)
        while plants:
            some, plants = plants[:_PER_SHADOW], plants[_PER_SHADOW:]
            yield from _shadow(next(carrier), some, anonymizer, chance)


def _shadow(
    shell: Conversation, plants: list[Planted], anonymizer: Anonymizer, chance: random.Random
) -> Iterator[tuple[Planted, bool]]:
    """Plant some sentences into one copy, mask it, and say which were covered whole."""
    messages = list(shell.messages)
    places: list[tuple[str, int]] = []
    for plant in plants:
        index = chance.randrange(len(messages))
        before = f"{messages[index].content} " if messages[index].content else ""
        messages[index] = replace(messages[index], content=before + plant.text)
        places.append((f"messages[{index}].content", len(before)))
    spans = anonymizer.anonymize(replace(shell, messages=messages)).spans
    for plant, (path, offset) in zip(plants, places, strict=True):
        covered = {i for span in spans.get(path, ()) for i in range(span.start, span.end)}
        wanted = (i for i in range(plant.start, plant.end) if plant.text[i].isalnum())
        yield plant, all(offset + i in covered for i in wanted)


def falls_short(recalls: list[Recall], bound: float = LOWER_BOUND) -> list[Recall]:
    """Return the types whose lower bound is below what is asked."""
    return [recall for recall in recalls if recall.interval[0] < bound]
