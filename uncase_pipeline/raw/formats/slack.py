"""Slack: the messages of one channel on one day, as the export of a workspace has them. A thread is a conversation.

What stands outside of threads is split at silences. People are named as far as a message names its author.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
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

_TS = re.compile(r"\d{9,11}\.\d{1,6}$")
_SPOKEN = {
    "",
    "bot_message",
    "thread_broadcast",
    "me_message",
    "file_share",
    "file_comment",
    "reply_broadcast",
}
"""Sorts of what somebody wrote; every other tells of what happened."""
_LINK = re.compile(r"<(?P<to>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>")
_OUTSIDE = ""


def _is_message(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and record.get("type") == "message"
        and bool(_TS.match(str(record.get("ts"))))
    )


def _claim(probe: Probe) -> Claim | None:
    return Claim(0.96, "messages of a Slack channel") if probe.are_mostly(_is_message) else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    threads: Piles[str, Said] = Piles()
    names: dict[str, str] = {}
    yield from gather(source, options, partial(_take, threads, names))
    for thread, found in threads.items():
        said = [replace(item, author=names.get(item.author or "", item.author)) for item in found.items]
        named = ("slack", thread or (said[0].timestamp, said[0].identity, said[0].text))
        people = list(names.values())
        yield from chat(said, options, thread=named, participants=people, position=found.position)


def _take(threads: Piles[str, Said], names: dict[str, str], position: int, record: Any) -> Iterator[str]:
    """Note a message and the name of its author; yield why a record is none."""
    if not _is_message(record):
        yield "not-a-message"
        return
    names.update(_names(record))
    said = _said(record)
    threads.put(str(record.get("thread_ts") or _OUTSIDE), said, position, said.text)


def _account(record: Json) -> str | None:
    return str(record.get("user") or record.get("bot_id") or "") or None


def _names(record: Json) -> dict[str, str]:
    """Return the name that a message has for its author, by the account."""
    profile = record.get("user_profile") or {}
    name = profile.get("real_name") or profile.get("display_name") or record.get("username")
    account = _account(record)
    return {account: str(name)} if account and name else {}


def _said(record: Json) -> Said:
    """Read a message; its author is the account yet."""
    when = clock.iso(float(record["ts"]))
    text, kind = _text(record)
    account = _account(record)
    return Said(None if kind == "system" else account, text, when, kind, account)


def _text(record: Json) -> tuple[str, Kind]:
    """Return what a message says as people see it, and its kind."""
    sort = str(record.get("subtype") or "")
    text = html.unescape(_LINK.sub(_seen, str(record.get("text") or "")))
    if sort == "tombstone":
        return text, "deleted"
    if sort not in _SPOKEN:
        return text, "system"
    if not text and (record.get("files") or record.get("attachments")):
        return text, "media"
    return text, "edited" if record.get("edited") else "text"


def _seen(link: re.Match[str]) -> str:
    to, label = link["to"], link["label"]
    return to if to[0] in "@#!" and not label else f"{to[0]}{label}" if to[0] in "@#" else label or to


SLACK = Format("slack", _claim, _read)
