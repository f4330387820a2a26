"""Calls of tools and their results, where corpora keep them beside what is said: SGD, Taskmaster, Gemini."""

from collections.abc import Iterator
from typing import Any

import orjson

from uncase_pipeline.raw.spoken import snaked
from uncase_pipeline.raw.turns import arguments, text_of
from uncase_pipeline.records.conversation import Message, ToolCall


def service_calls(turn: dict[str, Any], number: int) -> Iterator[Message]:
    """Yield the calls and results that SGD keeps in the frames of a turn."""
    frames = turn.get("frames")
    for index, frame in enumerate(frames if isinstance(frames, list) else ()):
        call = frame.get("service_call") if isinstance(frame, dict) else None
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            identifier = f"call_{number}_{index}"
            yield Message(
                "assistant",
                "",
                tool_calls=[ToolCall(identifier, call["method"], arguments(call.get("parameters")))],
            )
            if "service_results" in frame:
                result = orjson.dumps(frame["service_results"]).decode()
                yield Message("tool", result, tool_call_id=identifier)


def function_parts(turn: dict[str, Any], number: int) -> list[Message]:
    """Return the calls and results that Gemini keeps among the parts of a turn, with what is said beside them."""
    listed = turn.get("parts")
    parts = [snaked(part) for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    calls = [part["function_call"] for part in parts if isinstance(part.get("function_call"), dict)]
    results = [part["function_response"] for part in parts if isinstance(part.get("function_response"), dict)]
    found = [
        Message(
            "tool",
            orjson.dumps(result.get("response")).decode(),
            "tool",
            metadata={"name": str(result.get("name"))},
        )
        for result in results
    ]
    if calls:
        made = [
            ToolCall(f"call_{number}_{index}", str(call.get("name")), arguments(call.get("args")))
            for index, call in enumerate(calls)
        ]
        found.append(Message("assistant", text_of(listed) or "", "model", tool_calls=made))
    return found


def annotated_calls(turn: dict[str, Any], number: int) -> Iterator[Message]:
    """Yield the calls and responses that Taskmaster keeps in the annotations of a turn."""
    annotations = turn.get("annotations")
    calls = 0
    last: str | None = None
    for index, note in enumerate(annotations if isinstance(annotations, list) else ()):
        if not isinstance(note, dict) or not isinstance(note.get("value"), str):
            continue
        if note.get("name") == "api_call":
            request = annotations[index + 1] if annotations and index + 1 < len(annotations) else {}
            given = (
                request.get("value")
                if isinstance(request, dict) and request.get("name") == "request"
                else None
            )
            last = f"call_{number}_{calls}"
            calls += 1
            yield Message("assistant", "", tool_calls=[ToolCall(last, note["value"], arguments(given))])
        elif note.get("name") == "response" and last is not None:
            yield Message("tool", note["value"], tool_call_id=last)
