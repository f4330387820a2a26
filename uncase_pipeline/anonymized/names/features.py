"""What the name model sees of a sentence. Training and tagging share it. Knows lists, not labels.

The view of a single word is remembered per word, so that a sentence costs little more than joining strings.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from uncase_pipeline.anonymized.names.lexicon import Lexicon
from uncase_pipeline.anonymized.names.words import Word, key

NOTHING_HIDDEN: frozenset[str] = frozenset()


class View(NamedTuple):
    """One word, as its neighbours and as its own features show it."""

    word: str
    kind: str
    own: tuple[str, ...]


_OUTSIDE = View("<>", "<>", ())


class Features:
    """Turns words into feature strings."""

    def __init__(self, lists: Lexicon) -> None:
        self._lists = lists
        self._view = lru_cache(maxsize=300_000)(self._make_view)

    def of(
        self, words: Sequence[Word], *, flat: bool, hide: Callable[[str], bool] | None = None
    ) -> list[list[str]]:
        """Return the features of every word.

        Args:
            words: Of one sentence or stretch.
            flat: Whether the whole text is in one case, so that case says nothing.
            hide: Which folded words are to be taken as unlisted (training only).
        """
        if hide is None:
            views = [self._view(word.text, flat, False) for word in words]
        else:
            views = [self._view(word.text, flat, hide(key(word.text))) for word in words]
        padded = [_OUTSIDE, _OUTSIDE, *views, _OUTSIDE, _OUTSIDE]
        return [_joined(*padded[index : index + 5]) for index in range(len(words))]

    def _make_view(self, text: str, flat: bool, hidden: bool) -> View:
        word = key(text)
        shape = _shape(text, flat)
        known = ("e" if word in self._lists.english else "") + ("s" if self._lists.is_spanish(word) else "")
        listed = "" if hidden else self._listed(word)
        if not (listed or known or hidden) and self._lists.near_name(word):
            listed = "n"
        kind = f"{shape}{listed}/{known}" if text[0].isalpha() else shape
        seen = word if known or not text[0].isalpha() else "?"
        own = (
            f"k={kind}",
            f"w={word}",
            f"s3={word[-3:]}",
            f"s2={word[-2:]}",
            f"p3={word[:3]}",
            f"s3k={word[-3:]}{shape}{known}",
            f"l={min(len(word), 8)}{known}",
        )
        return View(seen, kind, own if text[0].isalpha() else (f"k={kind}", f"w={word}"))

    def _listed(self, word: str) -> str:
        return ("g" if word in self._lists.given else "") + ("f" if word in self._lists.family else "")


def _joined(before2: View, before: View, here: View, after: View, after2: View) -> list[str]:
    return [
        *here.own,
        f"a={before.word}",
        f"b={after.word}",
        f"c={before.kind}",
        f"d={after.kind}",
        f"e={before2.word}|{before.word}",
        f"f={after.word}|{after2.word}",
        f"g={before.word}|{here.kind}",
        f"h={here.kind}|{after.word}",
        f"i={before.kind}|{here.kind}|{after.kind}",
        f"j={before2.word}",
        f"m={before2.word}|{before.word}|{here.kind}",
        f"n={before.word}|{here.word}" if here.word != "?" else "n",
    ]


def _shape(text: str, flat: bool) -> str:
    if not text[0].isalpha():
        return "0" if text[0].isdigit() else text
    if flat:
        return "~"
    if text.isupper():
        return "X" if len(text) > 1 else "I"
    if text[0].isupper():
        return "Xx" if text[1:].islower() else "XxX"
    return "x" if text.islower() else "xX"
