"""Who the user is in one conversation, and how that shows in the writing. Knows no plan and no grammar."""

import re
from dataclasses import dataclass
from random import Random

_FAMILIAR_TONES = ("informal", "cercan", "coloquial", "amig", "friendly", "casual", "warm", "relaj")
_FAMILIAR_DOMAINS = frozenset({"education.tutoring"})
_LONG_WORD = re.compile(r"(?<![\w-])[^\W\d_]{5,}(?![\w-])")
_SWAPPED = 0.6
_LAST_PERIOD = re.compile(r"\.$")


@dataclass(frozen=True, slots=True)
class Persona:
    """Habits of the user.

    Attributes:
        name: For the record.
        second_sentence: How often a statement or a question gets a second sentence.
        lower_case: Whether sentences begin in lower case.
        no_final_period: Whether the last period of a message is left out.
        no_opening_sign: Whether the Spanish opening signs are left out.
        mistypes: Share of the longer words that come out mistyped.
    """

    name: str
    second_sentence: float
    lower_case: bool = False
    no_final_period: bool = False
    no_opening_sign: bool = False
    mistypes: float = 0.0

    def write(self, text: str) -> str:
        """Return the text as this person types it."""
        if self.no_opening_sign:
            text = text.replace("¿", "").replace("¡", "")
        if self.no_final_period:
            text = _LAST_PERIOD.sub("", text)
        if self.lower_case:
            text = re.sub(r"(^|[.?!] )([A-ZÁÉÍÓÚÑ])(?=[a-záéíóúñ ])", lambda m: m[1] + m[2].lower(), text)
            text = re.sub(r"\bi\b(?=[ '])", "i", text)
        return text

    def mistype(self, text: str, random: Random) -> str:
        """Return the text with the slips of this person's fingers: letters swapped or left out."""

        def slip(match: re.Match[str]) -> str:
            word = match[0]
            if random.random() >= self.mistypes:
                return word
            at = random.randrange(1, len(word) - 2)
            swapped = word[at + 1] + word[at] if random.random() < _SWAPPED else word[at + 1]
            return f"{word[:at]}{swapped}{word[at + 2 :]}"

        return _LONG_WORD.sub(slip, text) if self.mistypes else text


PERSONAS = (
    Persona("careful", 0.7),
    Persona("talkative", 1.0),
    Persona("terse", 0.2, no_final_period=True),
    Persona("hurried", 0.4, lower_case=True, no_final_period=True, no_opening_sign=True, mistypes=0.06),
    Persona("informed", 0.9),
    Persona("doubtful", 0.7, no_opening_sign=True, mistypes=0.02),
    Persona("texting", 0.5, lower_case=True, no_opening_sign=True, mistypes=0.05),
)
ASSISTANT = Persona("assistant", 0.35)


def persona_for(random: Random) -> Persona:
    """Return the user of one conversation."""
    return random.choice(PERSONAS)


def is_familiar(domain: str, tone: str) -> bool:
    """Return whether the assistant speaks familiarly to the user."""
    return domain in _FAMILIAR_DOMAINS or any(word in tone.lower() for word in _FAMILIAR_TONES)
