"""Identifiers that need the turn before: an answer to a question, a number sent in two messages.

Knows turns and offsets, not what an identifier is.
"""

# ruff: noqa: E501 - a pattern reads better on one line

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from uncase_pipeline.anonymized.fields import Field
from uncase_pipeline.anonymized.prefilter import Possible, Search, which_may_match
from uncase_pipeline.anonymized.spans import Span

_TAIL = 100
_SHORT_ANSWER = 80
_ASKS = re.compile(
    r"\b(?P<name>nombres?|apellidos?|c[óo]mo (?:te|se) llama|con qui[ée]n|qui[ée]n (?:habla|eres|es)|names?|who am i|who is this)\b"
    r"|\b(?P<code>\w*\s?(?:p[óo]liza|policy|pasaporte|passport|dni|c[ée]dula|cuenta|account|tarjeta|card|placas?|plate|matr[íi]cula|folio|pedido|order|nss|ssn|social|rfc|curp"
    r"|expediente|record|mrn|id|c\.?p\.?|postal|zip|member|referenc\w+|contrat?o|contract|ticket|pin|clave|password|contrase[ñn]a|usuario|user\s?name|user|cvv|cvc|nip|c[óo]digo de \w+|\w+ code|(?:cuatro|4) d[íi]gitos|last (?:four|4)(?: digits)?|vin|serie|licen\w+))\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"nac(?:imiento|iste|ió)|birth|born|dob|cumplea", re.IGNORECASE)
_ADDRESS = re.compile(r"direcci[óo]n|domicilio|address|d[óo]nde vive|where do you live", re.IGNORECASE)
_NO_ADDRESS = re.compile(
    r"(?:comprobante|constancia)s? de domicilio|a domicilio|direcci[óo]n de correo|proof of address|(?:e-?mail|ip|mac|web) address",
    re.IGNORECASE,
)
"""Said of addresses, and no question for one."""
_FILLER = re.compile(
    r"^(?:(?:s[íi]|claro|por supuesto|ok(?:ay)?|sure|yes|yeah|of course|hola|hi|hello|es|it'?s|it is|that'?s|soy|a nombre de|under|con gusto|perfecto|gracias|thanks)[\s,.:;!]+)*",
    re.IGNORECASE,
)
_CUT_NUMBER = re.compile(r"[\d+(][\d ().-]*$")
_STARTS_NUMBER = re.compile(r"^[ ().-]*\d")


@cache
def _asks() -> Search:
    return Search(_ASKS)


@cache
def _may_ask() -> Possible:
    return which_may_match(f"(?i){pattern.pattern}" for pattern in (_ASKS, _BIRTH, _ADDRESS))


def probes_of(fields: list[Field]) -> "list[Probe]":
    """Return texts that show, to whoever looks for identifiers, what only a pair of turns holds."""
    turns = [
        (index, item.text) for index, item in enumerate(fields) if item.kind == "turn" and item.text.strip()
    ]
    return [*_answers(turns), *_cut(turns)]


def _answers(turns: list[tuple[int, str]]) -> Iterator["_Answer"]:
    """Read each short answer as if the key word of the question before it stood before it."""
    pairs = [
        (asked[-_TAIL:], after, answer)
        for (_, asked), (after, answer) in pairwise(turns)
        if len(answer) <= _SHORT_ANSWER
    ]
    asking = _may_ask()([question for question, _, _ in pairs])
    for (question, after, answer), may_ask in zip(pairs, asking, strict=True):
        if may_ask and (cues := [*_cues(question)]):
            start = len(_FILLER.match(answer)[0])  # type: ignore[index]
            for cue in cues:
                yield _Answer(cue + answer[start:], after, len(cue), start)


def _cues(question: str) -> Iterator[str]:
    cue = next(reversed([*_asks().matches(question)]), None)
    if cue is not None and cue["name"]:
        yield "name: "
    if cue is not None and cue["code"]:
        yield f"{cue['code']}: "
    if _BIRTH.search(question):
        yield "date of birth: "
    if _ADDRESS.search(_NO_ADDRESS.sub("", question)):
        yield "domicilio: " if question.rstrip().endswith("?") else "mi domicilio es "


class _Answer(NamedTuple):
    """A cue and what of an answer follows it."""

    text: str
    place: int
    cue: int
    start: int

    def placed(self, spans: list[Span]) -> Iterator[tuple[int, list[Span]]]:
        shift = self.cue - self.start
        yield (
            self.place,
            [replace(s, start=s.start - shift, end=s.end - shift) for s in spans if s.start >= self.cue],
        )


class _Joined(NamedTuple):
    """The end of one turn and the head of a later one."""

    text: str
    place: int
    later: int
    offset: int
    border: int
    lead: int

    def placed(self, spans: list[Span]) -> Iterator[tuple[int, list[Span]]]:
        for span in spans:
            if span.start < self.border - 1 and span.end > self.border:
                yield (
                    self.place,
                    [replace(span, start=span.start + self.offset, end=self.offset + self.border - 1)],
                )
                yield self.later, [replace(span, start=self.lead, end=span.end - self.border + self.lead)]


Probe = _Answer | _Joined
"""A text to look at; ``placed`` says which fields its spans are in, and where there."""


def _cut(turns: list[tuple[int, str]]) -> Iterator[_Joined]:
    """Join a turn that ends in digits with the next that starts with some, the same person's or not."""
    for position, (index, text) in enumerate(turns):
        if text[-1].isalpha() or not _CUT_NUMBER.search(text):
            continue
        for later, other in turns[position + 1 : position + 3]:
            if not _STARTS_NUMBER.match(other):
                continue
            offset = max(0, len(text) - _TAIL)
            tail = text[offset:].rstrip()
            lead = len(other) - len(other.lstrip())
            yield _Joined(f"{tail} {other[:_TAIL].lstrip()}", index, later, offset, len(tail) + 1, lead)
            break
