"""Zendesk tickets with their comments, as the API, the JSON export and audits give them."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, ticket
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Json, Kind, Role

_TEAM = {"agent", "admin", "owner"}


def _comments_of(record: Any) -> list[Any] | None:
    """Return the comments of a ticket, from its audits where it has no list of them."""
    if not isinstance(record, dict):
        return None
    inner = record.get("ticket") if isinstance(record.get("ticket"), dict) else {}
    for holder in (record, inner or {}):
        comments = holder.get("comments")
        if isinstance(comments, dict):
            comments = comments.get("comments")
        if isinstance(comments, list):
            return comments
        audits = holder.get("audits")
        if isinstance(audits, list):
            return [
                {"created_at": audit.get("created_at"), "author_id": audit.get("author_id"), **event}
                for audit in audits
                if isinstance(audit, dict)
                for event in audit.get("events") or ()
                if isinstance(event, dict) and event.get("type") == "Comment"
            ]
    return None


def _is_zendesk_author(author: Any) -> bool:
    return isinstance(author, dict) and bool({"role", "id"} & author.keys()) and "accountId" not in author


def _is_ticket(record: Any) -> bool:
    comments = _comments_of(record)
    if comments:
        first = comments[0]
        return (
            isinstance(first, dict)
            and "body" in first
            and bool({"author_id", "public"} & first.keys() or _is_zendesk_author(first.get("author")))
        )
    if not isinstance(record, dict):
        return False
    holder = record.get("ticket") if isinstance(record.get("ticket"), dict) else record
    return (
        isinstance(holder, dict)
        and {"requester_id", "description", "subject"} <= holder.keys()
        and ("submitter_id" in holder or "via" in holder)
    )


def _matches(record: Any) -> str | None:
    if _is_ticket(record):
        return "with Zendesk tickets and comments"
    tickets = record.get("tickets") if isinstance(record, dict) else None
    return (
        "with a list of Zendesk tickets"
        if isinstance(tickets, list) and tickets and _is_ticket(tickets[0])
        else None
    )


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    users = record.get("users") or []
    if isinstance(record.get("tickets"), list):
        for item in record["tickets"]:
            yield from _ticket(item, [*users, *(item.get("users") or ())])
    else:
        yield from _ticket(record, users)


def _ticket(record: Json, users: list[Any]) -> Iterator[Draft]:
    holder = record["ticket"] if isinstance(record.get("ticket"), dict) else record
    known = _people(record, holder, users)
    comments = [
        comment for comment in _comments_of(record) or _description(holder) if isinstance(comment, dict)
    ]
    public = [comment for comment in comments if comment.get("public", True) is not False]
    requester = holder.get("requester_id") or (public[0].get("author_id") if public else None)
    said = [said for comment in public if (said := _said(comment, known, requester))]
    client = known.get(requester, {})
    yield from ticket(
        said,
        holder.get("id") or record.get("ticket_id"),
        participants=[
            str(user[name])
            for user in known.values()
            for name in ("name", "email", "phone")
            if user.get(name)
        ],
        subject=client.get("email") or client.get("phone") or (str(requester) if requester else None),
        metadata={
            "subject": holder.get("subject"),
            "tags": holder.get("tags"),
            "internal_notes_left_out": len(comments) - len(public),
        },
    )


def _description(holder: Json) -> list[Json]:
    if not isinstance(holder.get("description"), str):
        return []
    return [
        {
            "author_id": holder.get("requester_id"),
            "body": holder["description"],
            "created_at": holder.get("created_at"),
        }
    ]


def _people(record: Json, holder: Json, users: list[Any]) -> dict[Any, Json]:
    listed = [*users, *(record.get("users") or ()), *(holder.get("users") or ())]
    for name in ("requester", "assignee", "submitter"):
        person = holder.get(name) or record.get(name)
        if isinstance(person, dict):
            listed.append({"role": "end-user" if name == "requester" else "agent", **person})
    people = {user["id"]: user for user in reversed(listed) if isinstance(user, dict) and "id" in user}
    source = (
        (holder.get("via") or {}).get("source", {}).get("from")
        if isinstance(holder.get("via"), dict)
        else None
    )
    if isinstance(source, dict) and source.get("address"):
        client = people.setdefault(holder.get("requester_id"), {"role": "end-user"})
        client.setdefault("email", source["address"])
        client.setdefault("name", source.get("name"))
    return people


def _said(comment: Json, people: dict[Any, Json], requester: Any) -> Said | None:
    text = comment.get("plain_body") or comment.get("body")
    if not isinstance(text, str) and isinstance(comment.get("html_body"), str):
        text = plain(comment["html_body"])
    if not isinstance(text, str):
        return None
    author = comment.get("author") if isinstance(comment.get("author"), dict) else {}
    identity = comment.get("author_id", (author or {}).get("id"))
    person = {**people.get(identity, {}), **(author or {})}
    role: Role = "user" if identity == requester else "assistant"
    if person.get("role"):
        role = "assistant" if person["role"] in _TEAM else "user"
    name = person.get("name") or (str(identity) if identity is not None else None)
    kind: Kind = "media" if not text.strip() and comment.get("attachments") else "text"
    account = person.get("email") or person.get("phone") or (str(identity) if identity is not None else None)
    return Said(name, text, clock.iso(comment.get("created_at")), kind, identity=account, role=role)


ZENDESK = Shape("zendesk", _matches, _drafts, confidence=0.98)
