"""Signal as signal-cli receives it: one envelope a record, gathered by contact or group and split at silences."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, framed, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.json_values import Broken
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.conversation import Json, Kind
from uncase_pipeline.records.rejection import Rejection

_CONTENTS = {"dataMessage", "syncMessage", "receiptMessage", "typingMessage", "editMessage", "callMessage"}


@dataclass(slots=True)
class _Chat:
    """What was said with one contact or in one group, and the record that it began in."""

    position: int
    said: list[Said] = field(default_factory=list)


def _envelope(record: Any) -> Json | None:
    if isinstance(record, dict) and isinstance(record.get("params"), dict):
        record = record["params"]
    envelope = record.get("envelope") if isinstance(record, dict) else None
    return envelope if isinstance(envelope, dict) and _CONTENTS & envelope.keys() else None


def _claim(probe: Probe) -> Claim | None:
    ours = sum(_envelope(record) is not None for record in probe.records)
    return Claim(0.98, "envelopes of signal-cli") if ours and 2 * ours >= len(probe.records) else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    chats: dict[str, _Chat] = {}
    for position, record in framed(source, Probe(source).framing, options.max_record_bytes):
        if isinstance(record, Broken):
            yield set_aside(source, record.reason, position)
            continue
        envelope = _envelope(record)
        if envelope is None:
            yield set_aside(source, "not-a-conversation", position)
            continue
        try:
            found = _said(envelope)
        except (TypeError, AttributeError, KeyError, ValueError):
            yield set_aside(source, "bad-shape", position)
            continue
        if found is not None:
            chats.setdefault(found[0], _Chat(position)).said.append(found[1])
    for name, held in chats.items():
        try:
            for draft in chat(held.said, options, thread=("signal", name)):
                draft.position = held.position
                yield draft
        except BadRecordError as error:
            yield set_aside(source, error.reason, held.position)


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
