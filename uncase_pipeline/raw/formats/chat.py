"""From what was said in a chat to drafts: order, silences, who is the assistant. Knows no product."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from uncase_pipeline.raw import clock, roles
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.conversation import Kind, Message, Role
from uncase_pipeline.records.ids import content_id


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a chat, as its export gives it.

    Attributes:
        author: Name or number; None for notices.
        text: What was written, or the placeholder of what was sent.
        timestamp: ISO 8601.
        kind: What sort of message.
        identity: Account behind the name.
        role: Where the product says it.
    """

    author: str | None
    text: str
    timestamp: str | None
    kind: Kind = "text"
    identity: str | None = None
    role: Role | None = None


def chat(
    said: list[Said],
    options: ReadOptions,
    *,
    thread: tuple[Any, ...] = (),
    participants: list[str] | None = None,
    counterpart: str | None = None,
    position: int = 0,
) -> Iterator[Draft]:
    """Yield the conversations of a chat: oldest first, split at silences.

    Args:
        said: Its messages.
        options: How to read.
        thread: What names the chat.
        participants: Names and numbers of everyone that the export names.
        counterpart: The person whom the export is named after.
        position: The record that the chat began in.

    Raises:
        BadRecordError: ``no-turns``.
    """
    ordered = clock.oldest_first(said, attrgetter("timestamp"))
    parts = list(_split(ordered, options.gap_seconds))
    if not parts:
        raise BadRecordError("no-turns")
    if len(parts) > 1 and all(item.kind == "system" for item in parts[-1]):
        parts[-2:] = [
            parts[-2] + parts[-1]
        ]  # notices join what follows them; behind the last there is nothing
    decision = _decide(parts, options, counterpart)
    identity = content_id("chat", thread)
    accounts = list(dict.fromkeys(item.identity for item in ordered if item.identity))
    for part in parts:
        messages = [Message(_role(item), item.text, item.author, item.timestamp, item.kind) for item in part]
        if decision is not None:
            roles.apply(messages, decision)
        yield Draft(
            messages=messages,
            position=position,
            thread=identity,
            roles_rule=decision.rule if decision else "format",
            subjects=_subjects(part, decision),
            participants=[*(participants or ()), *accounts],
            openings=True,
            named=True,
        )


def _role(item: Said) -> Role:
    return item.role or ("system" if item.kind == "system" else "user")


def _split(said: list[Said], gap: int) -> Iterator[list[Said]]:
    held: list[Said] = []
    last: str | None = None
    spoken = False
    for item in said:
        silence = clock.seconds_between(last, item.timestamp)
        if spoken and silence is not None and silence > gap:
            yield held
            held, spoken = [], False
        held.append(item)
        spoken = spoken or item.kind != "system"
        last = item.timestamp if item.kind != "system" else last
    if held:
        yield held


def _decide(parts: list[list[Said]], options: ReadOptions, counterpart: str | None) -> roles.Decision | None:
    people = [item for part in parts for item in part if item.author is not None and item.kind != "system"]
    if people and all(item.role for item in people):
        return None
    openers: Counter[str] = Counter()
    for part in parts:
        first = next((item.author for item in part if item.author and item.kind != "system"), None)
        if first:
            openers[first] += 1
    return roles.decide(
        [item.author for item in people if item.author], options, openers=openers, counterpart=counterpart
    )


def _subjects(part: list[Said], decision: roles.Decision | None) -> list[str]:
    """Return the accounts of the customers who speak, where the export has accounts."""
    found: dict[str, None] = {}
    for item in part:
        if item.author is None or item.kind == "system" or item.identity is None:
            continue
        theirs = item.role == "user" if decision is None else item.author not in decision.assistants
        if theirs:
            found[item.identity] = None
    return list(found)


def _requesters(said: list[Said], subject: str | None) -> list[str]:
    """Return everyone who writes as a customer in a ticket: who opened it and those in copy."""
    others = [item.identity for item in said if item.role == "user" and item.identity]
    return list(dict.fromkeys([subject, *others])) if subject else []


def ticket(
    said: list[Said],
    key: object,
    *,
    participants: list[str],
    subject: str | None,
    metadata: dict[str, Any],
) -> Iterator[Draft]:
    """Yield a ticket as one conversation, oldest message first; who is who is the product's own word.

    Raises:
        BadRecordError: ``no-turns``.
    """
    if not said:
        raise BadRecordError("no-turns")
    yield Draft(
        messages=[
            Message(_role(item), item.text, item.author, item.timestamp, item.kind)
            for item in clock.oldest_first(said, attrgetter("timestamp"))
        ],
        position=0,
        key=None if key is None else str(key),
        roles_rule="format",
        subject=subject,
        subjects=_requesters(said, subject),
        participants=list(dict.fromkeys(participants)),
        openings=True,
        named=True,
        metadata={name: value for name, value in metadata.items() if value},
    )
