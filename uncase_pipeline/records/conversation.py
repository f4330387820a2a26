"""A conversation and its parts, as plain dataclasses. Knows nothing of files, Arrow or JSON.

These are what every layer's functions take and return. Borders are elsewhere: ``native`` reads and writes
JSON lines, ``arrow`` reads and writes record batches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

Role = Literal["system", "user", "assistant", "tool"]
Kind = Literal["text", "media", "system", "deleted", "edited", "poll", "location", "call"]
ROLES: tuple[str, ...] = get_args(Role)
KINDS: tuple[str, ...] = get_args(Kind)

Json = dict[str, Any]


@dataclass(slots=True)
class ToolCall:
    """A call that the assistant makes; ``arguments`` is an object, never a JSON string."""

    id: str
    name: str
    arguments: Json


@dataclass(slots=True)
class Message:
    """One turn.

    Attributes:
        role: Canonical role.
        content: Text; empty where the turn is only tool calls or only media.
        speaker: The speaker's label in the domain (``customer``), or the author as the export names them.
        timestamp: ISO 8601, as local as the source was.
        kind: What sort of turn it is; only ``text`` and ``edited`` carry what a person wrote.
        tool_calls: Calls made in this turn.
        tool_call_id: For the role ``tool``: the call that this answers.
        metadata: Every key of the source that has no field here.
    """

    role: Role
    content: str
    speaker: str | None = None
    timestamp: str | None = None
    kind: Kind = "text"
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    metadata: Json = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Travel between processes as a tuple, twice as fast as by the names of eight fields a turn."""
        return type(self), (
            self.role,
            self.content,
            self.speaker,
            self.timestamp,
            self.kind,
            self.tool_calls,
            self.tool_call_id,
            self.metadata,
        )


@dataclass(slots=True, frozen=True)
class Source:
    """Where a conversation was read: detected format, SHA-256 of the file, position in it."""

    format: str
    sha256: str
    position: int


@dataclass(slots=True)
class Conversation:
    """A conversation, real or synthetic.

    Attributes:
        conversation_id: Id made from content.
        domain: Partition key.
        messages: Turns in order.
        language: ISO 639-1, or None where it was not detected.
        seed_id: The seed that a synthetic conversation was made from.
        subject_id: Keyed pseudonymous id of the customer whose conversation it is.
        tools: Tool definitions in the OpenAI shape.
        source: Where it was read, None for synthetic ones.
        metadata: Lineage and everything else, JSON-serializable.
    """

    conversation_id: str
    domain: str
    messages: list[Message]
    language: str | None = None
    seed_id: str | None = None
    subject_id: str | None = None
    tools: list[Json] | None = None
    source: Source | None = None
    metadata: Json = field(default_factory=dict)

    def strings(self) -> Iterator[tuple[str, str]]:
        """Walk every string a person could have put something into.

        Yields:
            ``(path, text)``, such as ``messages[2].tool_calls[0].arguments.email``. Keys of objects are walked
            too, as ``….<key>``. Ids and enumerated fields (role, kind, timestamps) are not.
        """
        for index, message in enumerate(self.messages):
            at = f"messages[{index}]"
            yield f"{at}.content", message.content
            if message.speaker is not None:
                yield f"{at}.speaker", message.speaker
            for number, call in enumerate(message.tool_calls or ()):
                yield f"{at}.tool_calls[{number}].name", call.name
                yield from walk_strings(call.arguments, f"{at}.tool_calls[{number}].arguments")
            yield from walk_strings(message.metadata, f"{at}.metadata")
        yield from walk_strings(self.tools or [], "tools")
        yield from walk_strings(self.metadata, "metadata")


def walk_strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield ``(path, text)`` for every string, key and number in a JSON value, at any depth."""
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        at, item = stack.pop()
        if isinstance(item, str):
            yield at, item
        elif isinstance(item, dict):
            for key in reversed(list(item)):
                stack.append((f"{at}.{key}", item[key]))
                stack.append((f"{at}.<key>", str(key)))
        elif isinstance(item, list | tuple):
            stack.extend((f"{at}[{index}]", item[index]) for index in range(len(item) - 1, -1, -1))
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield at, str(item)
