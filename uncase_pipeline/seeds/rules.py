"""What a seed may hold: no identifier, no run of source text. Knows rules, not how seeds are made.

The rules bind every seed alike: extracted by table, written by a model, curated, or brought by a user.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.records.conversation import Conversation, walk_strings
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import NumberRange, Seed
from uncase_pipeline.seeds.called_tools import readings

VERBATIM_RUN = 6
"""Content words in a row that no seed may share with a source."""
IDENTIFIER = "identifier-in-seed"
VERBATIM = "verbatim-source-text"
BELOW_SUPPORT = "support-below-k"

SPOKEN = ("es", "en")
"""Names of tools are read in both: they are English in many a Spanish file."""
_INFERRED = "inferred_tools"

Gram = tuple[str, ...]


def texts_of(seed: Seed) -> Iterator[tuple[str, str]]:
    """Walk every string and exact number of a seed that a person could have put something into.

    Ranges of the fixed grid, enumerated fields and ids of sources are no free text.
    """
    for name in ("objective", "tone", "scenario"):
        yield from walk_strings(getattr(seed, name), name)
    for name in ("roles", "steps", "constraints", "negative_constraints", "tools", "tags"):
        yield from walk_strings(getattr(seed, name), name)
    for name in ("role_descriptions", "metadata"):
        yield from walk_strings(getattr(seed, name), name)
    for tool, inferred in seed.inferred_tools.items():
        for name in (tool, *inferred.arguments):
            yield from ((f"{_INFERRED}.<key>", text) for text in readings(name))
    for name, value in seed.facts.items():
        yield "facts.<key>", name
        if isinstance(value, NumberRange):
            yield from walk_strings(value.unit, f"facts.{name}.unit")
        else:
            dumped = value if isinstance(value, str | int | float) else value.values
            yield from walk_strings(dumped, f"facts.{name}")


class Identifiers:
    """Scans seeds; most of their strings come again and again, so the last answers are remembered."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._found = lru_cache(maxsize=10_000)(self._scan)

    def paths_in(self, seed: Seed) -> list[str]:
        """Return the paths of the strings in which the scanner finds an identifier."""
        return [
            path
            for path, text in texts_of(seed)
            for language in (SPOKEN if path.startswith(_INFERRED) else (seed.language,))
            if self._found(text, language, seed.domain)
        ]

    def _scan(self, text: str, language: str, domain: str) -> bool:
        return bool(self._scanner.scan_text(text.replace("_", " "), language=language, domain=domain))


def grams_of(text: str) -> set[Gram]:
    """Return every run of ``VERBATIM_RUN`` content words."""
    content = content_words(text)
    return {tuple(content[at : at + VERBATIM_RUN]) for at in range(len(content) - VERBATIM_RUN + 1)}


def seed_grams(seed: Seed) -> set[Gram]:
    """Return the runs of content words in the strings of a seed."""
    return set().union(*(grams_of(text) for _, text in texts_of(seed)))


class SourceText:
    """Finds the runs that seeds share with source conversations, in one pass over the source."""

    def __init__(self, seeds: Iterable[Seed]) -> None:
        self._wanted: set[Gram] = set()
        for seed in seeds:
            self._wanted |= seed_grams(seed)
        self._shared: set[Gram] = set()

    def read(self, conversations: Iterable[Conversation]) -> "SourceText":
        """Look at the source."""
        if self._wanted:
            for conversation in conversations:
                for _, text in conversation.strings():
                    self._shared |= self._wanted & grams_of(text)
        return self

    def copied_by(self, seed: Seed) -> bool:
        """Return whether a seed holds a run that some source holds."""
        return bool(self._shared) and not self._shared.isdisjoint(seed_grams(seed))


class Rules:
    """What binds every seed, ready to be asked for each."""

    def __init__(self, scanner: Scanner, source: SourceText) -> None:
        self._identifiers = Identifiers(scanner)
        self._source = source

    def broken_by(self, seed: Seed) -> Rejection | None:
        """Return why a seed may not go on, None if it may."""
        if self._identifiers.paths_in(seed):
            return Rejection(IDENTIFIER, seed.seed_id)
        if self._source.copied_by(seed):
            return Rejection(VERBATIM, seed.seed_id)
        return None
