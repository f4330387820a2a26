"""Which language a conversation is in, told by its function words and script. Knows no model and no file.

Spanish and English are supported. Everything else, and everything that can't be told, is None: whoever needs
the language fails closed on it.
"""

# ruff: noqa: E501 - word lists

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

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
_WORD = re.compile(r"(?<![\w:.-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w:])")
_ADDRESS = re.compile(r"\S*[@/]\S*|\S+\.\S+")
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
    seen: Counter[str] = Counter()
    foreign_letters = 0
    for text in texts:
        if not text.isascii():
            foreign_letters += sum(1 for character in text if _foreign_letter(character))
        seen.update(_WORD.findall(_readable(text.lower())))
    words = seen.total()
    if foreign_letters >= _FOREIGN_SCRIPT and foreign_letters > words:
        return Guess(None, foreign=True)
    return _verdict(seen, words)


def _verdict(seen: Counter[str], words: int) -> Guess:
    """Take the likelier supported language, unless another one's own words are more than its own."""
    best = max(SUPPORTED, key=lambda language: _hits(seen, _FUNCTION_WORDS[language]))
    ours = _FUNCTION_WORDS[best]
    total = _hits(seen, ours)
    rivals = (known for language, known in _FUNCTION_WORDS.items() if language not in SUPPORTED)
    leads = [(_hits(seen, theirs - ours), _hits(seen, ours - theirs)) for theirs in rivals]
    other, own = max(leads, key=lambda pair: pair[0] - pair[1])
    if other > own:
        return Guess(None, foreign=other >= _FEW or (other >= 3 and other > own + 1))
    if words >= 3 * _FEW and total < words / 12:
        return Guess(None, foreign=True)
    tied = total == _hits(seen, _FUNCTION_WORDS[SUPPORTED[1 - SUPPORTED.index(best)]])
    return Guess(None if tied else best)


def _hits(seen: Counter[str], known: frozenset[str]) -> int:
    return sum(seen[word] for word in known & seen.keys())


def _readable(text: str) -> str:
    """Leave out addresses of mail and web, which read like any language."""
    if "@" in text or "/" in text:
        text = _ADDRESS.sub(" ", text)
    return text if text.isascii() else text.replace("’", "'")


def _foreign_letter(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "LATIN").startswith(
        ("LATIN", "MASCULINE", "FEMININE")
    )
