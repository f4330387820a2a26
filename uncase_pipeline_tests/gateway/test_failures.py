"""What an exception means, and that no word of the provider gets through."""

import httpx
import pytest

from uncase_pipeline.gateway.backend import load_litellm
from uncase_pipeline.gateway.failures import Sort, classify

SECRET = "sk-very-secret-key-0001"


def _raised(
    name: str, status: int, headers: dict[str, str] | None = None, body: object = None
) -> BaseException:
    litellm = load_litellm()
    response = httpx.Response(status, headers=headers or {}, request=httpx.Request("POST", "http://x"))
    kind = getattr(litellm.exceptions, name)
    error: BaseException = kind(
        message=f"{name}: bad {SECRET}", model="m", llm_provider="openai", response=response
    )
    error.body = body  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("name", "status", "sort", "code"),
    [
        ("AuthenticationError", 401, Sort.FATAL, "bad-key"),
        ("PermissionDeniedError", 403, Sort.FATAL, "not-allowed"),
        ("NotFoundError", 404, Sort.FATAL, "unknown-model"),
        ("RateLimitError", 429, Sort.THROTTLED, "throttled"),
        ("ServiceUnavailableError", 503, Sort.THROTTLED, "overloaded"),
        ("InternalServerError", 500, Sort.TRANSIENT, "server-error"),
        ("BadRequestError", 400, Sort.REFUSED, "bad-request"),
        ("ContextWindowExceededError", 400, Sort.REFUSED, "too-long"),
        ("ContentPolicyViolationError", 400, Sort.REFUSED, "content-filter"),
    ],
)
def test_each_sort_of_error_means_what_it_should(name: str, status: int, sort: Sort, code: str) -> None:
    failure = classify(_raised(name, status), now=0)
    assert (failure.sort, failure.code) == (sort, code)
    assert SECRET not in failure.sentence("openai", "m")
    assert SECRET not in str(failure.error("openai", "m"))


def test_an_account_without_credit_is_hopeless_though_it_says_429() -> None:
    error = _raised("RateLimitError", 429, body={"error": {"code": "insufficient_quota"}})
    assert classify(error, now=0).code == "no-credit"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT"}, 40.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_milliseconds_or_a_date(
    headers: dict[str, str], wait: float | None
) -> None:
    assert classify(_raised("RateLimitError", 429, headers), now=60.0).retry_after == wait


def test_a_code_that_is_not_a_bare_identifier_is_not_repeated() -> None:
    error = _raised("BadRequestError", 400, body={"error": {"code": f"key {SECRET}"}})
    assert classify(error, now=0).hint == ""


def test_a_timeout_is_transient() -> None:
    assert classify(TimeoutError(), now=0).code == "timed-out"


def test_an_answer_that_litellm_cannot_read_is_not_called_a_server_error() -> None:
    litellm = load_litellm()
    error = litellm.exceptions.APIConnectionError(message="'content'", llm_provider="openai", model="m")
    error.__cause__ = KeyError("content")
    assert (classify(error, now=0).sort, classify(error, now=0).code) == (Sort.TRANSIENT, "broken-answer")
