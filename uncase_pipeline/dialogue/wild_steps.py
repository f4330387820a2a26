"""Free-text steps of seeds in the wild, read as ``role:act``. Knows words, not the rest of a seed."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from uncase_pipeline.dialogue.acts import ACTS
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.conversation import ROLES

_WORD = re.compile(r"[a-z]+")
_OF_TOOLS = frozenset({"call", "result"})
_OTHER = {"user": "assistant", "assistant": "user"}


def read_steps(written: Iterable[str]) -> list[str]:
    """Return steps as ``role:act``: those that are so already as they are, free text by its words.

    A step that names no speaker ("propuesta") is a phase: it stands for what both sides do. One without a
    known word is an ``inform`` of whoever did not speak last. A tool call brings its result.
    """
    steps: list[str] = []
    for text in written:
        role, _, act = text.strip().partition(":")
        known = role in ROLES and act in ACTS
        found = [f"{role}:{act}"] if known else _steps_of(text, steps[-1] if steps else "assistant:")
        steps.extend(found[1:] if steps[-1:] == found[:1] else found)
    return steps


def _steps_of(text: str, previous: str) -> list[str]:
    words = _WORD.findall(fold(text))
    speaker = next((role for word in words if (role := _role(word))), None)
    acts = [found for word in words if not _role(word) and (found := _act(word, speaker))]
    if any(act == "call" for act, _ in acts):
        return ["assistant:call", "tool:result"]
    if not acts:
        return [f"{speaker or _OTHER.get(previous.partition(':')[0], 'assistant')}:inform"]
    act, usual = acts[0]
    if speaker or usual == "tool":
        return [f"{speaker or usual}:{act}"]
    return list(_table()["phases"].get(act, (f"{usual}:{act}",)))


def _role(word: str) -> str | None:
    return next((role for role, beginnings in _table()["roles"].items() if word.startswith(beginnings)), None)


def _act(word: str, speaker: str | None) -> tuple[str, str] | None:
    """Return the act that a word names and who usually does it; users call no tools."""
    for act, (usual, *beginnings) in _table()["acts"].items():
        if word.startswith(tuple(beginnings)) and not (act in _OF_TOOLS and speaker == "user"):
            return act, usual
    return None


@cache
def _table() -> dict[str, dict[str, tuple[str, ...]]]:
    table = tomllib.loads(files(__package__).joinpath("wild_steps.toml").read_text("utf-8"))
    return {
        section: {key: tuple(words) for key, words in entries.items()} for section, entries in table.items()
    }
