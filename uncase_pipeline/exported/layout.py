"""The folder of a published dataset: names, schemas, and rows in them. Knows no Dagster and no template.

What the trainer finds::

    README.md                          dataset card; its header tells ``datasets`` where each config lies
    data/train-00000.parquet …         config ``default``; also ``validation-*`` and ``test-*``
    sft/train-00000.parquet …          config ``sft``: ``prompt`` and ``completion``
    preference/train-00000.parquet …   config ``preference``: ``prompt``, ``chosen``, ``rejected`` (where any)
    text/<format>/train-00000.parquet  config ``<format>``: ``text`` and the spans that are learned
    text/<format>/chat_template.jinja  the template, with ``{% generation %}`` around those spans
    openai/train-00000.jsonl           OpenAI fine-tuning JSONL
    alpaca/train-00000.jsonl           Alpaca records
    left_out-00000.parquet             which format left out which row, and why
    croissant.json  manifest.json  certificate.json  truth.json  tally.json  set_aside.parquet

Columns of ``data``: ``conversation_id``, ``seed_id``, ``subject_id`` (the unit of privacy: rows with the same
one share a person or a seed, and lie in one split), ``domain``, ``language``, ``messages`` and ``tools``.
A message is one JSON object with exactly the keys that it has (``role``, ``content``, ``tool_calls``,
``tool_call_id``, ``name``, ``reasoning_content``): ``datasets`` returns a dict, pyarrow its JSON text.
A struct would give every message ``tool_calls: None``, on which the templates of Llama 3 raise.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.rendering import Rendering
from uncase_pipeline.records.conversation import Conversation, Json

DATA = "data"
SFT = "sft"
PREFERENCE = "preference"
TEXT = "text"
LEFT_OUT = "left_out"

_JSON = pa.json_()
_STRING: Json = {"dtype": "string", "_type": "Value"}
_INT: Json = {"dtype": "int64", "_type": "Value"}
_TURNS: Json = {"feature": {"_type": "Json"}, "_type": "List"}
_SPANS: Json = {"feature": {"start": _INT, "end": _INT}, "_type": "List"}


def _schema(*columns: tuple[str, pa.DataType, Json]) -> pa.Schema:
    """Return an Arrow schema that also tells ``datasets`` its features."""
    features = {name: feature for name, _, feature in columns}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema([(name, kind) for name, kind, _ in columns], metadata=metadata)


_KEYS = (("conversation_id", pa.string(), _STRING), ("subject_id", pa.string(), _STRING))
_TOOLS = ("tools", _JSON, {"_type": "Json"})

DATA_SCHEMA = _schema(
    *_KEYS,
    ("seed_id", pa.string(), _STRING),
    ("domain", pa.string(), _STRING),
    ("language", pa.string(), _STRING),
    ("messages", pa.list_(_JSON), _TURNS),
    _TOOLS,
)
SFT_SCHEMA = _schema(
    *_KEYS, ("prompt", pa.list_(_JSON), _TURNS), ("completion", pa.list_(_JSON), _TURNS), _TOOLS
)
PREFERENCE_SCHEMA = _schema(
    *_KEYS,
    ("prompt", pa.list_(_JSON), _TURNS),
    ("chosen", pa.list_(_JSON), _TURNS),
    ("rejected", pa.list_(_JSON), _TURNS),
    _TOOLS,
)
TEXT_SCHEMA = _schema(
    *_KEYS,
    ("text", pa.string(), _STRING),
    ("learned", pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())])), _SPANS),
    ("tokens", pa.int64(), _INT),
)
LEFT_OUT_SCHEMA = pa.schema(
    [("format", pa.string()), ("conversation_id", pa.string()), ("reason", pa.string())]
)


def data_row(conversation: Conversation, chat: Chat, subject: str) -> Json:
    """Return the row of a conversation in config ``default``."""
    return {
        "conversation_id": conversation.conversation_id,
        "subject_id": subject,
        "seed_id": conversation.seed_id,
        "domain": conversation.domain,
        "language": conversation.language,
        "messages": turns(chat.messages),
        "tools": _text(chat.tools),
    }


def sft_row(conversation: Conversation, chat: Chat, subject: str) -> Json:
    """Return the row of a conversation in config ``sft``: its last answer, and everything before it."""
    last = _last_answer(chat)
    return {
        "conversation_id": conversation.conversation_id,
        "subject_id": subject,
        "prompt": turns(chat.messages[:last]),
        "completion": turns(chat.messages[last : last + 1]),
        "tools": _text(chat.tools),
    }


def rejected_answer(conversation: Conversation) -> str | None:
    """Return the answer that lost to the last one of a conversation, None where there is none."""
    rejected = (conversation.metadata.get("feedback") or {}).get("rejected")
    return rejected if isinstance(rejected, str) and rejected else None


def preference_row(conversation: Conversation, chat: Chat, subject: str, rejected: str) -> Json:
    """Return the row of a conversation in config ``preference``."""
    last = _last_answer(chat)
    return {
        "conversation_id": conversation.conversation_id,
        "subject_id": subject,
        "prompt": turns(chat.messages[:last]),
        "chosen": turns(chat.messages[last : last + 1]),
        "rejected": turns([{"role": "assistant", "content": rejected}]),
        "tools": _text(chat.tools),
    }


def _last_answer(chat: Chat) -> int:
    return max(at for at, message in enumerate(chat.messages) if message["role"] == "assistant")


def text_row(conversation: Conversation, subject: str, rendering: Rendering, tokens: int) -> Json:
    """Return the row of a rendering in the config of its format."""
    return {
        "conversation_id": conversation.conversation_id,
        "subject_id": subject,
        "text": rendering.text,
        "learned": [{"start": start, "end": end} for start, end in rendering.spans],
        "tokens": tokens,
    }


def turns(messages: Sequence[Json]) -> list[str]:
    """Return messages as JSON texts, reasoning under its standard name only."""
    return [
        orjson.dumps({key: value for key, value in message.items() if key != "thinking"}).decode()
        for message in messages
    ]


def _text(value: Any) -> str | None:
    return orjson.dumps(value).decode() if value else None


def read_chat(row: Json) -> Chat:
    """Return the chat of a stored row of config ``default``."""
    return Chat(
        [orjson.loads(message) for message in row["messages"]],
        orjson.loads(row["tools"]) if row["tools"] else None,
    )
