"""Scans what leaves and what comes back, whole, and says what that means. Knows no detector and no provider.

It is called by the door itself, before and after each call: litellm's in-process callbacks are bypassed by
its sync and batch calls, and their errors are swallowed.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

import orjson

from uncase_pipeline.gateway.shield import Flag, Shield
from uncase_pipeline.records.conversation import Json, walk_strings
from uncase_pipeline.records.finding import Finding, Scanner

Mode = Literal["audit", "warn", "block"]

T = TypeVar("T")

_REMEMBERED = 8_192
"""Texts; enough for the turns of every conversation under way."""
_MACHINE_ID = re.compile(r"(call|toolu|chatcmpl|fc|msg)[-_][\w-]+")
_WIRE_PATH = re.compile(
    r"messages\[\d+\](?:\.(?:content|name|tool_calls\[\d+\](?:\.function\.(?:name|arguments))?))?"
    r"|answer\.(?:content|reasoning_content|refusal|tool_calls\[\d+\](?:\.(?:name|arguments))?)"
    r"|tools\[\d+\]"
)
_OPAQUE_PARTS = ("image_url", "input_audio", "file", "video_url")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a payload or an answer: types, paths and counts, never text.

    Attributes:
        findings: Identifiers, with the path of the string that holds each.
        flags: What the prompt shield says.
    """

    findings: tuple[Finding, ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and not self.flags

    def wire(self) -> Json:
        """Return counts per type, as the ledger keeps them."""
        return {
            "pii": _counts(finding.entity_type for finding in self.findings),
            "shield": _counts(flag.kind for flag in self.flags),
        }

    def sentence(self) -> str:
        """Say what was found and where, without content."""
        found = [f"{finding.entity_type} in {finding.where}" for finding in self.findings]
        found += [f"{flag.kind} ({flag.rule}) in {flag.where}" for flag in self.flags]
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        return f"Found {', '.join(found[:5])}{more}."


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verdict means: ``audit`` writes it down, ``warn`` says so, ``block`` stops.

    Attributes:
        privacy: For identifiers.
        shield: For attempts on the model.
        log: Where warnings go; types and paths only.
    """

    privacy: Mode
    shield: Mode
    log: Callable[[str], None]

    def stops(self, verdict: Verdict) -> str | None:
        """Return what stops it, ``pii`` or ``shield``; None where it may go on."""
        if verdict.clean:
            return None
        if verdict.findings and self.privacy == "block":
            return "pii"
        if verdict.flags and self.shield == "block":
            return "shield"
        if "warn" in (self.privacy, self.shield):
            self.log(f"The gate warns: {verdict.sentence()}")
        return None


class Gate:
    """Scans payloads and answers with one scanner and one shield."""

    def __init__(self, scanner: Scanner, shield: Shield) -> None:
        self.version = f"{scanner.version}+shield-{shield.version}"
        self._scanner = scanner
        self._shield = shield
        self._findings = _Remembered(self._scanned)
        self._flags = _Remembered(shield.flags)

    def of_payload(
        self, payload: Json, *, language: str, domain: str | None, quoted: Iterable[str] = ()
    ) -> Verdict:
        """Scan all that would leave: messages, names, tool definitions, arguments, results, parameters.

        Args:
            payload: Whole.
            language: Of the text.
            domain: Whose detectors read it.
            quoted: Texts of others that our own system prompt quotes, which the shield does not read.
        """
        findings = self._scan(walk_payload(payload), language, domain)
        flags = [
            replace(flag, where=_place(where))
            for where, text in (
                *_untrusted(payload.get("messages", ())),
                *(("quoted", text) for text in quoted),
            )
            for flag in self._flags.of(text)
        ]
        return Verdict((*findings, *_opaque(payload.get("messages", ()))), tuple(flags))

    def of_answer(self, message: Json, *, language: str, domain: str | None) -> Verdict:
        """Scan everything that came back: text, reasoning, names and arguments of tool calls."""
        findings = self._scan(walk_payload({"answer": message}), language, domain)
        flags = [
            replace(flag, where=f"answer.{name}")
            for name in ("content", "reasoning_content")
            for flag in self._flags.of(message.get(name) or "")
        ]
        return Verdict(findings, tuple(flags))

    def _scan(
        self, strings: Iterator[tuple[str, str]], language: str, domain: str | None
    ) -> tuple[Finding, ...]:
        return tuple(
            replace(finding, where=_place(where))
            for where, text in strings
            for finding in self._findings.of(text, language, domain)
        )

    def _scanned(self, text: str, language: str, domain: str | None) -> list[Finding]:
        return self._scanner.scan_text(text, language=language, domain=domain)


class _Remembered(Generic[T]):
    """Results by text: system prompts, tools and earlier turns come back with every call."""

    def __init__(self, function: Callable[..., list[T]]) -> None:
        self._function = function
        self._known: OrderedDict[tuple[str | None, ...], list[T]] = OrderedDict()

    def of(self, *arguments: str | None) -> list[T]:
        result = self._known.get(arguments)
        if result is not None:
            self._known.move_to_end(arguments)
            return result
        result = self._known[arguments] = self._function(*arguments)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return result


def walk_payload(payload: Json) -> Iterator[tuple[str, str]]:
    """Yield ``(path, text)`` for every string, key and number; JSON inside a string is opened.

    Arguments and tool results travel as JSON text, where an escaped letter would hide a name.
    """
    for name, part in payload.items():
        for path, text in walk_strings(part, name):
            opened = _opened(text)
            if opened is not None:
                yield from walk_payload({path: opened})
            elif not _MACHINE_ID.fullmatch(text):
                yield path, text


def _place(path: str) -> str:
    """Cut a path where keys begin that the wire format does not name: a key may be content too."""
    known = _WIRE_PATH.match(path)
    return known[0] if known else path.partition(".")[0]


def _opened(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _untrusted(messages: Any) -> Iterator[tuple[str, str]]:
    """What people and tools said; the system prompt is ours."""
    for index, message in enumerate(messages):
        if message.get("role") in ("user", "tool", "assistant"):
            yield from walk_strings(message.get("content"), f"messages[{index}].content")


def _opaque(messages: Any) -> Iterator[Finding]:
    """Parts that no text scanner can read count as findings."""
    for index, message in enumerate(messages):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") in _OPAQUE_PARTS:
                yield Finding("UNREADABLE", 0, 0, 1.0, f"messages[{index}].content[{number}]")


def _counts(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))
