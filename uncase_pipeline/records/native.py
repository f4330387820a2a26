"""The native conversation format: one JSON object a line. Knows the wire, not files and not Arrow.

Unknown keys are kept under ``metadata``. A validation error is re-raised without the value that caused it.
"""

from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation, Json, Kind, Message, Role, Source, ToolCall


class _Wire(BaseModel):
    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    metadata: Json | None = None

    def kept(self) -> Json:
        """The declared metadata, with every unknown key beside it."""
        return {**(self.metadata or {}), **(self.model_extra or {})}


class _WireFunction(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    name: str
    arguments: Json


class _WireCall(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    id: str
    type: Literal["function"] = "function"
    function: _WireFunction


class _WireMessage(_Wire):
    role: Role
    content: str | None = None
    speaker: str | None = None
    timestamp: str | None = None
    kind: Kind = "text"
    tool_calls: list[_WireCall] | None = None
    tool_call_id: str | None = None


class _WireSource(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    format: str
    sha256: str
    position: int


class _WireConversation(_Wire):
    conversation_id: str
    domain: str
    language: str | None = None
    seed_id: str | None = None
    subject_id: str | None = None
    messages: list[_WireMessage]
    tools: list[Json] | None = None
    source: _WireSource | None = None


def loads(line: bytes | str, *, where: str = "the line") -> Conversation:
    """Read one native conversation.

    Args:
        line: One JSON object.
        where: How the error names the place (``file.jsonl line 12``).

    Raises:
        UncaseError: ``bad-conversation``, naming the field at fault and never its value.
    """
    try:
        return from_wire(orjson.loads(line), where=where)
    except orjson.JSONDecodeError:
        raise UncaseError(
            "bad-conversation", f"{where} is not a JSON object.", "Write one native conversation per line."
        ) from None


def from_wire(document: Any, *, where: str = "the document") -> Conversation:
    """Build a conversation from a parsed JSON object; errors as ``loads``."""
    try:
        wire = _WireConversation.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the object"
        raise UncaseError(
            "bad-conversation",
            f"{where}: {field}: {first['msg'].lower()}.",
            "Run `uncase import` to convert other formats to native conversations.",
        ) from None
    return Conversation(
        conversation_id=wire.conversation_id,
        domain=wire.domain,
        language=wire.language,
        seed_id=wire.seed_id,
        subject_id=wire.subject_id,
        messages=[_message(message) for message in wire.messages],
        tools=wire.tools,
        source=Source(**wire.source.model_dump()) if wire.source else None,
        metadata=wire.kept(),
    )


def _message(wire: _WireMessage) -> Message:
    calls = [ToolCall(call.id, call.function.name, call.function.arguments) for call in wire.tool_calls or ()]
    return Message(
        role=wire.role,
        content=wire.content or "",
        speaker=wire.speaker,
        timestamp=wire.timestamp,
        kind=wire.kind,
        tool_calls=calls or None,
        tool_call_id=wire.tool_call_id,
        metadata=wire.kept(),
    )


def to_wire(conversation: Conversation) -> Json:
    """Return the native JSON object of a conversation; ``metadata`` is left out where empty."""
    source = conversation.source
    document: Json = {
        "conversation_id": conversation.conversation_id,
        "domain": conversation.domain,
        "language": conversation.language,
        "seed_id": conversation.seed_id,
        "subject_id": conversation.subject_id,
        "messages": [message_to_wire(message) for message in conversation.messages],
        "tools": conversation.tools,
        "source": {"format": source.format, "sha256": source.sha256, "position": source.position}
        if source
        else None,
    }
    if conversation.metadata:
        document["metadata"] = conversation.metadata
    return document


def message_to_wire(message: Message) -> Json:
    """Return the native JSON object of one turn."""
    document: Json = {
        "role": message.role,
        "speaker": message.speaker,
        "content": message.content,
        "timestamp": message.timestamp,
        "kind": message.kind,
        "tool_calls": [call_to_wire(call) for call in message.tool_calls] if message.tool_calls else None,
        "tool_call_id": message.tool_call_id,
    }
    if message.metadata:
        document["metadata"] = message.metadata
    return document


def call_to_wire(call: ToolCall) -> Json:
    """Return a tool call in the OpenAI shape, with ``arguments`` as an object."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }


def dumps(conversation: Conversation) -> bytes:
    """Serialize to one JSON line, without the newline."""
    return orjson.dumps(to_wire(conversation))
