"""Identifiers that need the turn before: an answer to a question, a number sent in two messages.

Knows turns and offsets; what an identifier is, it asks the chain.
"""

# ruff: noqa: E501 - a pattern reads better on one line

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from uncase_pipeline.anonymized.detect import Detectors
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.fields import Field
from uncase_pipeline.anonymized.prefilter import which_may_match
from uncase_pipeline.anonymized.spans import Span

_TAIL = 100
_SHORT_ANSWER = 80
_ASKS = re.compile(
    r"\b(?P<name>nombres?|apellidos?|c[óo]mo (?:te|se) llama|con qui[ée]n|qui[ée]n (?:habla|eres|es)|names?|who am i|who is this)\b"
    r"|\b(?P<code>\w*\s?(?:p[óo]liza|policy|pasaporte|passport|dni|c[ée]dula|cuenta|account|tarjeta|card|placas?|plate|matr[íi]cula|folio|pedido|order|nss|ssn|social|rfc|curp"
    r"|expediente|record|mrn|id|c\.?p\.?|postal|zip|member|referenc\w+|contrat?o|contract|ticket|pin|clave|password|contrase[ñn]a|vin|serie|licen\w+))\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"nac(?:imiento|iste|ió)|birth|born|dob|cumplea", re.IGNORECASE)
_ADDRESS = re.compile(r"direcci[óo]n|domicilio|address|d[óo]nde vive|where do you live", re.IGNORECASE)
_FILLER = re.compile(
    r"^(?:(?:s[íi]|claro|por supuesto|ok(?:ay)?|sure|yes|yeah|of course|hola|hi|hello|es|it'?s|it is|that'?s|soy|a nombre de|under|con gusto|perfecto|gracias|thanks)[\s,.:;!]+)*",
    re.IGNORECASE,
)
_CUT_NUMBER = re.compile(r"[\d+(][\d ().-]*$")
_STARTS_NUMBER = re.compile(r"^[ ().-]*\d")


@cache
def _may_ask() -> Callable[[str], Iterable[int]]:
    return which_may_match(f"(?i){pattern.pattern}" for pattern in (_ASKS, _BIRTH, _ADDRESS))


class Turns:
    """Looks across the border between one turn and the next."""

    def __init__(self, chain: Detectors, domain: str, profile: Profile) -> None:
        self._chain = chain
        self._domain = domain
        self._profile: Profile = profile
        self._may_ask = _may_ask()

    def across(self, fields: list[Field]) -> Iterator[tuple[int, list[Span]]]:
        """Yield the spans that only a pair of turns shows, each with the index of its field."""
        turns = [
            (index, item.text)
            for index, item in enumerate(fields)
            if item.kind == "turn" and item.text.strip()
        ]
        for (_, asked), (after, answer) in pairwise(turns):
            if len(answer) <= _SHORT_ANSWER:
                yield after, self._answer(asked, answer)
        yield from self._cut(turns)

    def _answer(self, asked: str, answer: str) -> list[Span]:
        """Read a short answer as if the question's key word stood before it."""
        question = asked[-_TAIL:]
        if not self._may_ask(question):
            return []
        cue = next(iter(reversed(list(_ASKS.finditer(question)))), None)
        if cue is None and not _BIRTH.search(question) and not _ADDRESS.search(question):
            return []
        start = len(_FILLER.match(answer)[0])  # type: ignore[index]
        spans: list[Span] = []
        if cue is not None and cue["name"]:
            spans += self._found("name: ", answer, start)
        if cue is not None and cue["code"]:
            spans += self._found(f"{cue['code']}: ", answer, start)
        if _BIRTH.search(question):
            spans += self._found("date of birth: ", answer, start)
        if _ADDRESS.search(question):
            asks = question.rstrip().endswith("?")
            spans += self._found("domicilio: " if asks else "mi domicilio es ", answer, start)
        return spans

    def _found(self, cue: str, answer: str, start: int) -> list[Span]:
        shift = len(cue) - start
        spans = self._chain.find(cue + answer[start:], domain=self._domain, profile=self._profile)
        return [replace(s, start=s.start - shift, end=s.end - shift) for s in spans if s.start >= len(cue)]

    def _cut(self, turns: list[tuple[int, str]]) -> Iterator[tuple[int, list[Span]]]:
        """Join a turn that ends in digits with the next that starts with some, the same person's or not."""
        for position, (index, text) in enumerate(turns):
            head = _CUT_NUMBER.search(text)
            if not head:
                continue
            for later, other in turns[position + 1 : position + 3]:
                if not _STARTS_NUMBER.match(other):
                    continue
                offset = max(0, len(text) - _TAIL)
                tail = text[offset:].rstrip()
                joined = f"{tail} {other[:_TAIL].lstrip()}"
                lead = len(other) - len(other.lstrip())
                border = len(tail) + 1
                for span in self._chain.find(joined, domain=self._domain, profile=self._profile):
                    if span.start < border - 1 and span.end > border:
                        yield index, [replace(span, start=span.start + offset, end=offset + border - 1)]
                        yield later, [replace(span, start=lead, end=span.end - border + lead)]
                break
