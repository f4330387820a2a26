"""The readings of a text that may hide an order: spelled out, 1337, misspelled, Base64, backwards. Knows no rule."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SPACES = re.compile(r"(?:\s|\\n)+")
_LOOKALIKES = str.maketrans("авекморсухіјѕԁɡαοε\u2019\u201c\u201d«»¡¿", 'abekmopcyxijsdgaoe\'""""  ')
_SPELLED_OUT = re.compile(r"\b(?:\w ){3,}\w\b|\b\w([.\-_*|])\w(?:\1\w){2,}\b")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*|]")
_INSIDE_A_WORD = re.compile(r"(?<=[a-z])[.\-_*|](?=[a-z])")
_LEET_INSIDE = re.compile(r"[a-z][013457@$]+[a-z]")
_LEET = str.maketrans("013457@$", "oieastas")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_LONG_WORD = re.compile(r"[a-z]{6,}")
_BACKWARDS = re.compile(r"erongi|tpmorp|snoitcurtsni|drager|senoiccurtsni|salger|selur|tegrof")
_ROT13 = re.compile(r"vtaber|vtaben|vafgehpg|vafgehpp|cebzcg|ertynf")
_ROTATED = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")
_KEYWORDS = (
    "ignore disregard forget override instructions instruction previous guidelines restrictions prompt system "
    "reveal password ignora ignorar olvida instrucciones anteriores previas restricciones directrices sistema "
    "contrasena lineamientos"
)
_SCRAMBLED = {(word[0], *sorted(word)): word for word in _KEYWORDS.split()}


def normalize(text: str) -> str:
    """Fold width, case, accents and look-alike letters, and drop characters that nobody sees."""
    return _SPACES.sub(" ", _folded(text))


def readings(text: str) -> Iterator[str]:
    """Yield the normal form, then each other way to read the text, where there is one."""
    folded = _folded(text)
    disguised = (_SPACES.sub(" ", reading) for reading in _disguised(folded))
    yield from dict.fromkeys((_SPACES.sub(" ", folded), *disguised, *map(normalize, _decoded(text))))


def _folded(text: str) -> str:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = unicodedata.normalize("NFD", visible.casefold())
    return _MARKS.sub("", letters).translate(_LOOKALIKES)


def _disguised(folded: str) -> Iterator[str]:
    joined = _joined(folded)
    yield joined
    yield _INSIDE_A_WORD.sub("", joined)
    if _LEET_INSIDE.search(folded):
        yield _joined(folded.translate(_LEET))
    yield _LONG_WORD.sub(_unscrambled, folded)
    if _BACKWARDS.search(folded):
        yield folded[::-1]
    if _ROT13.search(folded):
        yield folded.translate(_ROTATED)


def _joined(folded: str) -> str:
    """Put words together that are written letter by letter."""
    return _SPELLED_OUT.sub(lambda match: _BETWEEN_LETTERS.sub("", match[0]), folded)


def _unscrambled(match: re.Match[str]) -> str:
    """Put the letters of a misspelled keyword back in order."""
    return _SCRAMBLED.get((match[0][0], *sorted(match[0])), match[0])


def _decoded(text: str) -> Iterator[str]:
    """What Base64 in a text says, if it says something in letters."""
    for found in _BASE64.findall(text):
        padded = found.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            said = base64.b64decode(padded + "=" * (-len(padded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if sum(letter.isalpha() or letter == " " for letter in said) >= 0.8 * len(said):
            yield said
