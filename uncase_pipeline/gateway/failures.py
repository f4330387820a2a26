"""What went wrong with a call, without a word of what the provider wrote. Knows no retries.

Providers quote prompts and keys in their errors ("Incorrect API key provided: sk-…"), so their text stops
here: what goes on is the kind of failure, the status and, where it is a bare identifier, the error's code.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import orjson

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
    "wrong-region": "that it does not serve this country or region",
    "moved": "that its address has moved",
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
    "wrong-region": "Name another provider or a regional base URL, or ask from where the provider is offered.",
    "moved": "Set UNCASE_API_BASE to the new address; nothing is sent on to a host that nobody named.",
    "unknown-model": "Check the model's name in UNCASE_MODEL and the base URL in UNCASE_API_BASE.",
    "unreachable": "Check the network and UNCASE_API_BASE, then run it again: what was answered is kept.",
    "bad-request": "Check the parameters of the request against what the model supports.",
}
_NETWORK = (
    ("unreachable", {"ClientConnectorError", "gaierror", "ConnectionRefusedError"}),
    ("timed-out", {"Timeout", "APITimeoutError", "TimeoutException", "TimeoutError"}),
    ("cut-off", {"ReadError", "RemoteProtocolError", "ServerDisconnectedError", "ClientOSError"}),
    ("unreachable", {"ConnectError"}),
    ("broken-answer", {"JSONDecodeError", "NoAnswerError"}),
)
_SAYS = (
    (
        Sort.FATAL,
        "no-credit",
        r"insufficient_quota|credit balance is too low|credit_balance_too_low|billing_hard_limit_reached",
    ),
    (Sort.FATAL, "bad-key", r"API key expired|API_KEY_INVALID"),
    (Sort.FATAL, "wrong-region", r"unsupported_country_region_territory|User location is not supported"),
    (Sort.REFUSED, "too-long", r"Request too large for"),
)
"""What some providers say under a status that means something else with others."""
_RETRY_DELAY = re.compile(r'"retryDelay":\s*"(\d+(?:\.\d+)?)s"')
_IDENTIFIER = re.compile(r"[a-z][a-z_]{2,47}|[A-Z][A-Z_]{2,47}")
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
    links = list(_links(error))
    names = {kind.__name__ for link in links for kind in type(link).__mro__}
    for code, kinds in _NETWORK:
        if not kinds.isdisjoint(names):
            return Failure(Sort.TRANSIENT, code)
    status, hint = _status(links), _hint(links)
    text = " ".join((hint, *map(_text, links)))
    if "ContextWindowExceededError" in names:
        return Failure(Sort.REFUSED, "too-long", status, hint=hint)
    if "ContentPolicyViolationError" in names:
        return Failure(Sort.REFUSED, "content-filter", status, hint=hint)
    for sort, code, said in _SAYS:
        if re.search(said, text):
            return Failure(sort, code, status, hint=hint)
    return _by_status(status, _retry_after(links, text, now), hint)


def _by_status(status: int | None, retry_after: float | None, hint: str) -> Failure:
    if status is None:
        return Failure(Sort.TRANSIENT, "broken-answer", hint=hint)
    if status in _BY_STATUS:
        sort, code = _BY_STATUS[status]
        return Failure(sort, code, status, retry_after, hint)
    if 300 <= status < 400:
        return Failure(Sort.FATAL, "moved", status)
    if 400 <= status < 500:
        return Failure(Sort.REFUSED, "bad-request", status, hint=hint)
    return Failure(Sort.TRANSIENT, "server-error", status, retry_after, hint)


def _links(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it: litellm calls a refused connection a server error."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _status(links: list[BaseException]) -> int | None:
    """Return litellm's status, or the provider's own where that one says more; None without an answer.

    litellm knows wrong keys that come as 400, and calls 529 and 503 plain server errors. An answer that it
    can't read it calls a server error too.
    """
    found = [code for link in links if isinstance(code := getattr(link, "status_code", None), int)]
    if not found or (found[0] >= 500 and all(getattr(link, "response", None) is None for link in links)):
        return None
    return found[-1] if found[-1] in _BY_STATUS or 300 <= found[-1] < 400 else found[0]


def _text(link: BaseException) -> str:
    """What a provider wrote, to be searched for what it means and no more."""
    said = None
    with suppress(RuntimeError):  # the body of a stream was never read
        said = getattr(getattr(link, "response", None), "text", None)
    return said if isinstance(said, str) and said else str(link)


def _headers(links: list[BaseException]) -> dict[str, str]:
    """Find the headers of the answer; litellm hangs them in one of two places."""
    found: dict[str, str] = {}
    for link in links:
        for headers in (
            getattr(getattr(link, "response", None), "headers", None),
            getattr(link, "litellm_response_headers", None),
        ):
            found.update({str(name).lower(): str(value) for name, value in dict(headers or {}).items()})
    return found


def _retry_after(links: list[BaseException], text: str, now: float) -> float | None:
    headers = _headers(links)
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1_000)
        if "retry-after" in headers:
            return max(0.0, float(headers["retry-after"]))
    except ValueError:
        return _until_date(headers["retry-after"], now) if "retry-after" in headers else None
    delay = _RETRY_DELAY.search(text)  # Gemini's
    return float(delay[1]) if delay else None


def _until_date(text: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return None


def _hint(links: list[BaseException]) -> str:
    """The provider's error code, if it can't be anything but a code."""
    for link in links:
        body = getattr(link, "body", None) or _json(_text(link))
        inner = body.get("error", body) if isinstance(body, dict) else {}
        for name in ("code", "status", "type") if isinstance(inner, dict) else ():
            if isinstance(inner.get(name), str) and _IDENTIFIER.fullmatch(inner[name]):
                return str(inner[name])
    return ""


def _json(text: str) -> Any:
    try:
        return orjson.loads(text) if text.startswith("{") else None
    except orjson.JSONDecodeError:
        return None
