"""Slack: the messages of one channel on one day, as the export of a workspace has them. A thread is a conversation.

What stands outside of threads is split at silences. People are named as far as a message names its author.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, framed, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.json_values import Broken
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
    ours = sum(map(_is_message, probe.records))
    if not any(isinstance(record, dict) and "type" in record for record in probe.records):
        return None
    if not ours or 2 * ours < len(probe.records):
        return None
    return Claim(0.96, "messages of a Slack channel")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    threads: dict[str, list[tuple[int, Said]]] = defaultdict(list)
    names: dict[str, str] = {}
    for position, record in framed(source, Probe(source).framing, options.max_record_bytes):
        reason = (
            record.reason if isinstance(record, Broken) else None if _is_message(record) else "not-a-message"
        )
        if reason:
            yield set_aside(source, reason, position)
            continue
        try:
            names.update(_names(record))
            threads[str(record.get("thread_ts") or _OUTSIDE)].append((position, _said(record)))
        except ODD:
            yield set_aside(source, "bad-shape", position)
    for thread, found in threads.items():
        said = [replace(item, author=names.get(item.author or "", item.author)) for _, item in found]
        named = ("slack", thread or (said[0].timestamp, said[0].identity, said[0].text))
        for draft in chat(said, options, thread=named, participants=list(names.values())):
            draft.position = found[0][0]
            yield draft


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
