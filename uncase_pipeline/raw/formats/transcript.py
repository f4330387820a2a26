"""Plain transcripts: ``Role: text``, ``[role] text``, numbered or with times. Knows lines, not files of others."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from operator import attrgetter

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Message, Role
from uncase_pipeline.records.rejection import Rejection

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:[ \u00a0\u202f]?[AaPp]\.?[ \u00a0]?[Mm]\.?)?Z?"
_DATE = r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_START = (
    r"^[ \t]*(?:(?:[-*•>]|#{1,4})[ \t]+)?"
    r"(?:(?:#?\d{1,4}(?:[.)\]:-][ \t]+|[ \t]+(?=[^\W\d_]))|[\[(]\d{1,4}[\])][ \t]*|"
    r"(?:turno?|mensaje|message|msg)[ \t]*#?\d{1,4}[ \t]*[-:.)|]?[ \t]+))?"
    rf"(?:[\[(]?(?P<time>(?:{_DATE}[,T \t]+)?{_CLOCK})[\])]?[ \t]*(?:[-\u2013|][ \t]*)?|"
    r"(?P<elapsed>\([ \t]*(?:\d+[hms][ \t]*)+\))[ \t]*)?"
)
_LINE = re.compile(
    _START
    + r"(?:\*\*(?P<bold>[^*\n:]{1,60}):?\*\*:?|\[(?P<square>[^\]\n:]{1,40})\]:?|<(?P<angle>[^<>\n]{1,40})>:?|"
    r"(?P<plain>[^\W\d_][^\n:<>\[\]{}\"]{0,48}?)"
    rf"(?:[ \t]*[\[(]{_CLOCK}[^\])\n]{{0,8}}[\])])?[ \t]?:(?!//|\d\d\b))[ \t]*(?P<text>.*)$",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    _START
    + r"(?:(?P<plain>[^\W\d_][^\n:<>\[\]{}\"]{0,40}?)(?:[ \t]+[-\u2013\u2014|][ \t]+|[ \t]?>[ \t]+)(?P<text>\S.*)|"
    rf"(?P<mark>#{{1,4}}[ \t]+|\*\*)?(?P<alone>[^\W\d_][^\n:<>\[\]{{}}\"]{{0,40}}?)(?P<bold>\*\*)?"
    rf"(?P<after>[ \t]+[\[(]?(?:{_DATE}[,T \t]+)?{_CLOCK}[\])]?)?[ \t]*)$",
    re.IGNORECASE,
)
"""Without a colon a line begins a turn only where a word for a role stands first, alone in its line with a mark or
a time, or before a dash."""
_LEVELS = {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"}
"""What begins the lines of a log."""
_NUMBERED = re.compile(
    r"(?:speaker|hablante|participante?|persona|locutor|orador|interlocutor|sprecher|intervenant|relatore|spreker)"
    r"[ _]?\d{1,3}$",
    re.IGNORECASE,
)
"""Whom a program that tells voices apart calls so."""
_ASIDE = re.compile(r"^(.+?)\s*[\[(]([^\])]+)[\])]$")
_CUE = re.compile(r"^(?:\d\d:)?\d\d:\d\d[.,]\d{3}[ \t]+-->")
_CUE_NAME = re.compile(r"^(?=\S*\d)[\w.-]+(?:/[\w.-]+)*$")
_VOICE = re.compile(r"^<v(?:\.[^ >]*)? ([^>]+)>(.*?)(?:</v>)?$")
_MARKED = re.compile(
    r"<\|im_start\|>(?P<chatml>\w+)\n(?P<said>.*?)(?:<\|im_end\|>|\Z)|"
    r"<\|start_header_id\|>(?P<llama>\w+)<\|end_header_id\|>\s*(?P<told>.*?)(?:<\|eot_id\|>|\Z)|"
    r"<start_of_turn>(?P<gemma>\w+)\n(?P<spoke>.*?)(?:<end_of_turn>|\Z)",
    re.DOTALL,
)
"""Turns between the marks of a chat template, as training files hold them."""
_SAYS = re.compile(r"(?:^|;)\s*(User|Bot) says: ")
"""How Copilot Studio writes a session into a cell; each turn ends with a semicolon."""
_ENTRY = re.compile(
    r"^(?P<time>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?) - (?P<name>[^\n()]{1,60}) "
    r"\((?P<sort>[^\n()]{4,40})\)[ \t]*$",
    re.MULTILINE,
)
_WORK_NOTE = re.compile(r"work ?note|nota|notiz|note de|nota di", re.IGNORECASE)
_BREAK = re.compile(
    r"^\s*(?:[-=*_#~]{3,}|(?:[-=*_#~]{2,}\s*|#+\s*)?(?:conversaci[oó]n|conversation|chat|di[aá]logo|dialogue|caso|case|ticket)"
    r"\b[^:]{0,60}[-=*_#~:]*)\s*$",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"^(?:===|\*\*\*|-->|<--|-!-)\s+\S")
_SECTION = re.compile(r"^\[[^\]\n:]{1,40}\]\s*$")
_SETTING = re.compile(r"^\s*[a-z][\w.-]{0,40}\s*[:=]\s*\S")
_WORD_SHARE = 0.5
_LABELS = 3
"""Two people take turns; three do not do so without exception."""


def turns_of_text(text: str) -> list[Message] | None:
    """Return the turns of a transcript, None where the text is none."""
    if " says: " in text:
        text = _SAYS.sub(r"\n\1: ", text).rstrip("; ")
    if " (" in text and (journal := _journal(text)):
        return journal
    if "<|" in text or "<start_of_turn>" in text:
        return _between_marks(text)
    if ":" not in text and "]" not in text and ">" not in text:
        return None
    found = list(_turns(text.replace("\r\n", "\n").split("\n")))
    return found if _is_dialogue(found) else None


def _journal(text: str) -> list[Message]:
    """Return the comments of a journal of ServiceNow, oldest first, without the team's own notes."""
    heads = list(_ENTRY.finditer(text))
    if not heads:
        return []
    ends = [*(head.start() for head in heads[1:]), len(text)]
    entries = [
        Message("user", text[head.end() : end].strip(), head["name"], clock.iso(head["time"]))
        for head, end in zip(heads, ends, strict=True)
        if not _WORK_NOTE.search(head["sort"])
    ]
    return clock.oldest_first(entries[::-1], attrgetter("timestamp"))


def _between_marks(text: str) -> list[Message] | None:
    found = []
    for match in _MARKED.finditer(text):
        word, said = (part for part in match.groups() if part is not None)
        role = role_of_word(word)
        if role is None:
            return None
        found.append(Message(role, said.strip(), word))
    return found if _is_dialogue(found) else None


@dataclass(frozen=True, slots=True)
class _Start:
    """The beginning of a turn: who speaks, and what stands behind that in the line."""

    name: str
    role: Role | None
    text: str
    time: str | None
    stamped: bool = False


def _starts(lines: list[str]) -> list[_Start | None]:
    """Return the turn that each line begins, None where it goes on with one."""
    found = [_start(line) for line in lines]
    if len(_speakers(found)) > 1:
        return found
    loose = [start or _loose_start(line) for start, line in zip(found, lines, strict=True)]
    return loose if len(_speakers(loose)) > 1 else found


def _start(line: str) -> _Start | None:
    match = _LINE.match(line)
    if match is None:
        return None
    name = (match["bold"] or match["square"] or match["angle"] or match["plain"]).strip()
    if name.split(" ")[0] in _LEVELS:
        return None
    found = _of(name, match["text"], match["time"]) if name else None
    return replace(found, stamped=bool(match["time"] or match["elapsed"])) if found else None


def _loose_start(line: str) -> _Start | None:
    loose = _LOOSE.match(line)
    if loose is None:
        return None
    name, text = (loose["plain"] or loose["alone"]).strip(), loose["text"] or ""
    found = _of(name, text, loose["time"] or (loose["after"] or "").strip(" \t[]()"))
    marked = text or loose["mark"] or loose["after"] or line.lstrip().startswith("#")
    return found if found.role and marked else None


def _of(name: str, text: str, time: str | None) -> _Start:
    """Tell a name from a role: ``Cliente``, ``Cliente (Ana)``, ``Ana (cliente)``, ``Agente 2``."""
    role = role_of_word(name) or role_of_word(name.rstrip("0123456789 #"))
    aside = _ASIDE.match(name) if role is None else None
    if aside:
        outer, inner = aside.groups()
        role = role_of_word(outer) or role_of_word(inner)
        if role is not None:
            name = inner if role_of_word(outer) else outer
    return _Start(name, role, text, clock.iso(time) if time else None)


def _turns(lines: list[str]) -> Iterator[Message]:
    lines = _without_cues(lines)
    starts = _starts(lines)
    speakers = _speakers(starts)
    current: Message | None = None
    for line, start in zip(lines, starts, strict=True):
        if start and start.name in speakers:
            if current is not None:
                yield _closed(current)
            current = Message(start.role or "user", start.text, start.name, start.time)
        elif _NOTICE.match(line):
            if current is not None:
                yield _closed(current)
            current = None
            yield Message("system", line[3:].strip(), kind="system")
        elif current is not None:
            current.content += f"\n{line}"
    if current is not None:
        yield _closed(current)


def _without_cues(lines: list[str]) -> list[str]:
    """Return the lines of subtitles without their numbers and times; others as they are."""
    if not any(map(_CUE.match, lines[:12])):
        return lines
    kept: list[str] = []
    for line in lines:
        if _CUE.match(line):
            if _names_cue(kept):
                kept.pop()
            while kept and (not kept[-1].strip() or kept[-1].strip().isdigit()):
                kept.pop()
        elif not line.startswith(("WEBVTT", "NOTE")):
            voice = _VOICE.match(line)
            kept.append(f"{voice[1]}: {voice[2]}" if voice else line.removesuffix("</v>"))
    return kept


def _names_cue(lines: list[str]) -> bool:
    """Whether the last line is a name that a program gave to the cue below: it stands alone and is no text."""
    alone = bool(lines) and (len(lines) == 1 or not lines[-2].strip())
    return alone and _CUE_NAME.match(lines[-1]) is not None


def _closed(message: Message) -> Message:
    message.content = message.content.strip()
    return message


def _speakers(starts: list[_Start | None]) -> set[str]:
    """Return who speaks: names behind a time, else words for a role and names that come back or start most lines."""
    found = [start for start in starts if start]
    stamped = {start.name for start in found if start.stamped and len(start.name.split()) <= 4}
    if len(stamped) > 1:
        return stamped
    names = Counter(start.name for start in found)
    known = {start.name for start in found if start.role or _NUMBERED.match(start.name)}
    every_line = bool(known) and len(found) == len(starts)
    recurring = {
        name for name, count in names.items() if (count > 1 or every_line) and len(name.split()) <= 4
    }
    return known | recurring if len(known) < 2 else known


def _is_dialogue(turns: list[Message]) -> bool:
    names = [turn.speaker for turn in turns if turn.speaker]
    return len(set(names)) >= 2 and not _is_form(names)


def _is_form(names: list[str]) -> bool:
    """Whether the same labels, none of them a speaker's, come again and again in one order: filled-in forms."""
    labels = list(dict.fromkeys(names))
    if len(labels) < _LABELS or len(names) < 2 * len(labels) or any(map(role_of_word, labels)):
        return False
    return all(name == labels[number % len(labels)] for number, name in enumerate(names))


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
        yield Draft(
            messages,
            position,
            roles_rule="role-word" if _all_known(messages) else None,
            metadata={"heading": heading} if heading else {},
        )


def _all_known(messages: list[Message]) -> bool:
    """Settle whether every speaker has a role; ``system`` beside ``user`` and nobody else is the assistant."""
    spoken = [message for message in messages if message.speaker]
    roles = {message.role for message in spoken}
    if roles == {"user", "system"} and all(role_of_word(message.speaker or "") for message in spoken):
        for message in spoken:
            message.role = "assistant" if message.role == "system" else message.role
    starts = {message.speaker: _of(message.speaker or "", "", None).role for message in spoken}
    return all(role is not None for role in starts.values()) or ("assistant" in roles and "user" in roles)


def _heading(lines: list[str]) -> str:
    """Return what stands before the first turn."""
    lines = _without_cues(lines)
    starts = _starts(lines)
    speakers = _speakers(starts)
    before = takewhile(
        lambda pair: not (pair[1] and pair[1].name in speakers), zip(lines, starts, strict=True)
    )
    return "\n".join(line for line, _ in before).strip()


def _are_settings(lines: list[str]) -> bool:
    """Whether lines are those of a configuration: sections in brackets, and below them keys in small letters."""
    settings = sum(_SETTING.match(line) is not None for line in lines)
    return any(map(_SECTION.match, lines)) and settings > _WORD_SHARE * len(lines)


def _claim(probe: Probe) -> Claim | None:
    lines = [line for line in _without_cues(probe.head.split("\n")[:400]) if line.strip()]
    turns = list(_turns(lines))
    if not _is_dialogue(turns):
        return None
    words = sum(_of(turn.speaker or "", "", None).role is not None for turn in turns)
    share = words / len(turns)
    matched = len(turns) / len(lines)
    if share < _WORD_SHARE and (matched < 0.6 or _are_settings(lines)):
        return None
    return Claim(0.3 + 0.4 * max(share, matched), f"{len(turns)} of {len(lines)} lines begin with who speaks")


TRANSCRIPT = Format("transcript", _claim, _read)
