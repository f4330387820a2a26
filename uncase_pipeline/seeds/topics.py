"""What a conversation is about, out of a closed table per domain. Knows words and topics, not seeds."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of a domain.

    Attributes:
        name: Tag of the seeds about it.
        words: Folded words that speak for it.
        prefixes: Folded beginnings of words that speak for it.
        objectives: What such a conversation is for, per language.
        tools: Tools that it implies.
    """

    name: str
    words: frozenset[str]
    prefixes: tuple[str, ...]
    objectives: dict[str, str]
    tools: tuple[str, ...]

    def weight(self, counts: Counter[str]) -> float:
        """Return how much the words of a conversation speak for this topic; a repeated word counts less."""
        hits = [
            count for word, count in counts.items() if word in self.words or word.startswith(self.prefixes)
        ]
        return sum(min(count, 3) for count in hits)


@cache
def topics_of(domain: str) -> tuple[Topic, ...]:
    """Return the topics of a domain, the general one first."""
    table = tomllib.loads(files(__package__).joinpath("topics.toml").read_text("utf-8"))
    return tuple(_topic(entry) for entry in table[domain])


def topics_in(words: Iterable[str], domain: str, *, most: int = 2) -> list[Topic]:
    """Return the topics that the words speak for, the strongest first; the domain's general one if none."""
    counts = Counter(words)
    weights = {topic.name: topic.weight(counts) for topic in topics_of(domain)}
    ranked = sorted(topics_of(domain), key=lambda topic: -weights[topic.name])
    strong = [topic for topic in ranked if weights[topic.name] * 2 >= max(weights.values()) > 0]
    return strong[:most] or [topics_of(domain)[0]]


def _topic(entry: dict[str, list[str] | str]) -> Topic:
    words = [str(word) for word in entry["words"]]
    return Topic(
        name=str(entry["topic"]),
        words=frozenset(word for word in words if not word.endswith("*")),
        prefixes=tuple(word[:-1] for word in words if word.endswith("*")) or ("\0",),
        objectives={"es": str(entry["objective_es"]), "en": str(entry["objective_en"])},
        tools=tuple(str(tool) for tool in entry["tools"]),
    )
