"""The word lists of ``words.toml``. Knows how they are read, not what they are for."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def lists() -> dict[str, dict[str, str]]:
    """Return the lists by metric and name."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


def words_of(metric: str, name: str) -> frozenset[str]:
    """Return a list of words."""
    return frozenset(lists()[metric][name].split())


def phrases_of(metric: str, name: str) -> str:
    """Return a list of phrases as alternatives of a regular expression."""
    return "|".join(lists()[metric][name].split("\n")).replace("||", "|").strip("|")
