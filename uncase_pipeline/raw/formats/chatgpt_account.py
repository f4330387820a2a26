"""The ChatGPT account export: a tree of messages, of which the branch that was shown last is read."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError, arguments
from uncase_pipeline.records.conversation import Message, Role, ToolCall

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system", "tool": "tool"}
_HIDDEN = {"model_editable_context", "thoughts", "reasoning_recap", "user_editable_context"}


def _matches(record: Any) -> str | None:
    mapping = record.get("mapping") if isinstance(record, dict) else None
    if not isinstance(mapping, dict) or not mapping:
        return None
    node = next(iter(mapping.values()))
    return (
        "with a mapping of nodes" if isinstance(node, dict) and {"parent", "children"} & node.keys() else None
    )


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    branch = _branch(record["mapping"], record.get("current_node"))
    messages = [message for node in branch if (message := _message(node))]
    _answer_calls(messages)
    if not messages:
        raise BadRecordError("no-turns")
    key = record.get("conversation_id") or record.get("id")
    metadata = {"title": record["title"]} if isinstance(record.get("title"), str) else {}
    yield Draft(
        messages=messages,
        position=0,
        key=str(key) if key else None,
        roles_rule="format",
        openings=bool(key),
        metadata=metadata,
    )


def _answer_calls(messages: list[Message]) -> None:
    """Tell each answer of a tool which call it answers: the last one before it."""
    last: str | None = None
    for message in messages:
        if message.tool_calls:
            last = message.tool_calls[-1].id
        elif message.role == "tool":
            message.tool_call_id = last


def _branch(mapping: dict[str, Any], current: Any) -> list[dict[str, Any]]:
    """Return the nodes from the root to the current one; without one, along the last child each time."""
    nodes = {name: node for name, node in mapping.items() if isinstance(node, dict)}
    if current in nodes:
        return _upwards(nodes, current)
    roots = [name for name, node in nodes.items() if node.get("parent") not in nodes]
    return max((_downwards(nodes, root) for root in roots), key=len, default=[])


def _upwards(nodes: dict[str, Any], name: Any) -> list[dict[str, Any]]:
    path: list[dict[str, Any]] = []
    seen = set()
    while name in nodes and name not in seen:
        seen.add(name)
        path.append(nodes[name])
        name = nodes[name].get("parent")
    return path[::-1]


def _downwards(nodes: dict[str, Any], name: Any) -> list[dict[str, Any]]:
    path: list[dict[str, Any]] = []
    seen = set()
    while name in nodes and name not in seen:
        seen.add(name)
        path.append(nodes[name])
        children = [child for child in nodes[name].get("children") or () if child in nodes]
        name = children[-1] if children else None
    return path


def _message(node: dict[str, Any]) -> Message | None:
    said = node.get("message")
    if not isinstance(said, dict):
        return None
    author = said.get("author") if isinstance(said.get("author"), dict) else {}
    role = _ROLES.get(str((author or {}).get("role")))
    content = said.get("content") if isinstance(said.get("content"), dict) else {}
    hidden = (said.get("metadata") or {}).get("is_visually_hidden_from_conversation")
    if role is None or hidden or (content or {}).get("content_type") in _HIDDEN:
        return None
    text, media = _text(content or {})
    if not text and not media:
        return None
    when = clock.iso(said.get("create_time"))
    recipient = said.get("recipient")
    if role == "assistant" and isinstance(recipient, str) and recipient != "all":
        return Message(role, "", None, when, tool_calls=[_call(said, recipient, text)])
    message = Message(role, text, None, when, "media" if media and not text else "text")
    name = (author or {}).get("name")
    if role == "tool" and isinstance(name, str):
        message.metadata["name"] = name
    return message


def _call(said: dict[str, Any], recipient: str, text: str) -> ToolCall:
    """Return what the model sent to a tool: arguments where it is JSON, else code or a question."""
    try:
        given = arguments(text)
    except BadRecordError:
        given = {"input": text}
    return ToolCall(str(said.get("id") or "call"), recipient, given)


def _text(content: dict[str, Any]) -> tuple[str, bool]:
    """Return the text of the parts, and whether one of them is no text."""
    parts = content.get("parts")
    if not isinstance(parts, list):
        parts = [content.get("text") or content.get("result") or ""]
    written = [part if isinstance(part, str) else _spoken(part) for part in parts]
    return "\n".join(part for part in written if part), any(isinstance(part, dict) for part in parts)


def _spoken(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


CHATGPT = Shape("chatgpt", _matches, _drafts, confidence=0.97)
