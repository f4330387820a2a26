"""The WhatsApp Business Cloud webhook: one event a record, gathered by customer and split at silences."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Piles, gather
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Json, Kind
from uncase_pipeline.records.rejection import Rejection

_MEDIA = {"image", "video", "audio", "document", "sticker", "voice", "contacts"}
_ECHOES = ("message_echoes", "smb_message_echoes")


def _values(record: Any) -> Iterator[Json]:
    """Yield the values of the changes in an event, or in a list of events."""
    if isinstance(record, list):
        for item in record:
            yield from _values(item)
    elif isinstance(record, dict) and isinstance(record.get("entry"), list):
        for entry in record["entry"]:
            changes = entry.get("changes") if isinstance(entry, dict) else None
            for change in changes if isinstance(changes, list) else ():
                if isinstance(change, dict) and isinstance(change.get("value"), dict):
                    yield change["value"]
    elif isinstance(record, dict) and record.get("messaging_product") == "whatsapp":
        yield record
    elif isinstance(record, dict) and isinstance(record.get("body"), dict):
        yield from _values(record["body"])


def _claim(probe: Probe) -> Claim | None:
    ours = [
        record
        for record in probe.records
        for value in _values(record)
        if value.get("messaging_product") == "whatsapp"
    ]
    return Claim(0.99, "WhatsApp Cloud webhook events") if ours else None


class _Chats(Piles[tuple[str, str], Said]):
    """What was said by business and customer, the customers' names, and the ids of the messages that were seen."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.seen: set[str] = set()


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    chats = _Chats()
    yield from gather(source, options, partial(_take, chats))
    for key, held in chats.items():
        business, customer = key
        people = [*filter(None, [chats.names.get(customer)]), customer, business]
        for draft in chat(held.items, options, thread=key, participants=people, position=held.position):
            draft.subject = customer
            yield draft
    if not chats:
        yield set_aside(source, "no-messages")


def _take(chats: _Chats, position: int, record: Any) -> tuple[str, ...]:
    """Note the messages of an event; one that has none tells of something else and is not set aside."""
    for value in _values(record):
        _gather(value, chats, position)
    return ()


def _gather(value: Json, chats: _Chats, position: int) -> None:
    business = str((value.get("metadata") or {}).get("display_phone_number") or "business")
    for contact in value.get("contacts") or ():
        name = (contact.get("profile") or {}).get("name")
        if isinstance(name, str):
            chats.names[str(contact.get("wa_id"))] = name
    incoming = [(message, str(message.get("from")), "user") for message in value.get("messages") or ()]
    outgoing = [
        (message, str(message.get("to")), "assistant")
        for name in _ECHOES
        for message in value.get(name) or ()
    ]
    for message, customer, role in incoming + outgoing:
        identifier = message.get("id")
        if isinstance(identifier, str) and identifier in chats.seen:
            continue
        chats.seen.add(str(identifier))
        text, kind = _text(message)
        author = chats.names.get(customer, customer) if role == "user" else business
        when = clock.iso(message.get("timestamp"))
        said = (
            Said(None, text, when, kind)
            if kind == "system"
            else Said(author, text, when, kind, customer, "user" if role == "user" else "assistant")
        )
        chats.put((business, customer), said, position, text)


def _text(message: Json) -> tuple[str, Kind]:
    """Return what a message says, and its kind."""
    sort = str(message.get("type"))
    body = message.get(sort)
    if not isinstance(body, dict):
        return sort, "text" if sort == "text" else "media" if sort in _MEDIA else "system"
    if sort in _MEDIA:
        caption = body.get("caption")
        return (caption, "text") if isinstance(caption, str) and caption else (sort, "media")
    if sort == "location":
        return " ".join(
            str(body[name]) for name in ("name", "address", "latitude", "longitude") if name in body
        ), "location"
    reply = body.get("button_reply") or body.get("list_reply") or body
    text = next(
        (reply[name] for name in ("body", "text", "title", "emoji") if isinstance(reply.get(name), str)), sort
    )
    return text, "text"


WHATSAPP_CLOUD = Format("whatsapp-cloud", _claim, _read)
