"""Carries rows into one format each: neutralized, rendered, checked; or left out with a reason.

Knows formats and layouts, not where files are. Nothing that a format can't carry faithfully is carried.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from uncase_pipeline.exported.adapt import adapted
from uncase_pipeline.exported.base_model import BaseModel
from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.formats import RECORD_FORMATS, Format, format_of
from uncase_pipeline.exported.layout import TEXT, TEXT_SCHEMA, text_row
from uncase_pipeline.exported.neutralize import Neutralizer
from uncase_pipeline.exported.parse import UNTYPED, Call, read_calls, said_as_text
from uncase_pipeline.exported.records import alpaca_records, openai_record
from uncase_pipeline.exported.render import Renderer
from uncase_pipeline.exported.rendering import Refused, Rendering
from uncase_pipeline.exported.shards import Shards, ShardSet
from uncase_pipeline.exported.split import Split
from uncase_pipeline.exported.tool_modes import PARSER_OF_MODE, ToolMode, folded
from uncase_pipeline.exported.truth import Truth, estimate_tokens, stops_are_learned
from uncase_pipeline.records.conversation import Conversation, Json

CountTokens = Callable[[str], int]


@dataclass(slots=True)
class Row:
    """A conversation on its way into the formats.

    Attributes:
        conversation: The conversation.
        chat: As a template reads it, with its text as it is.
        safe: The same without the control tokens of any format.
        subject: Unit of privacy.
        split: Where it goes.
        suspicious: Whether there may be control tokens in it.
    """

    conversation: Conversation
    chat: Chat
    safe: Chat
    subject: str
    split: Split
    suspicious: bool


class Carrier(Protocol):
    """One format of a dataset that is being written."""

    name: str
    refused: Counter[str]
    truth: Truth

    def carry(self, row: Row) -> list[Json]:
        """Return what is written for a row.

        Raises:
            Refused: Where the format can't carry it.
        """
        ...

    def shards(self, shards: ShardSet, split: Split) -> Shards:
        """Return where it is written."""
        ...


class TextCarrier:
    """Carries rows into a text format.

    Args:
        format_: The format.
        now: What templates that read the clock are told.
        mode: How tool use is written.
        count: Counts tokens; an estimate without.
        options: Template arguments.
    """

    def __init__(
        self,
        format_: Format,
        now: datetime,
        *,
        mode: ToolMode = "native",
        count: CountTokens | None = None,
        **options: object,
    ) -> None:
        self.name = format_.name
        self.refused: Counter[str] = Counter()
        self.truth = Truth()
        self._format = format_
        self._mode = mode
        self._count = count or estimate_tokens
        self._parser = PARSER_OF_MODE.get(mode, format_.parser)
        self._renderer = Renderer(format_, now, **options)
        self._neutralizer = Neutralizer(format_.control)

    def carry(self, row: Row) -> list[Json]:
        """Return the row of the text config."""
        chat = self.prepared(row.chat, suspicious_=row.suspicious)
        rendering = self.render(chat)
        tokens = self._count(rendering.text)
        self.truth.add(rendering, tokens)
        self.truth.neutralized += row.suspicious and chat is not row.chat and chat != row.chat
        return [text_row(row.conversation, row.subject, rendering, tokens)]

    def prepared(self, chat: Chat, *, suspicious_: bool) -> Chat:
        """Return the chat as this format takes it: adapted, and without its control tokens."""
        if suspicious_ or self._format.ids != "kept":
            chat = adapted(chat, self._format)
        return self._neutralizer.chat(chat) if suspicious_ else chat

    def render(self, chat: Chat) -> Rendering:
        """Render a prepared chat, and make sure that the text says all of it and ends every answer."""
        written = folded(chat, self._mode)
        require_calls_fit(written, self._format)
        rendering = self._renderer.render(written)
        require_all_said(written, rendering.text)
        if not stops_are_learned(rendering, self._format.stops):
            raise Refused("stop-not-learned")
        self._require_calls_read_back(chat, rendering)
        return rendering

    def _require_calls_read_back(self, chat: Chat, rendering: Rendering) -> None:
        calls = called(chat, untyped=self._parser in UNTYPED)
        if not calls:
            return
        spoken = "\n".join(rendering.text[start:end] for start, end in rendering.spans)
        if self._parser is None or read_calls(self._parser, spoken) != calls:
            raise Refused("calls-not-read-back")
        self.truth.tool_rows += 1

    def shards(self, shards: ShardSet, split: Split) -> Shards:
        """Return the Parquet files of the text config."""
        return shards.parquet(f"{TEXT}/{self.name}/{split}", TEXT_SCHEMA)


class LineCarrier:
    """Carries rows into a format of JSON records.

    Alpaca has no notation for tools at all, so tool use is written into its turns whatever the mode.
    """

    def __init__(self, name: str, mode: ToolMode = "native") -> None:
        self.name = name
        self._mode: ToolMode = "inline" if name == "alpaca" and mode == "native" else mode
        self.refused: Counter[str] = Counter()
        self.truth = Truth()

    def carry(self, row: Row) -> list[Json]:
        """Return the records of a row."""
        chat = folded(row.safe, self._mode)
        records = alpaca_records(chat) if self.name == "alpaca" else [openai_record(chat)]
        self.truth.tool_rows += bool(called(chat, untyped=False))
        self.truth.rows += 1
        return records

    def shards(self, shards: ShardSet, split: Split) -> Shards:
        """Return the JSONL files."""
        return shards.lines(f"{self.name}/{split}")


def carriers(
    formats: Sequence[str], now: datetime, *, mode: ToolMode = "native", base: BaseModel | None = None
) -> list[Carrier]:
    """Return a carrier for every named format, and one for the base model's own where it is at hand."""
    named: list[Carrier] = [
        LineCarrier(name, mode) if name in RECORD_FORMATS else TextCarrier(format_of(name), now, mode=mode)
        for name in formats
    ]
    return [*named, TextCarrier(base.format, now, mode=mode, count=base.tokens)] if base else named


def called(chat: Chat, *, untyped: bool) -> list[Call]:
    """Return the calls of a chat in order, as a parser should read them."""
    return [
        (function["name"], said_as_text(function["arguments"]) if untyped else function["arguments"])
        for message in chat.messages
        for call in message.get("tool_calls", ())
        for function in (call["function"],)
    ]


def require_calls_fit(chat: Chat, format_: Format) -> None:
    """Refuse tool use that the format has no place for."""
    if format_.calls == "any":
        return
    if format_.calls == "none" and chat.tools:
        raise Refused("no-tool-support")
    for message in chat.messages:
        calls = message.get("tool_calls")
        if format_.calls == "none" and (calls or message["role"] == "tool"):
            raise Refused("no-tool-support")
        if calls and len(calls) > 1:
            raise Refused("parallel-calls")


def require_all_said(chat: Chat, text: str) -> None:
    """Refuse a rendering from which the content of a turn is missing.

    Templates drop things in silence: text beside a call, a system prompt in the middle, ``/think`` in a
    question. White space around a turn may go.
    """
    at = 0
    for message in chat.messages:
        content = message["content"].strip()
        if message["role"] == "system":
            # Some templates move the system prompt, into the last question for instance.
            found = 0 if content in text else -1
        else:
            found = _find(content, text, at)
            at = max(at, found)
        if found < 0:
            raise Refused("text-dropped")


def _find(content: str, text: str, at: int) -> int:
    """Return where a content ends at or after a place, as it is or as the inside of a JSON string."""
    found = text.find(content, at)
    if found < 0:
        content = json.dumps(content, ensure_ascii=False)[1:-1]
        found = text.find(content, at)
    return found + len(content) if found >= 0 else found
