"""What of the user's knowledge base goes into a prompt: the texts that share the seed's words. Knows no model."""

from functools import lru_cache
from pathlib import Path

from uncase_pipeline.dialogue.knowledge import read_knowledge
from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.records.seed import OneOf, Seed

_MOST_CHARACTERS = 2_000
_SHARED_WORDS = 2
"""Fewer words in common with the seed are chance."""


def known_for(seed: Seed, path: Path | None) -> str:
    """Return the texts of the knowledge base that fit a seed best, up to about 2,000 characters; none gives ''.

    Args:
        seed: Whose objective, facts, constraints, tools and tags are looked for.
        path: The knowledge base, None where there is none.
    """
    if path is None:
        return ""
    wanted = _words_of(seed)
    shares = [(len(wanted & words), text) for text, words in _read(path, seed.domain)]
    fitting = sorted((item for item in shares if item[0] >= _SHARED_WORDS), key=lambda item: -item[0])
    told: list[str] = []
    room = _MOST_CHARACTERS
    for _, text in fitting:
        if room <= 0:
            break
        told.append(text[:room])
        room -= len(text)
    return "\n".join(told)


def _words_of(seed: Seed) -> set[str]:
    values = [
        value if isinstance(value, str) else " ".join(map(str, value.values))
        for value in seed.facts.values()
        if isinstance(value, str | OneOf)
    ]
    named = " ".join((*seed.facts, *seed.tools, *seed.tags)).replace("_", " ")
    told = (seed.objective, *seed.constraints, *seed.negative_constraints, *values, named)
    return set(content_words(" ".join(told)))


@lru_cache(maxsize=8)
def _read(path: Path, domain: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Read once per process: one run holds to one state of the knowledge base."""
    return tuple((text, frozenset(content_words(text))) for text in read_knowledge(path, domain))
