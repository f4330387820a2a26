"""Judges for tests: OpenAI-compatible servers on loopback that rate by a rule."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.provider_server import Provider, served
from uncase_pipeline.certified.judge.rubric import CRITERIA
from uncase_pipeline.settings import Settings

MODEL = "openai/gpt-4o-mini"
Body = dict[str, Any]


def asked_first(body: Body) -> str:
    """Return the question that stands first in a prompt."""
    rubric = str(body["messages"][0]["content"])
    return min(CRITERIA, key=lambda name: rubric.index(f"- {name}:"))


def steady(points: int | dict[str, int]) -> Callable[[Body], str]:
    """Return a judge that gives the same points in any order, 3 where nothing is said."""
    given = (
        dict.fromkeys(CRITERIA, 3) | points if isinstance(points, dict) else dict.fromkeys(CRITERIA, points)
    )
    return lambda _body: json.dumps(given)


def partial_to_the_first(body: Body) -> str:
    """Give 5 to whatever is asked first and 1 to the rest."""
    return json.dumps(dict.fromkeys(CRITERIA, 1) | {asked_first(body): 5})


def judge_that(answer: Callable[[Body], str], **more: Any) -> Provider:
    return Provider(answer=answer, keep_bodies=True, **more)


@contextmanager
def judging(house: Settings, provider: Provider, **changes: Any) -> Iterator[Settings]:
    """Yield settings that point to a judge, which serves from a thread."""
    with served(provider) as url:
        yield house.model_copy(update={"api_base": url, "judge_model": MODEL, **changes})
