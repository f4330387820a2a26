"""Mattermost's bulk export (JSON lines): posts and direct messages; one with replies is a conversation."""

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
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.rejection import Rejection

_POSTS = ("post", "direct_post")
_OTHERS = {
    *("version", "team", "channel", "user", "emoji", "direct_channel", "role", "scheme", "bot"),
    *("post_thread_follower", "thread_follower"),
}
"""What the export says beside posts: of the server, and no person said it."""


def _is_entry(record: Any) -> bool:
    kind = record.get("type") if isinstance(record, dict) else None
    return isinstance(kind, str) and kind in {*_POSTS, *_OTHERS} and (kind in record or kind == "version")


def _claim(probe: Probe) -> Claim | None:
    if probe.framing not in {"lines", "sequence"} or not probe.are_mostly(_is_entry):
        return None
    return Claim(0.96, "the lines of a Mattermost export")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    threads: Piles[tuple[str, ...], Said] = Piles()
    yield from gather(source, options, partial(_take, threads))
    for thread, found in threads.items():
        yield from chat(found.items, options, thread=("mattermost", *thread), position=found.position)


def _take(threads: Piles[tuple[str, ...], Said], position: int, record: Any) -> Iterator[str]:
    """Note the posts of a record; yield why it is none, unless it is one of those beside them."""
    kind = record.get("type") if _is_entry(record) else None
    if kind not in _POSTS:
        if kind is None:
            yield "not-a-message"
        return
    post = record[kind]
    room = post.get("channel_members") or [post.get("team"), post.get("channel")]
    thread = tuple(sorted(map(str, room))) if kind == "direct_post" else tuple(map(str, room))
    replies = post.get("replies") or []
    if replies:
        thread = (*thread, str(post.get("create_at")), str(post.get("user")))
    for item in (post, *replies):
        said = _said(item)
        threads.put(thread, said, position, said.text)


def _said(post: Json) -> Said:
    text = str(post.get("message") or "")
    author = str(post.get("user") or "") or None
    when = clock.iso(post.get("create_at"))
    if str(post.get("type") or "").startswith("system_"):
        return Said(None, text, when, "system")
    edited = bool(post.get("edit_at"))
    return Said(author, text, when, "media" if not text else "edited" if edited else "text", author)


MATTERMOST = Format("mattermost", _claim, _read)
