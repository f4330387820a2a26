"""Which language a conversation is in, told by its function words and script. Knows no model and no file.

Spanish and English are supported. Everything else, and everything that can't be told, is None: whoever needs
the language fails closed on it.
"""

# ruff: noqa: E501 - word lists

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from uncase_pipeline.dialogue.remembered import Remembered

SUPPORTED = ("es", "en")

_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "es": "el la los las un una unos y que de del en es por para con no se lo le su al como pero más si ya muy "
        "qué está son mi me te tu yo hola gracias cuando donde dónde este esta eso esto hay tengo tiene puede puedo "
        "quiero quisiera necesito cómo cuál también porque sí buenas buenos días tardes usted ser estoy fue ha he "
        "sobre entre sin hasta desde todo todos cada otro otra ese aquí ahora entonces bien vale mismo nos les",
        "en": "the a an and of to in is it that for with on you i are was be have has not this my your we they at or "
        "but if so what how when where can could would will do does did from as me hi hello thanks please there "
        "just about any some he she his her been were which who them then out up get need want like know yes okay "
        "all more our us am i'm it's don't i'd i'll that's",
        "pt": "o os as um uma e que do da dos das em no na é por para com não se ao mas mais já muito está são meu "
        "minha eu você obrigado obrigada olá quando onde isso isto tenho tem pode posso quero preciso também sim "
        "boa bom dia tarde foi pelo pela estou à até seu sua",
        "fr": "le la les un une des et que de du en est pour avec ne pas se au mais plus très je vous il elle nous ce "
        "cette bonjour merci oui quand où j'ai c'est mon ma votre sur dans qui sont être avez suis avoir aux",
        "it": "il lo la gli un una e che di del della in è per con non si al ma più molto sono mio mia io lei ciao "
        "grazie quando dove questo questa ho ha può posso vorrei anche sì buongiorno della delle nel alla come",
        "de": "der die das ein eine und von zu in ist für mit nicht auf ich sie er wir es den dem hallo danke bitte "
        "wann wo habe hat kann wie auch ja nein mein meine ihr guten tag sind war aber oder wenn noch",
        "nl": "de het een en van te in is voor met niet op ik je u hij zij wij dat die hallo bedankt wanneer waar heb "
        "heeft kan hoe ook ja nee mijn goedemorgen zijn was maar of als nog naar",
        "ca": "el la els les un una i que de del en és per amb no es ho al com però més si ja molt què està són meu "
        "jo hola gràcies quan on això aquest aquesta tinc pot vull també perquè bon dia us",
    }.items()
}
_RIVALS = len(_FUNCTION_WORDS) - len(SUPPORTED)
_COUNTED = [
    *(_FUNCTION_WORDS[ours] for ours in SUPPORTED),
    *(
        side
        for ours in SUPPORTED
        for language, theirs in _FUNCTION_WORDS.items()
        if language not in SUPPORTED
        for side in (theirs - _FUNCTION_WORDS[ours], _FUNCTION_WORDS[ours] - theirs)
    ),
]
"""The words of each supported language; for each of those and each that is not supported, the words that only the
other has, and those that only it has."""
_WIDTH = 40
_MOST = (1 << _WIDTH) - 1
_COUNTS = {
    word: 1 + sum((word in counted) << number * _WIDTH for number, counted in enumerate(_COUNTED, start=1))
    for word in frozenset[str]().union(*_FUNCTION_WORDS.values())
}
"""What a function word adds to every count, each count in its own bits of one number; the lowest counts words."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"(?<![\w:.-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w:])")
_ADDRESS = re.compile(r"\S*[@/]\S*|\S+\.\S+")
_REMEMBERED = 30_000
_FEW = 4
_FOREIGN_SCRIPT = 10


@dataclass(frozen=True, slots=True)
class Guess:
    """What the words say.

    Attributes:
        language: ``es`` or ``en`` where that is clear, else None.
        foreign: Whether the words positively read as a language that is not supported.
    """

    language: str | None
    foreign: bool = False


def detect_language(texts: Iterable[str]) -> str | None:
    """Return ``es`` or ``en``, None for any other language and where it can't be told."""
    return guess_language(texts).language


def guess_language(texts: Iterable[str]) -> Guess:
    """Guess the language of a conversation from its turns."""
    texts = list(texts)
    counts = sum(_counts.of_pieces(" ".join(map(_readable, texts))))
    foreign_letters = sum(map(_foreign_letter, _BEYOND_ASCII.findall("".join(texts))))
    words, *hits = (counts >> place & _MOST for place in range(0, _WIDTH * (len(_COUNTED) + 1), _WIDTH))
    if foreign_letters >= _FOREIGN_SCRIPT and foreign_letters > words:
        return Guess(None, foreign=True)
    return _verdict(words, hits)


def _verdict(words: int, hits: list[int]) -> Guess:
    """Take the likelier supported language, unless another one's own words are more than its own."""
    totals = hits[: len(SUPPORTED)]
    total = max(totals)
    best = totals.index(total)
    rivals = hits[len(SUPPORTED) + best * _RIVALS * 2 :][: _RIVALS * 2]
    other, own = max(zip(rivals[::2], rivals[1::2], strict=True), key=lambda pair: pair[0] - pair[1])
    if other > own:
        return Guess(None, foreign=other >= _FEW or (other >= 3 and other > own + 1))
    if words >= 3 * _FEW and total < words / 12:
        return Guess(None, foreign=True)
    return Guess(None if totals.count(total) > 1 else SUPPORTED[best])


def _count(piece: str) -> int:
    """Count the words of a piece between spaces. Most pieces recur: a conversation costs one addition a piece."""
    return sum(_COUNTS.get(word, 1) for word in _WORD.findall(piece.lower().replace("’", "'")))


_counts = Remembered(_count, _REMEMBERED)


def _readable(text: str) -> str:
    """Leave out addresses of mail and web, which read like any language."""
    if "@" in text or "/" in text:
        return _ADDRESS.sub(" ", text)
    return text


@lru_cache(maxsize=_REMEMBERED)
def _foreign_letter(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "LATIN").startswith(
        ("LATIN", "MASCULINE", "FEMININE")
    )
