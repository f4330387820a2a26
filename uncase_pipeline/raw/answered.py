"""Which call a result answers, where the source does not say it. Knows turns, not formats."""

from collections.abc import Iterable

from uncase_pipeline.records.conversation import Message, ToolCall


def answer_calls(messages: Iterable[Message]) -> None:
    """Give results that name no call the id of the first open one: of the tool that they name, if they name one."""
    waiting: list[ToolCall] = []
    for message in messages:
        waiting += message.tool_calls or ()
        if message.role != "tool":
            continue
        if message.tool_call_id is None:
            message.tool_call_id = _answered(waiting, message.metadata.get("name"))
        waiting = [call for call in waiting if call.id != message.tool_call_id]


def _answered(waiting: Iterable[ToolCall], tool: object) -> str | None:
    return next((call.id for call in waiting if tool in {None, call.name}), None)
