"""WhatsApp as programs read it from the web client or a phone's database: one JSON object a message.

Baileys, Evolution, whatsapp-web.js and WhatsApp-Chat-Exporter; gathered by chat and split at silences.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Piles, gather
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import first_of
from uncase_pipeline.records.conversation import Json, Kind
from uncase_pipeline.records.rejection import Rejection

_DEPTH = 4
_WRAPPED = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "documentWithCaptionMessage",
    "editedMessage",
)
_SERVERS = ("@s.whatsapp.net", "@c.us", "@g.us", "@lid", "@broadcast", "@newsletter")
_KINDS: dict[str, Kind] = {
    "locationMessage": "location", "liveLocationMessage": "location", "location": "location",
    "pollCreationMessage": "poll", "pollCreationMessageV3": "poll", "poll_creation": "poll",
    "protocolMessage": "system", "reactionMessage": "system", "senderKeyDistributionMessage": "system",
    "e2e_notification": "system", "notification_template": "system", "gp2": "system", "notification": "system",
    "call": "call", "call_log": "call", "bcall": "call", "revoked": "deleted",
}  # fmt: skip
_REPLIES = (
    "text",
    "caption",
    "name",
    "selectedDisplayText",
    "title",
    "contentText",
    "displayName",
    "conversation",
)


class _Chats(Piles[str, Said]):
    """What was said in each chat, and the names of those who are in it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, dict[str, None]] = defaultdict(dict)


def _messages(record: Any, depth: int = _DEPTH, jid: str | None = None) -> Iterator[tuple[str, Json]]:
    """Yield each message with its chat, whatever wraps them."""
    if depth == 0:
        return
    if isinstance(record, list):
        for item in record:
            yield from _messages(item, depth, jid)
    elif isinstance(record, dict):
        own = _chat_of(record) or (jid if "from_me" in record else None)
        if own is not None:
            yield own, record
            return
        for name, item in record.items():
            if isinstance(item, dict | list):
                yield from _messages(item, depth - 1, name if name.endswith(_SERVERS) else jid)


def _chat_of(record: Json) -> str | None:
    """Return the chat that a message names: under its key, or under its id."""
    for name, inside in (("key", "remoteJid"), ("id", "remote")):
        holder = record.get(name)
        if isinstance(holder, dict) and isinstance(holder.get(inside), str) and "fromMe" in holder:
            return str(holder[inside])
    return None


def _title(record: Any, jid: str) -> dict[str, None]:
    """Return the name of a chat where its messages lie under its number."""
    chat = record.get(jid) if isinstance(record, dict) else None
    name = chat.get("name") if isinstance(chat, dict) else None
    return {name: None} if isinstance(name, str) else {}


def _claim(probe: Probe) -> Claim | None:
    found = any(True for record in probe.records for _ in _messages(record))
    return Claim(0.98, "messages of WhatsApp's web client") if found else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    chats = _Chats()
    yield from gather(source, options, partial(_take, chats))
    for jid, held in chats.items():
        names = list(chats.names[jid])
        yield from chat(
            held.items, options, thread=("whatsapp", jid), participants=names, position=held.position
        )


def _take(chats: _Chats, position: int, record: Any) -> Iterator[str]:
    """Note the messages of a record; yield why one of them, or all of it, is set aside."""
    found = False
    for jid, message in _messages(record):
        found = True
        chats.names[jid].update(_title(record, jid))
        try:
            said = _said(chats.names[jid], jid, message)
        except ODD:
            yield "bad-shape"
        else:
            chats.put(jid, said, position, said.text)
    if not found:
        yield "not-a-conversation"


def _said(names: dict[str, None], jid: str, message: Json) -> Said:
    """Read a message of a chat: in a group its author, else the other person or ourselves; note who it names."""
    key = first_of(message, ("key", "id"))
    ours = bool(key.get("fromMe") if isinstance(key, dict) else message.get("from_me"))
    inner = key if isinstance(key, dict) else {}
    other = first_of(message, ("participant", "author", "sender")) or inner.get("participant") or jid
    account = "me" if ours else str(other).partition("@")[0]
    name = None if ours else first_of(message, ("pushName", "notifyName"))
    text, kind = _text(message)
    when = clock.iso(first_of(message, ("messageTimestamp", "timestamp", "t")))
    if not ours:
        names.update(dict.fromkeys((account, str(name or account))))
    author = None if kind == "system" else "me" if ours else str(name or account)
    return Said(author, text, when, kind, account, "assistant" if ours else "user")


def _text(message: Json) -> tuple[str, Kind]:
    """Return what a message says, and its kind."""
    if "from_me" in message:
        return _exported(message)
    if "message" not in message:
        text = str(first_of(message, ("body", "caption")) or "")
        return text, _KINDS.get(str(message.get("type"))) or ("text" if text else "media")
    content = message.get("message") or {}
    for name in _WRAPPED:
        inner = content.get(name)
        content = inner.get("message") or content if isinstance(inner, dict) else content
    return _content(content)


def _exported(message: Json) -> tuple[str, Kind]:
    """Read a message of WhatsApp-Chat-Exporter: ``data`` is its text, or the path of what was sent."""
    if message.get("meta") is True:
        return str(message.get("data") or ""), "system"
    if message.get("media") is True:
        caption = message.get("caption")
        return (caption, "text") if isinstance(caption, str) and caption else ("", "media")
    return str(message.get("data") or ""), "text"


def _content(content: Json) -> tuple[str, Kind]:
    """Return the text in the one field of a message that says what it is."""
    if isinstance(content.get("conversation"), str):
        return content["conversation"], "text"
    sort, inner = next(
        (
            (name, item)
            for name, item in content.items()
            if isinstance(item, dict) and name != "messageContextInfo"
        ),
        ("", {}),
    )
    said = first_of(inner, _REPLIES)
    text = said if isinstance(said, str) else ""
    return text, _KINDS.get(sort) or ("text" if text else "media" if sort else "system")


WHATSAPP_WEB = Format("whatsapp-web", _claim, _read)
