"""What a model says of one row, asked in both orders through the gateway. Knows no provider and no gate.

An answer that is missing or can't be read gives no value, and the reason; it is never taken for a middle one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import orjson
from jsonschema import Draft202012Validator

from uncase_pipeline.certified.judge.rubric import (
    CRITERIA,
    ORDERS,
    VERSION,
    question,
    schema,
    share_of_scale,
    worth,
)
from uncase_pipeline.gateway.request import Lineage, Outcome, Refusal, Request
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.seed import Seed

PURPOSE = "judge"

Points = dict[str, int]


class Door(Protocol):
    """The part of the gateway that a judge needs."""

    async def complete(self, request: Request) -> Outcome:
        """Answer one request."""
        ...


@dataclass(frozen=True, slots=True)
class NoPoints:
    """Why an answer can't be used: a stable code, and one sentence without content."""

    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a judge says of a row.

    Attributes:
        value: From 0 to 1, the mean over both orders; None where there is no usable answer.
        why: One sentence without content.
        reason: Code of why there is no value, empty where there is one.
        disagreement: Weighted mean distance of the points in both orders, as a share of the scale.
        points: Mean points per question.
    """

    value: float | None
    why: str
    reason: str = ""
    disagreement: float | None = None
    points: Mapping[str, float] = field(default_factory=dict)

    def of(self, aspect: str | None) -> float | None:
        """Return the value of one aspect, from 0 to 1; of the whole rubric where it is None."""
        if aspect is None:
            return self.value
        return share_of_scale(self.points[aspect]) if aspect in self.points else None


async def ask(door: Door, model: str, conversation: Conversation, seed: Seed) -> Judgment:
    """Ask a model about one row, once in each order."""
    requests = [_request(model, conversation, seed, order) for order in ORDERS]
    one, other = await asyncio.gather(*(door.complete(request) for request in requests))
    return judgment(points_of(one), points_of(other))


def points_of(outcome: Outcome) -> Points | NoPoints:
    """Read the points out of an answer, or say why there are none, without a word of it."""
    if isinstance(outcome, Refusal):
        return NoPoints(f"judge-{outcome.reason}", f"the gateway gave no answer: {outcome.reason}")
    if outcome.truncated:
        return NoPoints("judge-truncated", "the answer was cut at max_tokens")
    answer = _object(outcome.text)
    if answer is None:
        return NoPoints("judge-bad-json", "the answer is not one JSON object")
    if not _VALIDATOR.is_valid(answer):
        return NoPoints("judge-schema-mismatch", "the answer breaks the schema of the rubric")
    return {name: int(answer[name]) for name in CRITERIA}


def judgment(one: Points | NoPoints, other: Points | NoPoints) -> Judgment:
    """Bring the answers of both orders together."""
    for answer in (one, other):
        if isinstance(answer, NoPoints):
            return Judgment(None, f"Not judged: {answer.why}.", answer.reason)
    assert not isinstance(one, NoPoints) and not isinstance(other, NoPoints)
    mean = {name: (one[name] + other[name]) / 2 for name in CRITERIA}
    apart = sum(
        criterion.weight * abs(share_of_scale(one[name]) - share_of_scale(other[name]))
        for name, criterion in CRITERIA.items()
    )
    said = ", ".join(f"{name} {points:g}" for name, points in mean.items())
    why = f"Of 5, mean of two orders: {said}; the orders are {apart:.2f} apart."
    return Judgment(worth(mean), why, disagreement=apart, points=mean)


def _request(model: str, conversation: Conversation, seed: Seed, order: tuple[str, ...]) -> Request:
    return Request(
        model,
        question(conversation, seed, order),
        parameters={"temperature": 0.0},
        response_schema=schema(order),
        template_version=VERSION,
        language=(conversation.language or seed.language)[:2].lower(),
        lineage=Lineage(
            domain=conversation.domain,
            seed_id=seed.seed_id,
            row=conversation.conversation_id,
            purpose=PURPOSE,
            subject_ids=tuple(seed.subject_ids),
        ),
    )


def _object(text: str) -> Json | None:
    """Read the one JSON object of an answer; a fence or a word around it is forgiven."""
    try:
        value = orjson.loads(text[text.find("{") : text.rfind("}") + 1])
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


_VALIDATOR = Draft202012Validator(schema(ORDERS[0]))
