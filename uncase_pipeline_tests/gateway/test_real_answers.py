"""What providers really send when something is wrong or odd, over loopback: each is called what it is."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.journal import Journal
from uncase_pipeline.gateway.request import Outcome, Refusal, Reply
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.gateway.world import SmallScanner, ask, listening, run, saying, with_settings

OPENAI = "openai/gpt-4o-mini"
CLAUDE = "anthropic/claude-sonnet-4-5"
GEMINI = "gemini/gemini-2.5-flash"
KEY = "key-on-no-account-0004"


def _asked(
    house: Settings, model: str, status: int, answer: Any, asked: list[str] | None = None, **changes: Any
) -> Outcome:
    async def story() -> Outcome:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        said = saying(body, "Content-Type: application/json", status=status)
        async with listening(said, [] if asked is None else asked) as url:
            settings = with_settings(house, api_base=url, litellm_api_key=SecretStr(KEY), **changes)
            async with Gateway.open(settings, SmallScanner(), run_id="run-1", log=lambda _line: None) as door:
                return await door.complete(ask("hola", model=model))

    return run(story())


def _error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def _chat(message: dict[str, Any], usage: Any = ...) -> dict[str, Any]:
    counted = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}],
        "usage": counted if usage is ... else usage,
    }


@pytest.mark.parametrize(
    ("model", "status", "answer", "code", "words"),
    [
        (
            OPENAI,
            401,
            _error(f"Incorrect API key: {KEY}", code="invalid_api_key"),
            "bad-key",
            "invalid_api_key",
        ),
        (
            OPENAI,
            403,
            _error(
                "Country, region, or territory not supported", code="unsupported_country_region_territory"
            ),
            "wrong-region",
            "country or region",
        ),
        (OPENAI, 307, b"", "moved", "HTTP 307"),
        (CLAUDE, 400, _error("Your credit balance is too low to access the API."), "no-credit", "credit"),
        (GEMINI, 400, _error("API key expired. Please renew the API key.", code=400), "bad-key", "key"),
        (
            GEMINI,
            400,
            _error("User location is not supported for the API use.", status="FAILED_PRECONDITION"),
            "wrong-region",
            "FAILED_PRECONDITION",
        ),
    ],
)
def test_what_no_second_try_can_help_ends_the_run_at_once(
    house: Settings, model: str, status: int, answer: Any, code: str, words: str
) -> None:
    asked: list[str] = []
    with pytest.raises(UncaseError) as ending:
        _asked(house, model, status, answer, asked)
    assert ending.value.code == code
    assert words in ending.value.message
    assert KEY not in str(ending.value)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("model", "status", "answer"),
    [
        (CLAUDE, 529, _error("Overloaded", type="overloaded_error")),
        (GEMINI, 503, _error("The model is overloaded.", code=503, status="UNAVAILABLE")),
    ],
)
def test_a_provider_that_is_overloaded_is_waited_for_and_not_counted_as_broken(
    house: Settings, model: str, status: int, answer: Any
) -> None:
    asked: list[str] = []
    with pytest.raises(UncaseError) as ending:
        _asked(house, model, status, answer, asked, max_attempts=1, breaker_seconds=0.5)
    assert ending.value.code == "provider-down"
    assert "overloaded" in ending.value.message
    assert "0 tries" not in ending.value.message
    assert len(asked) > 1


@pytest.mark.parametrize(
    ("model", "status", "answer"),
    [
        (OPENAI, 429, _error("Request too large for gpt-4o-mini on tokens per min (TPM)", type="tokens")),
        (CLAUDE, 413, _error("Request exceeds the maximum size", type="request_too_large")),
    ],
)
def test_a_request_that_can_never_pass_is_refused_alone(
    house: Settings, model: str, status: int, answer: Any
) -> None:
    asked: list[str] = []
    outcome = _asked(house, model, status, answer, asked)
    assert isinstance(outcome, Refusal)
    assert (outcome.reason, len(asked)) == ("too-long", 1)


@pytest.mark.parametrize(
    "answer",
    [b"null", b"<html>log in</html>", b"", _error("bad", code="server_error"), _chat({}) | {"choices": None}],
)
def test_an_error_under_status_200_is_no_answer(house: Settings, answer: Any) -> None:
    outcome = _asked(house, OPENAI, 200, answer, max_attempts=1)
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "broken-answer"


def test_half_an_emoji_is_paid_once_and_kept(house: Settings) -> None:
    answer = json.dumps(_chat({"content": "Hola MARK"})).replace("MARK", "\\ud83d").encode()
    reply = _asked(house, OPENAI, 200, answer)
    again = _asked(house, OPENAI, 500, b"")
    assert isinstance(reply, Reply)
    assert isinstance(again, Reply)
    assert (reply.text, again.text, again.from_journal) == ("Hola ?", "Hola ?", True)


def test_content_in_parts_is_one_text_and_its_thoughts_are_scanned(house: Settings) -> None:
    parts = [{"type": "text", "text": "Cla"}, {"type": "text", "text": "ro."}]
    asked: list[str] = []
    reply = _asked(house, "vllm/m", 200, _chat({"content": parts}), asked)
    assert isinstance(reply, Reply)
    assert (reply.text, len(asked)) == ("Claro.", 1)
    thought = [{"type": "thinking", "thinking": [{"type": "text", "text": "ana@correo.mx"}]}, *parts]
    refusal = _asked(house, "vllm/n", 200, _chat({"content": thought}))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "pii-in-answer"


def test_a_refusal_of_the_model_is_not_called_an_empty_answer(house: Settings) -> None:
    reply = _asked(house, OPENAI, 200, _chat({"content": None, "refusal": "I can't help with that."}))
    assert isinstance(reply, Reply)
    assert (reply.text, reply.finish_reason) == ("", "content_filter")


def test_tokens_that_nobody_counted_cost_an_unknown_sum_and_count_against_the_cap_at_their_most(
    house: Settings,
) -> None:
    changes = {"cap_usd_per_run": 1.0, "max_output_tokens": 1_000}
    reply = _asked(house, OPENAI, 200, _chat({"content": "Claro."}, usage=None), **changes)
    assert isinstance(reply, Reply)
    assert reply.cost_usd is None
    journal = Journal.open(house)
    spent = journal.spent(run_id="run-1", now=0.0)
    assert journal.costs("model").total.unpriced == 1
    journal.close()
    assert 1_000 * 0.6e-6 < spent.run < 0.01
