"""OpenAI fine-tuning JSONL and Alpaca records. Knows chats, no file."""

import json

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.records.conversation import Json


def openai_record(chat: Chat) -> Json:
    """Return one line of an OpenAI fine-tuning file: arguments as JSON text, no reasoning, no tool name."""
    record: Json = {"messages": [_openai_message(message) for message in chat.messages]}
    if chat.tools:
        record["tools"] = chat.tools
    return record


def _openai_message(message: Json) -> Json:
    plain: Json = {"role": message["role"], "content": message["content"]}
    if calls := message.get("tool_calls"):
        plain["content"] = message["content"] or None
        plain["tool_calls"] = [_openai_call(call) for call in calls]
    if message["role"] == "tool" and "tool_call_id" in message:
        plain["tool_call_id"] = message["tool_call_id"]
    return plain


def _openai_call(call: Json) -> Json:
    function = call["function"]
    arguments = json.dumps(function["arguments"], ensure_ascii=False)
    return {
        "id": call["id"],
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments},
    }


def alpaca_records(chat: Chat) -> list[Json]:
    """Return one Alpaca record for every answer, with the exchanges before it as history.

    Raises:
        Refused: Where tools are called: the format has no place for them.
    """
    if chat.tools or any(message["role"] == "tool" or message.get("tool_calls") for message in chat.messages):
        raise Refused("no-tool-support")
    system = "\n".join(message["content"] for message in chat.messages if message["role"] == "system")
    history: list[list[str]] = []
    records: list[Json] = []
    asked: list[str] = []
    for message in chat.messages:
        if message["role"] == "user":
            asked.append(message["content"])
        elif message["role"] == "assistant":
            instruction = "\n".join(asked)
            records.append(
                {
                    "instruction": instruction,
                    "input": "",
                    "output": message["content"],
                    "system": system,
                    "history": [list(pair) for pair in history],
                }
            )
            history.append([instruction, message["content"]])
            asked = []
    return records


def stanford_prompt(record: Json) -> Json:
    """Return an Alpaca record as the prompt of the Stanford paper, and its completion.

    Raises:
        Refused: Where the record has a history: the prompt has room for one instruction.
    """
    if record["history"]:
        raise Refused("more-than-one-exchange")
    return {
        "prompt": f"{_STANFORD}\n\n### Instruction:\n{record['instruction']}\n\n### Response:",
        "completion": record["output"],
    }


_STANFORD = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request."
)
