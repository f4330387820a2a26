"""Signal as signal-cli receives it: one envelope a record, gathered by contact or group and split at silences."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Piles, gather
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Json, Kind
from uncase_pipeline.records.rejection import Rejection

_CONTENTS = {"dataMessage", "syncMessage", "receiptMessage", "typingMessage", "editMessage", "callMessage"}


def _envelope(record: Any) -> Json | None:
    if isinstance(record, dict) and isinstance(record.get("params"), dict):
        record = record["params"]
    envelope = record.get("envelope") if isinstance(record, dict) else None
    return envelope if isinstance(envelope, dict) and _CONTENTS & envelope.keys() else None


def _claim(probe: Probe) -> Claim | None:
    ours = probe.are_mostly(lambda record: _envelope(record) is not None)
    return Claim(0.98, "envelopes of signal-cli") if ours else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    chats: Piles[str, Said] = Piles()
    yield from gather(source, options, partial(_take, chats))
    for name, held in chats.items():
        yield from chat(held.items, options, thread=("signal", name), position=held.position)


def _take(chats: Piles[str, Said], position: int, record: Any) -> Iterator[str]:
    """Note what an envelope says; yield why a record is none."""
    envelope = _envelope(record)
    if envelope is None:
        yield "not-a-conversation"
    elif (found := _said(envelope)) is not None:
        name, said = found
        chats.put(name, said, position, said.text)


def _said(envelope: Json) -> tuple[str, Said] | None:
    """Return the chat that an envelope belongs to and what it says; None for receipts and the like."""
    sent = (envelope.get("syncMessage") or {}).get("sentMessage")
    message = sent or envelope.get("dataMessage") or (envelope.get("editMessage") or {}).get("dataMessage")
    if not isinstance(message, dict):
        return None
    text, kind = _text(message, edited="editMessage" in (sent or envelope))
    if text is None:
        return None
    group = message.get("groupInfo") or message.get("groupV2") or {}
    us = sent is not None
    account = envelope.get("sourceNumber") or envelope.get("sourceUuid") or envelope.get("source")
    other = (message.get("destinationNumber") or message.get("destination")) if us else account
    author = envelope.get("sourceName") or account
    when = clock.iso(message.get("timestamp") or envelope.get("timestamp"))
    said = Said(
        str(author) if author else None,
        text,
        when,
        kind,
        str(account) if account else None,
        "assistant" if us else "user",
    )
    return str(group.get("groupId") or group.get("id") or other), said


def _text(message: Json, *, edited: bool) -> tuple[str | None, Kind]:
    if message.get("remoteDelete"):
        return "", "deleted"
    text = message.get("message")
    if isinstance(text, str) and text:
        return text, "edited" if edited else "text"
    if message.get("reaction"):
        return None, "system"
    if message.get("attachments") or message.get("sticker"):
        return "sticker" if message.get("sticker") else "attachment", "media"
    return None, "system"


SIGNAL_CLI = Format("signal-cli", _claim, _read)
