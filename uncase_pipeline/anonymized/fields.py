"""Every string of a conversation, and the same conversation with other strings. Knows no identifier.

One walk serves both directions, so what is read is exactly what is rewritten: text, speakers, tool arguments,
tool definitions and metadata, keys and numbers of JSON objects included.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from uncase_pipeline.records.conversation import Conversation, Message, ToolCall

Kind = Literal["turn", "value", "key", "tool"]


class Field(NamedTuple):
    """One string of a conversation.

    Attributes:
        path: As in ``Conversation.strings``.
        kind: ``turn`` is what a person wrote, ``value`` and ``key`` are of arguments and metadata, ``tool`` of
            tool names and definitions, which developers wrote.
        text: The string.
        label: For a value, the words of the key that it stands under.
    """

    path: str
    kind: Kind
    text: str
    label: str = ""


Visit = Callable[[Field], str]


def fields_of(conversation: Conversation) -> list[Field]:
    """Return every string, in a fixed order; speakers are not among them."""
    found: list[Field] = []

    def note(field: Field) -> str:
        found.append(field)
        return field.text

    _walked(conversation, note)
    return found


def with_texts(conversation: Conversation, texts: Iterable[str]) -> Conversation:
    """Return a copy with new strings, in the order of ``fields_of``."""
    remaining = iter(texts)
    return _walked(conversation, lambda _field: next(remaining))


def _walked(conversation: Conversation, visit: Visit) -> Conversation:
    return replace(
        conversation,
        messages=[
            _message(message, f"messages[{index}]", visit)
            for index, message in enumerate(conversation.messages)
        ],
        tools=_json(conversation.tools, "tools", "tool", visit) if conversation.tools else conversation.tools,
        metadata=_json(conversation.metadata, "metadata", "value", visit),
    )


def _message(message: Message, at: str, visit: Visit) -> Message:
    content = visit(Field(f"{at}.content", "turn", message.content))
    if not (message.tool_calls or message.metadata) and content == message.content:
        return message
    return replace(
        message,
        content=content,
        tool_calls=[
            ToolCall(
                call.id,
                visit(Field(f"{at}.tool_calls[{number}].name", "tool", call.name)),
                _json(call.arguments, f"{at}.tool_calls[{number}].arguments", "value", visit),
            )
            for number, call in enumerate(message.tool_calls)
        ]
        if message.tool_calls
        else message.tool_calls,
        metadata=_json(message.metadata, f"{at}.metadata", "value", visit),
    )


def _json(value: Any, at: str, kind: Kind, visit: Visit, label: str = "") -> Any:
    if isinstance(value, dict):
        return {
            visit(Field(f"{at}.<key>", "tool" if kind == "tool" else "key", str(key))): _json(
                item, f"{at}.{key}", kind, visit, _words(str(key))
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_json(item, f"{at}[{index}]", kind, visit, label) for index, item in enumerate(value)]
    if isinstance(value, str):
        return visit(Field(at, kind, value, label))
    if isinstance(value, int | float) and not isinstance(value, bool):
        written = visit(Field(at, kind, str(value), label))
        return value if written == str(value) else written
    return value


def _words(key: str) -> str:
    """``customerName`` and ``customer_name`` read ``customer name``."""
    spaced = "".join(
        f" {c.lower()}" if c.isupper() and i and key[i - 1].islower() else c for i, c in enumerate(key)
    )
    return spaced.replace("_", " ").replace("-", " ").strip()
