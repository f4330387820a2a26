"""A conversation in the shape that chat templates read. Knows records, no format.

A key is there only where it says something: several official templates ask ``'tool_calls' in message``.
"""

from dataclasses import dataclass

from uncase_pipeline.records.conversation import Conversation, Json, Message
from uncase_pipeline.records.native import call_to_wire

REASONING_KEYS = ("reasoning_content", "thinking", "reasoning")
"""Names that reasoning is passed under; the first is the one that templates read."""


@dataclass(slots=True)
class Chat:
    """What a template renders.

    Attributes:
        messages: Role, content and, where there are any, tool calls, tool call id, name and reasoning.
        tools: Tool definitions in the OpenAI shape, None where there are none.
    """

    messages: list[Json]
    tools: list[Json] | None = None


def chat_of(conversation: Conversation) -> Chat:
    """Return the chat of a conversation, with the tool's name on every tool result."""
    names = {call.id: call.name for message in conversation.messages for call in message.tool_calls or ()}
    return Chat([_message(message, names) for message in conversation.messages], conversation.tools or None)


def _message(message: Message, names: dict[str, str]) -> Json:
    document: Json = {"role": message.role, "content": message.content}
    if message.tool_calls:
        document["tool_calls"] = [call_to_wire(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        document["tool_call_id"] = message.tool_call_id
    if message.role == "tool":
        name = message.metadata.get("name") or names.get(message.tool_call_id or "")
        if name:
            document["name"] = name
    if message.role == "assistant" and message.metadata:
        _add_reasoning(document, message)
    return document


def _add_reasoning(document: Json, message: Message) -> None:
    for key in REASONING_KEYS:
        if (reasoning := message.metadata.get(key)) is not None:
            document["reasoning_content"] = document["thinking"] = reasoning
            return
