"""Intercom conversations: the opening message in ``source``, the rest in ``conversation_parts``."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, ticket
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Json

_TEAM = {"admin", "bot", "team", "workflow", "operator"}
_INTERNAL = ("note",)


def _parts(record: Json) -> list[Any] | None:
    parts = record.get("conversation_parts")
    if isinstance(parts, dict):
        parts = parts.get("conversation_parts")
    return parts if isinstance(parts, list) else None


def _opening(record: Json) -> Json | None:
    opening = record.get("source") or record.get("conversation_message")
    return opening if isinstance(opening, dict) and ("body" in opening or "author" in opening) else None


def _matches(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    if _parts(record) is None and not (record.get("type") == "conversation" and _opening(record)):
        return None
    return "with Intercom conversation parts"


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    parts = [part for part in _parts(record) or () if isinstance(part, dict)]
    opening = _opening(record)
    if opening is not None:
        parts.insert(0, {"created_at": record.get("created_at"), "part_type": "comment", **opening})
    written = [part for part in parts if isinstance(part.get("body"), str) and plain(part["body"])]
    public = [part for part in written if not str(part.get("part_type")).startswith(_INTERNAL)]
    said = [_said(part) for part in public]
    # the opening stays first: conversations that a campaign started carry a later time than their first reply
    stamps = [item.timestamp for item in said]
    if opening is not None and any(stamp and stamps[0] and stamp < stamps[0] for stamp in stamps[1:]):
        said[0] = Said(
            said[0].author, said[0].text, min(stamp for stamp in stamps if stamp), role=said[0].role
        )
    people = _people(record, parts)
    yield from ticket(
        said,
        record.get("id"),
        participants=[
            str(person[name]) for person in people for name in ("name", "email", "phone") if person.get(name)
        ],
        subject=_customer(record, people),
        metadata={
            "title": record.get("title"),
            "internal_notes_left_out": len(written) - len(public),
            "events_left_out": len(parts) - len(written),
        },
    )


def _said(part: Json) -> Said:
    author = part.get("author") if isinstance(part.get("author"), dict) else {}
    author = author or {}
    name = author.get("name") or author.get("email") or author.get("id")
    return Said(
        str(name) if name else None,
        plain(part["body"]),
        clock.iso(part.get("created_at")),
        role="assistant" if author.get("type") in _TEAM else "user",
    )


def _people(record: Json, parts: list[Json]) -> list[Json]:
    contacts = record.get("contacts")
    if isinstance(contacts, dict):
        contacts = contacts.get("contacts")
    listed = contacts if isinstance(contacts, list) else []
    return [
        person
        for person in [*listed, record.get("user"), *(part.get("author") for part in parts)]
        if isinstance(person, dict)
    ]


def _customer(record: Json, people: list[Json]) -> str | None:
    client = next((person for person in people if person.get("type") not in _TEAM), {})
    identity = client.get("email") or client.get("phone") or client.get("external_id") or client.get("id")
    return str(identity) if identity else None


INTERCOM = Shape("intercom", _matches, _drafts, confidence=0.98)
