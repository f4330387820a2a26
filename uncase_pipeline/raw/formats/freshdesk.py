"""Freshdesk tickets with their conversations, as the API and the account export give them."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, ticket
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Json

_LISTS = ("conversations", "notes", "helpdesk_notes")


def _holder(record: Any) -> Json | None:
    if not isinstance(record, dict):
        return None
    for name in ("helpdesk_ticket", "ticket"):
        if isinstance(record.get(name), dict) and not record.get("comments"):
            return {**record[name], **{key: record[key] for key in _LISTS if key in record}}
    return record


def _notes(holder: Json) -> list[Json]:
    listed: list[Any] = next((holder[name] for name in _LISTS if isinstance(holder.get(name), list)), [])
    return [item.get("note", item) for item in listed if isinstance(item, dict)]


def _matches(record: Any) -> str | None:
    holder = _holder(record)
    if holder is None:
        return None
    notes = _notes(holder)
    ours = (
        bool(notes) and {"incoming", "private"} & notes[0].keys() and {"body", "body_text"} & notes[0].keys()
    )
    alone = not notes and {"description_text", "requester_id", "responder_id"} <= holder.keys()
    return "with Freshdesk tickets and conversations" if ours or alone else None


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    holder = _holder(record) or {}
    requester = holder.get("requester") if isinstance(holder.get("requester"), dict) else {}
    client = requester or {}
    notes = _notes(holder)
    public = [note for note in notes if note.get("private") is not True]
    opening = _body(holder, "description_text", "description")
    who = client.get("name") or _text(holder.get("requester_name"))
    said = [Said(who, opening, clock.iso(holder.get("created_at")), role="user")] if opening else []
    said += [item for note in public if (item := _said(note, who))]
    mails = [
        str(mail)
        for note in notes
        for mail in [note.get("from_email"), *(note.get("to_emails") or ())]
        if mail
    ]
    identity = client.get("email") or client.get("phone") or client.get("mobile") or holder.get("email")
    yield from ticket(
        said,
        holder.get("id") or holder.get("display_id") or (notes[0].get("ticket_id") if notes else None),
        participants=[
            *(str(client[name]) for name in ("name", "email", "phone", "mobile") if client.get(name)),
            *mails,
        ],
        subject=str(identity or holder.get("requester_id") or "") or None,
        metadata={
            "subject": holder.get("subject"),
            "tags": holder.get("tags"),
            "internal_notes_left_out": len(notes) - len(public),
        },
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _body(holder: Json, text: str, markup: str) -> str | None:
    if isinstance(holder.get(text), str):
        return str(holder[text])
    return plain(holder[markup]) if isinstance(holder.get(markup), str) else None


def _said(note: Json, client: str | None) -> Said | None:
    text = _body(note, "body_text", "body")
    if text is None:
        return None
    incoming = note.get("incoming") is True
    author = client if incoming else None
    author = (
        author or _text(note.get("from_email")) or (str(note["user_id"]) if note.get("user_id") else None)
    )
    return Said(author, text, clock.iso(note.get("created_at")), role="user" if incoming else "assistant")


FRESHDESK = Shape("freshdesk", _matches, _drafts, confidence=0.98)
