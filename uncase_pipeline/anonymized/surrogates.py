"""The policy ``surrogates``: realistic stand-ins, the same for the same person everywhere. Knows no detector.

A keyed hash of the folded original picks each stand-in, so equal originals get equal ones across conversations
and runs, and nobody without the key can tell which original a stand-in came from. Gender and language of names
are kept; dates move by a constant per subject; cards and CURPs carry wrong check digits on purpose.
"""

# ruff: noqa: SIM905 - word lists read better as text

import hmac
import re
from collections.abc import Callable

from uncase_pipeline.anonymized.checksums import curp, luhn
from uncase_pipeline.anonymized.moved import moved
from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon
from uncase_pipeline.anonymized.names.words import key
from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.anonymized.tokens import People
from uncase_pipeline.records.conversation import Conversation

_UPPER = "ABCDEFGHJKLMNPRSTUVWXYZ"
_ADDRESS_WORDS = frozenset(
    (
        "calle avenida av avda c cll cl carrera cra kr paseo plaza privada priv cerrada prolongacion circuito camino"
        " calzada carretera ctra blvd boulevard bulevar jr jiron pasaje ronda piso planta puerta portal int interior"
        " depto dpto dto apto apt apartamento apartment local torre edificio bloque esc escalera izq izda izquierda"
        " dcha derecha bajo atico mz manzana lt lote casa col colonia fracc barrio urb cp num numero no nro km bis"
        " norte sur este oeste street st avenue ave road rd lane ln drive dr court ct close gardens grove way square"
        " place terrace suite unit flat floor box po north south east west de del la las los el y the of sn"
    ).split()
)
_FARTHEST_DAYS = 180
_PARTICLES = frozenset(("de del la las los y don doña sr sra srta dr dra mr mrs ms van von da di").split())


class Surrogates:
    """Stand-ins under one key."""

    def __init__(self, secret: bytes, lists: Lexicon | None = None) -> None:
        self._secret = secret
        self._lists = lists or lexicon()

    def of(self, conversation: Conversation, people: People, language: str) -> Callable[[Span, str], str]:
        """Return the function that stands in for the identifiers of one conversation."""
        subject = conversation.subject_id or conversation.conversation_id
        shift = 1 + self._number("shift", subject) % _FARTHEST_DAYS

        def stand_in(span: Span, text: str) -> str:
            if span.entity == "PERSON":
                return self.name(text, language)
            if span.entity in {"DATE", "BIRTH_DATE"}:
                return moved(text, shift, english=language == "en") or self.scrambled(span.entity, text)
            if span.entity == "EMAIL":
                family = folded(self._pick("mail", text, self._pool(language)[2]))
                return f"{family}{self._number('mail', text) % 1000}@example.com"
            if span.entity == "ADDRESS":
                return self.address(text, language)
            return self.scrambled(span.entity, text)

        return stand_in

    def address(self, text: str, language: str) -> str:
        """Return another address of the same shape: words of address stay, names and numbers change."""
        families = self._pool(language)[2]

        def part(match: re.Match[str]) -> str:
            word = match[0]
            if key(word) in _ADDRESS_WORDS:
                return word
            if word.isalpha() and len(word) > 2:
                return _cased_like(self._pick("street", word, families), word)
            return self.scrambled("ADDRESS", word)

        return re.sub(r"[^\W_]+", part, text)

    def name(self, text: str, language: str) -> str:
        """Return another name of the same gender and length in words, in the same case."""
        women, men, family = self._pool(language)
        given = women if self._is_womans(text) else men

        def word(match: re.Match[str]) -> str:
            part = key(match[0])
            if part in _PARTICLES or len(part) == 1:
                return match[0]
            return _cased_like(
                self._pick("name", part, given if part in self._lists.given else family), match[0]
            )

        return re.sub(r"[^\W\d_]+", word, text)

    def _is_womans(self, text: str) -> bool:
        """Whether a name is a woman's: by its first given name that only one gender has, else by its ending."""
        given = [part for part in map(key, re.findall(r"[^\W\d_]+", text)) if part in self._lists.given]
        for part in given:
            if (part in self._lists.women) != (part in self._lists.men):
                return part in self._lists.women
        return bool(given) and given[0].endswith("a")

    def scrambled(self, entity: str, text: str) -> str:
        """Return the text with its letters and digits replaced, its shape kept, and its check digit wrong."""
        canonical = re.sub(r"[\W_]+", "", folded(text))
        for attempt in range(8):
            stream = hmac.digest(self._secret, f"{entity}:{attempt}:{canonical}".encode(), "sha512") * (
                1 + len(text) // 64
            )
            made = "".join(_scrambled(character, byte) for character, byte in zip(text, stream, strict=False))
            if not (_valid(entity, made) or made == text):
                return made
        return f"[{entity}]"

    def _pool(self, language: str) -> tuple[list[str], list[str], list[str]]:
        from uncase_pipeline.anonymized.names.stand_ins import STAND_INS

        return STAND_INS.get(language, STAND_INS["es"])

    def _pick(self, purpose: str, text: str, pool: list[str]) -> str:
        candidates = [name for name in pool if key(name) != key(text)]
        return candidates[self._number(purpose, text) % len(candidates)]

    def _number(self, purpose: str, text: str) -> int:
        return int.from_bytes(
            hmac.digest(self._secret, f"{purpose}:{folded(text)}".encode(), "sha256")[:8], "big"
        )


def _scrambled(character: str, byte: int) -> str:
    if character.isdigit():
        return str(byte % 10)
    if character.isalpha() and character not in "ºª":
        made = _UPPER[byte % len(_UPPER)]
        return made if character.isupper() else made.lower()
    return character


def _valid(entity: str, text: str) -> bool:
    return (entity == "CREDIT_CARD" and luhn(text)) or (entity == "CURP" and curp(text)) or not text


def _cased_like(name: str, model: str) -> str:
    if model.isupper() and len(model) > 1:
        return name.upper()
    return name.lower() if model.islower() else name
