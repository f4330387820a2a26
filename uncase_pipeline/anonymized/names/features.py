"""What the name model sees of a sentence. Training and tagging share it. Knows lists, not labels.

A word's view is what it shows by itself. Neighbours are seen through ``JOINED``: training writes those features as
strings, tagging (``scores``) looks the same parts up as numbers.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from uncase_pipeline.anonymized.names.lexicon import Lexicon
from uncase_pipeline.anonymized.names.words import Word, key

WORD: Final = 0
KIND: Final = 1


class View(NamedTuple):
    """One word, as its neighbours (``word``, ``kind``) and as its own features show it."""

    word: str
    kind: str
    own: tuple[str, ...]


OUTSIDE = View("<>", "<>", ())
REACH = 2
"""How many words to each side a feature may look."""
UNKNOWN = "?"
JOINED: dict[str, tuple[tuple[int, int], ...]] = {
    "a": ((-1, WORD),),
    "b": ((1, WORD),),
    "c": ((-1, KIND),),
    "d": ((1, KIND),),
    "e": ((-2, WORD), (-1, WORD)),
    "f": ((1, WORD), (2, WORD)),
    "g": ((-1, WORD), (0, KIND)),
    "h": ((0, KIND), (1, WORD)),
    "i": ((-1, KIND), (0, KIND), (1, KIND)),
    "j": ((-2, WORD),),
    "m": ((-2, WORD), (-1, WORD), (0, KIND)),
    "n": ((-1, WORD), (0, WORD)),
}
"""Per feature: how far away the words are that it joins, and which side of them it shows."""
PAIR = "n"
"""Written without its parts where the word itself is unknown."""


class Features:
    """Turns words into feature strings."""

    def __init__(self, lists: Lexicon) -> None:
        self._lists = lists
        self._view = lru_cache(maxsize=300_000)(self.view)

    def of(
        self, words: Sequence[Word], *, flat: bool, hide: Callable[[str], bool] = lambda _word: False
    ) -> list[list[str]]:
        """Return the features of every word.

        Args:
            words: Of one sentence or stretch.
            flat: Whether the whole text is in one case, so that case says nothing.
            hide: Which folded words are to be taken as unlisted (training only).
        """
        views = [self._view(word.text, flat, hide(key(word.text))) for word in words]
        padded = [OUTSIDE] * REACH + views + [OUTSIDE] * REACH
        return [[*view.own, *_joined(padded, place)] for place, view in enumerate(views, start=REACH)]

    def view(self, text: str, flat: bool, hidden: bool) -> View:
        """Return what a word shows."""
        word = key(text)
        shape = _shape(text, flat)
        known = ("e" if word in self._lists.english else "") + ("s" if self._lists.is_spanish(word) else "")
        listed = "" if hidden else self._listed(word)
        if not (listed or known or hidden):
            listed = self._near(word)
        sound = "" if known else self._lists.sound(word)
        kind = f"{shape}{listed}/{known}{sound[:1]}" if text[0].isalpha() else shape
        seen = word if known or not text[0].isalpha() else UNKNOWN
        own = (
            f"k={kind}",
            f"w={word}",
            f"s3={word[-3:]}",
            f"s2={word[-2:]}",
            f"p3={word[:3]}",
            f"s3k={word[-3:]}{shape}{known}",
            f"l={min(len(word), 8)}{known}",
            f"q={shape}{sound or known}",
        )
        return View(seen, kind, own if text[0].isalpha() else (f"k={kind}", f"w={word}"))

    def _near(self, word: str) -> str:
        return "n" if self._lists.near_name(word) else "m" if self._lists.near_family_name(word) else ""

    def _listed(self, word: str) -> str:
        return ("g" if word in self._lists.given else "") + ("f" if word in self._lists.family else "")


def _joined(padded: Sequence[View], place: int) -> list[str]:
    unknown = padded[place].word == UNKNOWN
    return [
        PAIR
        if name == PAIR and unknown
        else f"{name}={'|'.join([_side(padded[place + away], side) for away, side in parts])}"
        for name, parts in JOINED.items()
    ]


def _side(view: View, side: int) -> str:
    return view.kind if side == KIND else view.word


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
