"""Reads the conversations of a file: native lines, and bare OpenAI lines. Knows no template."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.native import from_wire


def read_conversations(path: Path) -> Iterator[Conversation]:
    """Read a JSONL file, one conversation a line.

    A line without id and domain is taken for one of the OpenAI API: it gets an id from its content, and
    arguments that are JSON text become objects.

    Raises:
        UncaseError: ``no-such-file``; ``bad-conversation``, naming the line and the field, never a value.
    """
    if not path.is_file():
        raise UncaseError("no-such-file", f"There is no file {path}.", "Check the path.")
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _read(line, f"{path.name} line {number}")


def _read(line: bytes, where: str) -> Conversation:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise UncaseError(
            "bad-conversation", f"{where} is not a JSON object.", "Write one conversation per line."
        ) from None
    if isinstance(document, dict) and "messages" in document:
        document = _completed(document)
    return from_wire(document, where=where)


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    messages = document["messages"]
    if isinstance(messages, list):
        messages = [_with_objects(message) if isinstance(message, dict) else message for message in messages]
    return {
        "conversation_id": content_id("conv", document),
        "domain": "",
        **document,
        "messages": messages,
    }


def _with_objects(message: dict[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return message
    return {**message, "tool_calls": [_with_object(call) for call in calls]}


def _with_object(call: Any) -> Any:
    try:
        function = call["function"]
        if isinstance(function["arguments"], str):
            return {**call, "function": {**function, "arguments": json.loads(function["arguments"] or "{}")}}
    except (KeyError, TypeError, ValueError):
        pass  # what is wrong with it is said where the conversation is built
    return call
