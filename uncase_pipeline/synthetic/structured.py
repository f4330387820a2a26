"""Answers that must be JSON of a schema: mend, validate, ask for a repair, ask anew, give up with the reason.

It knows requests and schemas, not what the answers are about. A reason never quotes an answer.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Protocol

import orjson
from jsonschema import Draft202012Validator

from uncase_pipeline.gateway.request import Outcome, Refusal, Reply, Request, text_message
from uncase_pipeline.records.conversation import Json

_FRESH = 1_000_000
"""Distance between the sample indices of fresh tries, so that each is another answer in the journal."""
_AGAIN = "Answer again with the corrected JSON object and nothing else."
_DECLINED = "The model refused the request, or its provider's filter did; asking again would be paid again."
_CUT = "The answer was cut at max_tokens; raise UNCASE_GENERATION_MAX_TOKENS."
_FENCE = re.compile(r"^\s*```[a-z]*\s*|\s*```\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


class Door(Protocol):
    """The part of the gateway that this layer needs."""

    async def complete(self, request: Request) -> Outcome:
        """Answer one request."""
        ...


class Spoiled(Exception):  # noqa: N818  # not an error: the row is set aside and the run goes on
    """A conversation that can't be finished.

    Args:
        reason: Stable code for the books.
        detail: One sentence without content.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Bill:
    """What one conversation cost, and who answered."""

    cost_usd: float | None = 0.0
    calls: int = 0
    provider: str = ""
    model: str = ""

    def add(self, outcome: Outcome) -> None:
        """Book one call. An unknown price makes the sum unknown, not zero."""
        self.calls += 1
        if outcome.cost_usd is None or self.cost_usd is None:
            self.cost_usd = None
        else:
            self.cost_usd += outcome.cost_usd
        if isinstance(outcome, Reply):
            self.provider, self.model = outcome.provider, outcome.model


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for one conversation.

    Attributes:
        door: The gateway.
        tries: How often a question is asked anew after its repair failed.
        bill: Where costs are booked.
    """

    door: Door
    tries: int
    bill: Bill = field(default_factory=Bill)

    async def reply(self, request: Request) -> Reply:
        """Return an answer that is whole.

        Raises:
            Spoiled: The gateway's reason, or ``truncated-at-max-tokens``.
        """
        for attempt in range(self.tries + 1):
            outcome = await self._complete(_fresh(request, attempt))
            if not outcome.truncated:
                return outcome
        raise Spoiled("truncated-at-max-tokens", _CUT)

    async def json(self, request: Request) -> Json:
        """Return an answer that follows ``request.response_schema``.

        Raises:
            Spoiled: As ``reply``; ``bad-json`` or ``schema-mismatch`` where repair and fresh tries failed.
        """
        problem = ""
        truncated = False
        for attempt in range(self.tries + 1):
            asked = _fresh(request, attempt)
            for _ in range(2):
                reply = await self._complete(asked)
                truncated = reply.truncated
                if truncated:
                    break
                value, problem = checked(reply.text, request.response_schema or {})
                if value is not None:
                    return value
                asked = told_again(asked, reply.text, f"{problem} {_AGAIN}")
        if truncated:
            raise Spoiled("truncated-at-max-tokens", _CUT)
        raise Spoiled("bad-json" if problem == NOT_JSON else "schema-mismatch", problem)

    async def _complete(self, request: Request) -> Reply:
        outcome = await self.door.complete(request)
        self.bill.add(outcome)
        if isinstance(outcome, Refusal):
            raise Spoiled(outcome.reason, outcome.detail)
        if outcome.finish_reason == "content_filter" and not (outcome.text or outcome.tool_calls):
            raise Spoiled("content-filter", _DECLINED)
        return outcome


NOT_JSON = "The answer is not one JSON object."


def checked(text: str, schema: Json) -> tuple[Json | None, str]:
    """Return the JSON object of an answer, or None and what is wrong with it, without a word of it."""
    value = mend(text)
    if value is None:
        return None, NOT_JSON
    error = next(Draft202012Validator(schema).iter_errors(value), None)
    if error is None:
        return value, ""
    path = "/".join("[]" if isinstance(part, int) else str(part) for part in error.absolute_path)
    return None, f"The answer breaks the schema at {path or 'its top'}: {error.validator}."


def mend(text: str) -> Json | None:
    """Read a JSON object out of an answer; forgive fences, words around it, stray commas and line ends."""
    text = _FENCE.sub("", text)
    body = text[text.find("{") : text.rfind("}") + 1]
    for candidate in (body, _TRAILING_COMMA.sub(r"\1", body), _TRAILING_COMMA.sub(r"\1", _escaped(body))):
        try:
            value = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        return value if isinstance(value, dict) else None
    return None


def _escaped(body: str) -> str:
    """Escape line ends inside strings: the fault that models make most."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', body, flags=re.DOTALL)
    return "".join(
        part.replace("\n", "\\n").replace("\t", "\\t") if part[:1] == '"' else part for part in parts
    )


def _fresh(request: Request, attempt: int) -> Request:
    return replace(request, sample=request.sample + attempt * _FRESH) if attempt else request


def told_again(request: Request, said: str, problem: str) -> Request:
    """Return the request again, with what was answered and why it can't be used."""
    messages = [*request.messages, text_message("assistant", said), text_message("user", problem)]
    return replace(request, messages=messages, lineage=replace(request.lineage, purpose="repair"))
