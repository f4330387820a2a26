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
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.records.conversation import Conversation, Message

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
            planted[plant.group, language] += 1
            found[plant.group, language] += masked
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
    """Plant some sentences into one copy, mask it, and say which were covered whole.

    An identifier over two turns gets two turns of its own at the end; the others join turns that are there.
    """
    messages = list(shell.messages)
    places: list[list[tuple[int, int, int]]] = []
    for plant in plants:
        if plant.rest:
            first = len(messages)
            messages += [Message("user", plant.text), Message("user", plant.rest)]
            places.append([(first, plant.start, plant.end), (first + 1, 0, plant.rest_end)])
            continue
        index = chance.randrange(len(shell.messages))
        before = f"{messages[index].content} " if messages[index].content else ""
        messages[index] = replace(messages[index], content=before + plant.text)
        places.append([(index, len(before) + plant.start, len(before) + plant.end)])
    spans = anonymizer.anonymize(replace(shell, messages=messages)).spans
    for plant, parts in zip(plants, places, strict=True):
        yield plant, all(_covered(messages[at].content, spans, at, start, end) for at, start, end in parts)


def _covered(text: str, spans: dict[str, list[Span]], at: int, start: int, end: int) -> bool:
    covered = {i for span in spans.get(f"messages[{at}].content", ()) for i in range(span.start, span.end)}
    return all(i in covered for i in range(start, end) if text[i].isalnum())


def falls_short(recalls: list[Recall], bound: float = LOWER_BOUND) -> list[Recall]:
    """Return the types whose lower bound is below what is asked."""
    return [recall for recall in recalls if recall.interval[0] < bound]
