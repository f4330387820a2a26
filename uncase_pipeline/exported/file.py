"""One file of conversations into one file of a format: what ``uncase template`` does. Knows no lake."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.carriage import TextCarrier
from uncase_pipeline.exported.chats import Chat, chat_of
from uncase_pipeline.exported.environment import text_of
from uncase_pipeline.exported.formats import format_of
from uncase_pipeline.exported.neutralize import suspicious
from uncase_pipeline.exported.reading import read_conversations
from uncase_pipeline.exported.records import alpaca_records, openai_record, stanford_prompt
from uncase_pipeline.exported.render import Renderer
from uncase_pipeline.exported.rendering import Refused, Rendering
from uncase_pipeline.exported.tool_modes import ToolMode
from uncase_pipeline.exported.truth import Truth, estimate_tokens
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.native import loads

_RECORDS = {
    "openai_api": "openai_api",
    "openai_jsonl": "openai_api",
    "alpaca": "alpaca",
    "alpaca_records": "alpaca",
    "alpaca_stanford_prompt": "alpaca_stanford_prompt",
}
_NAMED = 100


@dataclass(slots=True)
class Wanted:
    """How a file is to be rendered.

    Attributes:
        format: Name of a format.
        now: What templates that read the clock are told.
        verbatim: Exactly as the official template renders, control tokens and lost text included.
        mode: How tool use is written.
        options: Template arguments, ``add_generation_prompt`` among them.
    """

    format: str
    now: datetime
    verbatim: bool = False
    mode: ToolMode = "native"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """What came of a file.

    Attributes:
        rows_in: Conversations read.
        rows_out: Conversations written.
        left_out: Per reason, the conversations that the format can't carry.
        named: The first of them, with their reasons.
        truth: What the renderings amount to.
    """

    rows_in: int = 0
    rows_out: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    named: list[dict[str, str]] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)

    def leave_out(self, conversation_id: str, reason: str) -> None:
        """Count a conversation that is left out."""
        self.left_out[reason] += 1
        if len(self.named) < _NAMED:
            self.named.append({"conversation_id": conversation_id, "reason": reason})


class FileRenderer:
    """Renders conversations one by one, in a text format or as records."""

    def __init__(self, wanted: Wanted) -> None:
        self._records = _RECORDS.get(wanted.format)
        self._verbatim = wanted.verbatim
        format_ = None if self._records else format_of(wanted.format)
        self.name = self._records or (format_.name if format_ else "")
        self._carrier = (
            TextCarrier(format_, wanted.now, mode=wanted.mode, **wanted.options) if format_ else None
        )
        self._renderer = Renderer(format_, wanted.now, **wanted.options) if format_ else None

    def lines(self, conversation: Conversation, truth: Truth) -> list[Json]:
        """Return what is written for one conversation.

        Raises:
            Refused: Where the format can't carry it.
        """
        chat = chat_of(conversation)
        if self._records:
            truth.rows += 1
            return _record_lines(chat, self._records)
        rendering = self.rendering(chat)
        truth.add(rendering, estimate_tokens(rendering.text))
        return [_text_line(conversation, rendering)]

    def rendering(self, chat: Chat) -> Rendering:
        """Return the rendering of one chat in a text format."""
        assert self._carrier is not None
        assert self._renderer is not None
        if self._verbatim:
            return self._renderer.render(chat)
        return self._carrier.render(self._carrier.prepared(chat, suspicious_=suspicious(chat)))


def preview(path: Path | None, wanted: Wanted) -> Json:
    """Return what the first conversation of a file, or the example, looks like in a format."""
    candidates = [next(read_conversations(path), None)] if path else [example(), example(tools=False)]
    renderer = FileRenderer(wanted)
    document: Json = {}
    for conversation in candidates:
        if conversation is None:
            raise UncaseError("no-conversations", f"{path} holds no conversation.", "Give a file with one.")
        document = _preview(conversation, renderer)
        if "reason" not in document:
            break
    return document


def _preview(conversation: Conversation, renderer: FileRenderer) -> Json:
    document: Json = {"format": renderer.name, "conversation_id": conversation.conversation_id}
    try:
        lines = renderer.lines(conversation, Truth())
    except Refused as refusal:
        return {**document, "reason": refusal.reason}
    if "text" in lines[0]:
        return {**document, **lines[0]}
    return {**document, "records": [orjson.dumps(line).decode() for line in lines]}


def example(*, tools: bool = True) -> Conversation:
    """Return the conversation that formats are shown with; without tools for those that have no place."""
    conversation = loads(text_of("example.json"), where="the example")
    if not tools:
        conversation.tools = None
        conversation.messages = [m for m in conversation.messages if m.role != "tool" and not m.tool_calls]
    return conversation


def write_file(
    conversations: Iterable[Conversation],
    wanted: Wanted,
    out: Path,
    *,
    tick: Callable[[int], None] = lambda _count: None,
) -> Written:
    """Render conversations into a JSONL file, whole or not at all.

    Raises:
        UncaseError: ``unknown-format``; ``no-such-folder``; ``bad-conversation``.
    """
    renderer, written = FileRenderer(wanted), Written()
    draft = out.with_name(f".{out.name}.draft")
    try:
        with draft.open("wb") as file:
            for line in _lines(conversations, renderer, written):
                file.write(orjson.dumps(line) + b"\n")
                tick(written.rows_in)
        draft.replace(out)
    except FileNotFoundError:
        raise UncaseError("no-such-folder", f"There is no folder {out.parent}.", "Create it first.") from None
    finally:
        draft.unlink(missing_ok=True)
    return written


def _lines(conversations: Iterable[Conversation], renderer: FileRenderer, written: Written) -> Iterator[Json]:
    for conversation in conversations:
        written.rows_in += 1
        try:
            yield from renderer.lines(conversation, written.truth)
            written.rows_out += 1
        except Refused as refusal:
            written.leave_out(conversation.conversation_id, refusal.reason)


def _record_lines(chat: Chat, name: str) -> list[Json]:
    if name == "openai_api":
        return [openai_record(chat)]
    records = alpaca_records(chat)
    if name == "alpaca_stanford_prompt":
        if len(records) != 1:
            raise Refused("more-than-one-exchange")
        return [stanford_prompt(records[0])]
    return records


def _text_line(conversation: Conversation, rendering: Rendering) -> Json:
    return {
        "conversation_id": conversation.conversation_id,
        "text": rendering.text,
        "learned": [list(span) for span in rendering.spans],
    }
