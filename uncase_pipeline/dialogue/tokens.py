"""Words of a text, folded so that case and accents don't matter. Knows no dialogue act and no fact."""

import re
import unicodedata

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*(?:_\d+)?\]")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_FOLDS = str.maketrans("áàâäãéèêëíìîïóòôöõúùûüñç’", "aaaaaeeeeiiiiooooouuuunc'")


def fold(text: str) -> str:
    """Return the text in lower case without accents.

    The result has as many characters as the text wherever lower-casing keeps the length (all of es and en).
    """
    folded = text.lower().translate(_FOLDS)
    if folded.isascii():
        return folded
    return "".join(_fold_character(character) for character in folded)


def _fold_character(character: str) -> str:
    return character if character.isascii() else unicodedata.normalize("NFKD", character)[0]


def without_placeholders(text: str) -> str:
    """Blank out masks such as ``[PERSON_1]``, keeping every offset."""
    return _PLACEHOLDER.sub(lambda match: " " * len(match.group()), text) if "[" in text else text


def words(text: str) -> list[str]:
    """Return the folded words of a text in order; masks such as ``[PERSON_1]`` are no words."""
    return _WORD.findall(fold(without_placeholders(text)))


def content_words(text: str) -> list[str]:
    """Return the folded words that carry content: function words of es and en are left out."""
    return [word for word in words(text) if word not in STOP_WORDS]


STOP_WORDS = frozenset(
    """
    a al algo algun alguna algunas alguno algunos ante antes aqui asi aun aunque cada como con contra cual cuales
    cuando cuanto cuanta cuantos cuantas de del desde donde dos e el ella ellas ello ellos en entonces entre era
    eran es esa esas ese eso esos esta estaba estan estar estas este esto estos estoy fue fueron ha habia han has
    hasta hay he hemos la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros nuestra nuestro o os
    otra otro otras otros para pero por porque pues que quien quienes se sea segun ser si sido sin sobre solo son
    soy su sus suyo tambien tan tanto te tengo tiene tienen todo toda todos todas tu tus un una uno unos unas usted
    ustedes va vamos van voy y ya yo
    about after all also am an and any are as at be because been before being both but by can could did do does
    doing done down each few for from further get got had has have having he her here hers him his how i if in into
    is it its itself just like me more most my myself no nor not now of off on once only or other our ours out over
    own s same she should so some such t than that the their theirs them then there these they this those through
    to too under until up us very was we were what when where which while who whom why will with would you your
    yours i'm it's don't that's i'd you're i've we're they're isn't doesn't didn't can't won't let's there's i'll
    you'll we'll he's she's what's ok okay um uh hmm
    """.split()
)
