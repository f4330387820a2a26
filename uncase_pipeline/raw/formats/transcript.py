"""Plain transcripts: ``Role: text``, ``[role] text``, numbered or with times. Knows lines, not files of others."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.rejection import Rejection

_LINE = re.compile(
    r"^[ \t]*(?:\d{1,4}[.)\]-][ \t]+)?"
    r"(?:[\[(]?(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?:[ \u202f]?[AaPp]\.?[ ]?[Mm]\.?)?)[\])]?[ \t]*[-\u2013]?[ \t]*)?"
    r"(?:\*\*(?P<bold>[^*\n:]{1,60}):?\*\*:?|\[(?P<square>[^\]\n:]{1,40})\]:?|<(?P<angle>[^<>\n]{1,40})>:?|"
    r"(?P<plain>[^\W\d_][^\n:<>\[\]{}\"]{0,48}?)"
    r"(?:[ \t]*[\[(]\d{1,2}:\d{2}(?::\d{2})?[^\])\n]{0,8}[\])])?[ \t]?:(?!//|\d\d\b))[ \t]*(?P<text>.*)$"
)
_BREAK = re.compile(
    r"^\s*(?:[-=*_#~]{3,}|(?:[-=*_#~]{2,}\s*|#+\s*)?(?:conversaci[oó]n|conversation|chat|di[aá]logo|dialogue|caso|case|ticket)"
    r"\b[^:]{0,60}[-=*_#~:]*)\s*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"^(?:===|\*\*\*|-->|<--|-!-)\s+\S")
_WORD_SHARE = 0.5


def turns_of_text(text: str) -> list[Message] | None:
    """Return the turns of a transcript, None where the text is none."""
    if ":" not in text and "]" not in text and ">" not in text:
        return None
    found = list(_turns(text.replace("\r\n", "\n").split("\n")))
    return found if _is_dialogue(found) else None


def _turns(lines: list[str]) -> Iterator[Message]:
    speakers = _speakers(lines)
    current: Message | None = None
    for line in lines:
        match = _LINE.match(line)
        name = _name(match) if match else None
        if match and name in speakers:
            if current is not None:
                yield _closed(current)
            current = Message(role_of_word(name or "") or "user", match["text"], name)
        elif _NOTICE.match(line):
            if current is not None:
                yield _closed(current)
            current = None
            yield Message("system", line[3:].strip(), kind="system")
        elif current is not None:
            current.content += f"\n{line}"
    if current is not None:
        yield _closed(current)


def _closed(message: Message) -> Message:
    message.content = message.content.strip()
    return message


def _name(match: "re.Match[str]") -> str | None:
    name = match["bold"] or match["square"] or match["angle"] or match["plain"]
    return name.strip() if name else None


def _speakers(lines: list[str]) -> set[str]:
    """Return who speaks: words for a role, and names that come back or that start most lines."""
    names = Counter(name for line in lines if (match := _LINE.match(line)) and (name := _name(match)))
    known = {name for name in names if role_of_word(name)}
    recurring = {name for name, count in names.items() if count > 1 and len(name.split()) <= 4}
    return known | recurring if len(known) < 2 else known


def _is_dialogue(turns: list[Message]) -> bool:
    return len({turn.speaker for turn in turns if turn.speaker}) >= 2


def _chunks(source: Source, limit: int) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the stretches between separator lines, each with the number of its first line."""
    held: list[str] = []
    start = 0
    for number, raw in enumerate(source.lines(limit)):
        if raw is None:
            yield number, None
            continue
        line = raw.decode("utf-8", "replace").rstrip("\r")
        if _BREAK.match(line) and not _LINE.match(line):
            if any(held):
                yield start, held
            held, start = [], number + 1
        else:
            held.append(line)
    if any(held):
        yield start, held


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    for position, lines in _chunks(source, options.max_record_bytes):
        if lines is None:
            yield set_aside(source, "record-too-long", position)
            continue
        messages = list(_turns(lines))
        if not _is_dialogue(messages):
            yield set_aside(source, "not-a-transcript", position)
            continue
        heading = _heading(lines)
        known = all(role_of_word(message.speaker) for message in messages if message.speaker)
        yield Draft(
            messages,
            position,
            roles_rule="role-word" if known else None,
            metadata={"heading": heading} if heading else {},
        )


def _heading(lines: list[str]) -> str:
    """Return what stands before the first turn."""
    speakers = _speakers(lines)
    before = takewhile(lambda line: not ((match := _LINE.match(line)) and _name(match) in speakers), lines)
    return "\n".join(before).strip()


def _claim(probe: Probe) -> Claim | None:
    lines = [line for line in probe.head.split("\n")[:400] if line.strip()]
    turns = list(_turns(lines))
    if not _is_dialogue(turns):
        return None
    words = sum(role_of_word(turn.speaker or "") is not None for turn in turns)
    share = words / len(turns)
    matched = len(turns) / len(lines)
    if share < _WORD_SHARE and matched < 0.6:
        return None
    return Claim(0.3 + 0.4 * max(share, matched), f"{len(turns)} of {len(lines)} lines begin with who speaks")


TRANSCRIPT = Format("transcript", _claim, _read)
