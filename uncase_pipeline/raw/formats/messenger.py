"""Messenger and Instagram: Meta's JSON, whose text is UTF-8 that was escaped byte by byte as Latin-1."""

import re
from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.conversation import Kind

_MEDIA = (
    "photos", "videos", "audio_files", "files", "gifs", "sticker", "share", "media", "attachments",
)  # fmt: skip
_AUTHOR = ("sender_name", "senderName")
_TIME = ("timestamp_ms", "timestamp")
_REACTION = re.compile(
    r"(?:Reacted .{1,20} to your message|Liked a message|Reaccionó con .{1,20} a tu mensaje|"
    r"(?:Le gustó|Indicó que le gusta) un mensaje|Reagiu com .{1,20} à sua mensagem|Curtiu uma mensagem|"
    r"Hat mit .{1,20} auf deine Nachricht reagiert|A réagi .{1,20} à votre message|A aimé un message|"
    r"Ha reagito .{1,20} al tuo messaggio|Ha messo Mi piace a un messaggio)\s*$"
)
_ATTACHMENT = re.compile(
    r"[^\n]{1,80} (?:sent an attachment|envió un archivo adjunto|enviou um anexo|hat einen Anhang gesendet|"
    r"a envoyé une pièce jointe|ha inviato un allegato)\.$"
)
"""What the app writes itself into ``content``: no person said it."""
_UNSENT = ("is_unsent", "isUnsent")


def _matches(record: Any) -> str | None:
    messages = record.get("messages") if isinstance(record, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    first = messages[:20]
    ours = sum(
        isinstance(item, dict)
        and any(name in item for name in _AUTHOR)
        and any(name in item for name in _TIME)
        for item in first
    )
    return "with messages of sender_name and timestamp_ms" if ours >= len(first) / 2 else None


def repaired(text: str) -> str:
    """Undo Meta's escaping: bytes of UTF-8 that were written as if they were Latin-1 characters."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _drafts(record: Any, options: ReadOptions) -> Iterator[Draft]:
    said = [_said(item) for item in record["messages"] if isinstance(item, dict)]
    people = [name for person in record.get("participants") or () if (name := _participant(person))]
    title = record.get("title") or record.get("threadName")
    counterpart = repaired(title) if isinstance(title, str) and repaired(title) in people else None
    thread = record.get("thread_path") or record.get("threadName") or title or sorted(people)
    yield from chat(
        said,
        options,
        thread=("meta", thread),
        participants=people,
        counterpart=counterpart if len(people) == 2 else None,
    )


def _participant(person: Any) -> str | None:
    name = person.get("name") if isinstance(person, dict) else person
    return repaired(name) if isinstance(name, str) else None


def _said(item: dict[str, Any]) -> Said:
    author = next((item[name] for name in _AUTHOR if isinstance(item.get(name), str)), None)
    when = clock.iso(next((item[name] for name in _TIME if name in item), None))
    content = item.get("content", item.get("text"))
    text = repaired(content) if isinstance(content, str) else ""
    kind = _kind(item, text)
    if kind == "media" and not text:
        text = next(name for name in _MEDIA if item.get(name))
    return Said(repaired(author) if author else None, text, when, kind)


def _kind(item: dict[str, Any], text: str) -> Kind:
    if any(item.get(name) is True for name in _UNSENT):
        return "deleted"
    if item.get("type") == "Call" or "call_duration" in item:
        return "call"
    if item.get("type") in {"Subscribe", "Unsubscribe"}:
        return "system"
    return "media" if not text and any(item.get(name) for name in _MEDIA) else kind_of_text(text)


def kind_of_text(text: str) -> Kind:
    """Return the kind of a message by its words alone: some of them the app wrote itself."""
    if _REACTION.match(text):
        return "system"
    return "media" if _ATTACHMENT.match(text) else "text"


MESSENGER = Shape("messenger", _matches, _drafts, confidence=0.97)
