"""What a chat needs before a format can carry it, none of it what anybody said. Knows no template."""

import hashlib
from dataclasses import replace

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.formats import Format
from uncase_pipeline.records.conversation import Json

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 9


def adapted(chat: Chat, format_: Format) -> Chat:
    """Return the chat with call ids as the format takes them, and reasoning out of the text."""
    messages = [_lifted(message) for message in chat.messages]
    if format_.ids == "nine":
        messages = [_renamed(message) for message in messages]
    return replace(chat, messages=messages)


def _lifted(message: Json) -> Json:
    """Move a leading ``<think>…</think>`` of an answer to where templates look for reasoning."""
    content = message["content"]
    if message["role"] != "assistant" or not content.startswith("<think>") or "reasoning_content" in message:
        return message
    reasoning, closed, rest = content.removeprefix("<think>").partition("</think>")
    if not closed:
        return message
    reasoning = reasoning.strip("\n")
    return {**message, "content": rest.lstrip("\n"), "reasoning_content": reasoning, "thinking": reasoning}


def _renamed(message: Json) -> Json:
    if "tool_calls" in message:
        calls = [{**call, "id": short_id(call["id"])} for call in message["tool_calls"]]
        return {**message, "tool_calls": calls}
    if "tool_call_id" in message:
        return {**message, "tool_call_id": short_id(message["tool_call_id"])}
    return message


def short_id(call_id: str) -> str:
    """Return nine letters and digits for a call id; one that is such already stays."""
    if len(call_id) == _ID_LENGTH and call_id.isalnum():
        return call_id
    number = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8], "big")
    letters = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "".join(letters)
