"""What went wrong with a call, without a word of what the provider wrote. Knows no retries.

Providers quote prompts and keys in their errors ("Incorrect API key provided: sk-…"), so their text stops
here: what goes on is the kind of failure, the status and, where it is a bare identifier, the error's code.
"""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from uncase_pipeline.errors import UncaseError


class Sort(StrEnum):
    """What a failure means for the run."""

    THROTTLED = "throttled"
    TRANSIENT = "transient"
    REFUSED = "refused"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt.

    Attributes:
        sort: Throttled and transient ones are tried again, a refused request never; a fatal one ends the
            lane.
        code: Kebab-case name of what happened.
        status: HTTP status, None where there was none.
        retry_after: Seconds that the provider asked to wait.
        hint: The provider's error code, where it is a bare identifier.
    """

    sort: Sort
    code: str
    status: int | None = None
    retry_after: float | None = None
    hint: str = ""

    def sentence(self, provider: str, model: str) -> str:
        """Say what happened, for people."""
        status = f" (HTTP {self.status}{f', {self.hint}' if self.hint else ''})" if self.status else ""
        return f"{provider} answered {_SAID.get(self.code, self.code)} for {model}{status}."

    def error(self, provider: str, model: str) -> UncaseError:
        """Return the error that ends the run."""
        remedy = _REMEDIES.get(
            self.code, "Run `uncase provider test` and look at the provider's status page."
        )
        return UncaseError(self.code, self.sentence(provider, model), remedy)


_SAID = {
    "bad-key": "that the API key is not valid",
    "not-allowed": "that this key may not use the model",
    "no-credit": "that the account has no credit left",
    "unknown-model": "that it does not have the model or the address",
    "throttled": "that there are too many requests",
    "overloaded": "that it is overloaded",
    "timed-out": "nothing in time",
    "server-error": "with a server error",
    "unreachable": "nothing: it can't be reached",
    "cut-off": "nothing: the connection broke",
    "broken-answer": "with something that is not an answer",
    "bad-request": "that the request is not valid",
    "too-long": "that the request is too long",
    "content-filter": "that its content filter refuses the request",
}
_REMEDIES = {
    "bad-key": "Set the right key (LITELLM_API_KEY, the provider's own variable, or `uncase provider add`).",
    "not-allowed": "Give the key access to the model, or name another model in UNCASE_MODEL.",
    "no-credit": "Add credit, or name another model in UNCASE_MODEL; what was answered so far is kept.",
    "unknown-model": "Check the model's name in UNCASE_MODEL and the base URL in UNCASE_API_BASE.",
    "unreachable": "Check the network and UNCASE_API_BASE, then run it again: what was answered is kept.",
    "bad-request": "Check the parameters of the request against what the model supports.",
}
_NETWORK = {
    "unreachable": {"ConnectError", "ClientConnectorError", "gaierror", "ConnectionRefusedError"},
    "timed-out": {"Timeout", "APITimeoutError", "TimeoutException", "TimeoutError"},
    "cut-off": {"ReadError", "RemoteProtocolError", "ServerDisconnectedError", "ConnectionResetError"},
    "broken-answer": {"JSONDecodeError", "NoAnswerError"},
}
_UNREADABLE = {"KeyError", "AttributeError", "TypeError", "IndexError", "ValidationError"}
_NO_CREDIT = ("insufficient_quota", "credit_balance_too_low", "billing_hard_limit_reached")
_IDENTIFIER = re.compile(r"[a-z][a-z_]{2,39}")
_BY_STATUS: dict[int, tuple[Sort, str]] = {
    401: (Sort.FATAL, "bad-key"),
    402: (Sort.FATAL, "no-credit"),
    403: (Sort.FATAL, "not-allowed"),
    404: (Sort.FATAL, "unknown-model"),
    408: (Sort.TRANSIENT, "timed-out"),
    409: (Sort.TRANSIENT, "server-error"),
    413: (Sort.REFUSED, "too-long"),
    429: (Sort.THROTTLED, "throttled"),
    503: (Sort.THROTTLED, "overloaded"),
    529: (Sort.THROTTLED, "overloaded"),
}


def classify(error: BaseException, *, now: float) -> Failure:
    """Say what an exception of litellm, or of the network below it, means.

    Args:
        error: What was raised.
        now: Time of the day, for a ``Retry-After`` that is a date.
    """
    names = _names(error)
    for code, kinds in _NETWORK.items():
        if not kinds.isdisjoint(names):
            return Failure(Sort.TRANSIENT, code)
    if _unread(error):
        return Failure(Sort.TRANSIENT, "broken-answer")
    status = getattr(error, "status_code", None)
    hint = _hint(error)
    if "ContextWindowExceededError" in names:
        return Failure(Sort.REFUSED, "too-long", status, hint=hint)
    if "ContentPolicyViolationError" in names:
        return Failure(Sort.REFUSED, "content-filter", status, hint=hint)
    if hint in _NO_CREDIT:
        return Failure(Sort.FATAL, "no-credit", status, hint=hint)
    return _by_status(status, _retry_after(error, now), hint)


def _by_status(status: int | None, retry_after: float | None, hint: str) -> Failure:
    if status in _BY_STATUS:
        sort, code = _BY_STATUS[status]
        return Failure(sort, code, status, retry_after, hint)
    if status is not None and 400 <= status < 500:
        return Failure(Sort.REFUSED, "bad-request", status, hint=hint)
    if status is not None and status >= 500:
        return Failure(Sort.TRANSIENT, "server-error", status, retry_after, hint)
    return Failure(Sort.TRANSIENT, "broken-answer", hint=hint)


def _names(error: BaseException) -> set[str]:
    """Names of the exceptions that led to this one: litellm calls a refused connection a server error."""
    names = set()
    link: BaseException | None = error
    while link is not None:
        names |= {kind.__name__ for kind in type(link).__mro__}
        link = link.__cause__ or link.__context__
    return names


def _unread(error: BaseException) -> bool:
    """Whether litellm could not read what came back, which it calls a connection error with status 500."""
    root = error
    while below := root.__cause__ or root.__context__:
        root = below
    return type(error).__name__ == "APIConnectionError" and type(root).__name__ in _UNREADABLE


def _headers(error: BaseException) -> dict[str, str]:
    """Find the headers of the answer; litellm hangs them in one of two places."""
    response: Any = getattr(error, "response", None)
    found = dict(getattr(response, "headers", None) or {})
    found.update(getattr(error, "litellm_response_headers", None) or {})
    return {str(name).lower(): str(value) for name, value in found.items()}


def _retry_after(error: BaseException, now: float) -> float | None:
    headers = _headers(error)
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1_000)
        return max(0.0, float(headers["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        return _until_date(headers["retry-after"], now)


def _until_date(text: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None


def _hint(error: BaseException) -> str:
    """The provider's error code, if it can't be anything but a code."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else {}
    for source in (inner.get("code"), inner.get("type")) if isinstance(inner, dict) else ():
        if isinstance(source, str) and _IDENTIFIER.fullmatch(source):
            return source
    found = re.search(r"insufficient_quota|credit balance is too low|billing_hard_limit_reached", str(error))
    return "insufficient_quota" if found else ""
