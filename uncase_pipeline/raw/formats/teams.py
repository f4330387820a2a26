"""Microsoft Teams, as Graph returns its messages: by chat, and in channels by the post that is answered."""

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
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Json, Kind
from uncase_pipeline.records.rejection import Rejection


def _is_message(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("messageType"), str)
        and isinstance(item.get("body"), dict)
        and "createdDateTime" in item
    )


def _in_page(record: Any) -> list[Any] | None:
    """Return the messages of a page of results."""
    found = record.get("value") if isinstance(record, dict) else None
    return found if isinstance(found, list) and any(map(_is_message, found[:20])) else None


def _claim(probe: Probe) -> Claim | None:
    ours = probe.are_mostly(lambda record: _is_message(record) or _in_page(record) is not None)
    return Claim(0.96, "messages of Microsoft Teams") if ours else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    threads: Piles[str, Said] = Piles()
    yield from gather(source, options, partial(_take, threads))
    for thread, found in threads.items():
        yield from chat(found.items, options, thread=("teams", thread), position=found.position)


def _take(threads: Piles[str, Said], position: int, record: Any) -> Iterator[str]:
    """Note the messages of a record; yield why one is none."""
    for item in _in_page(record) or [record]:
        if not _is_message(item):
            yield "not-a-message"
            continue
        try:
            said = _said(item)
        except ODD:
            yield "bad-shape"
            continue
        threads.put(_thread(item), said, position, said.text)
        replies = item.get("replies")
        for reply in replies if isinstance(replies, list) else ():
            yield from _take(threads, position, reply)


def _thread(item: Json) -> str:
    channel = item.get("channelIdentity")
    if isinstance(channel, dict):
        return f"{channel.get('channelId')} {item.get('replyToId') or item.get('id')}"
    return str(item.get("chatId") or item.get("replyToId") or item.get("id"))


def _said(item: Json) -> Said:
    when = clock.iso(item.get("createdDateTime"))
    if item["messageType"] != "message":
        return Said(None, _event(item), when, "system")
    sender = item.get("from") or {}
    who: Json = next((sender[sort] for sort in ("user", "application", "device") if sender.get(sort)), {})
    text = str(item["body"].get("content") or "")
    if item["body"].get("contentType") == "html":
        text = plain(text)
    name, account = who.get("displayName") or who.get("id"), who.get("id")
    return Said(str(name) if name else None, text, when, _kind(item, text), str(account) if account else None)


def _event(item: Json) -> str:
    """Return what happened: the name that Graph has for it."""
    detail = item.get("eventDetail")
    sort = str(detail.get("@odata.type") or "") if isinstance(detail, dict) else ""
    return sort.rpartition(".")[2].removesuffix("EventMessageDetail") or str(item["messageType"])


def _kind(item: Json, text: str) -> Kind:
    if item.get("deletedDateTime"):
        return "deleted"
    if not text:
        return "media"
    return "edited" if item.get("lastEditedDateTime") else "text"


TEAMS = Format("teams", _claim, _read)
