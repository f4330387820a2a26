"""Text messages of a phone, as SMS Backup & Restore writes them (XML): by the number that they go to or come from."""

import re
from collections.abc import Iterator

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Piles
from uncase_pipeline.raw.formats.markup import Element, elements
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Role
from uncase_pipeline.records.rejection import Rejection

_ROOT = re.compile(r"<smses\b|<sms\b[^>]*\bbody=")
_ROLES: dict[str, Role] = {"1": "user", "2": "assistant"}
"""Of what came in and what went out; the others are drafts and what could not be sent."""
_ABSENT = {"", "null", "(Unknown)"}
_PHONE = "phone"


def _claim(probe: Probe) -> Claim | None:
    return Claim(0.97, "text messages of SMS Backup & Restore") if _ROOT.search(probe.head) else None


def _wanted(tag: str, _classes: frozenset[str]) -> bool:
    return tag in {"sms", "mms"}


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    threads: Piles[str, Said] = Piles()
    for position, element in enumerate(elements(source, _wanted, options.max_record_bytes)):
        if isinstance(element, str):
            yield set_aside(source, element, position)
            continue
        role = _ROLES.get(element.attributes.get("type") or element.attributes.get("msg_box", ""))
        number = element.attributes.get("address", "")
        if role is None or not number:
            yield set_aside(source, "not-sent" if number else "no-number", position)
            continue
        said = _said(element, role, number)
        threads.put(number, said, position, said.text)
    for number, found in threads.items():
        people = list(dict.fromkeys(item.author for item in found.items if item.author not in {None, _PHONE}))
        names = [name for name in people if name]
        yield from chat(
            found.items, options, thread=("sms", number), participants=names, position=found.position
        )


def _said(element: Element, role: Role, number: str) -> Said:
    name = element.attributes.get("contact_name", "")
    author = _PHONE if role == "assistant" else number if name in _ABSENT else name
    text = _text(element)
    return Said(
        author,
        text,
        clock.iso(element.attributes.get("date")),
        "text" if text else "media",
        identity=number,
        role=role,
    )


def _text(element: Element) -> str:
    """Return what a message says; the texts of one with pictures lie in its parts."""
    if element.tag == "sms":
        texts = [element.attributes.get("body", "")]
    else:
        parts = [part.attributes for part in element.inside() if part.tag == "part"]
        texts = [part.get("text", "") for part in parts if part.get("ct") == "text/plain"]
    return "\n".join(text for text in texts if text not in _ABSENT).replace("\x00", "").strip()


SMS = Format("sms", _claim, _read)
