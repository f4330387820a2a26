"""KakaoTalk's text exports in Korean and English: the desktop's, and those of phones."""

import re
from collections.abc import Iterator

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.chat import Said
from uncase_pipeline.raw.formats.lined import BESIDE, Turn, turns
from uncase_pipeline.raw.formats.one_chat import one_chat
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Kind
from uncase_pipeline.records.rejection import Rejection

_TITLE = re.compile(r"^(?:(?P<ko>.+?)(?: \d+)? ?님과 카카오톡 대화|KakaoTalk Chats with (?P<en>.+))$")
_SAVED = re.compile(r"^(?:저장한 날짜|Date Saved) ?:")
_KO_DAY = r"(?P<year>\d{4})(?:년|\.) ?(?P<month>\d{1,2})(?:월|\.) ?(?P<day>\d{1,2})(?:일|\.)?"
_EN_DAY = r"(?P<written>[A-Z][a-z]{2,8} \d{1,2}, \d{4})"
_HOUR = r"(?:(?P<ko_half>오전|오후) ?)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?: (?P<half>[AP])M)?"
_RULED = re.compile(rf"^-{{8,}} (?:{_KO_DAY} [^\s-]+|[A-Z][a-z]+, {_EN_DAY}) -{{8,}}$")
_DAY = re.compile(rf"^(?:{_KO_DAY}(?: [월화수목금토일]요일| {_HOUR})?|[A-Z][a-z]+day, {_EN_DAY})$")
_MARKED = re.compile(rf"^\[(?P<name>[^\n]{{1,80}}?)\] \[{_HOUR}\] (?P<text>.*)$")
_STAMPED = re.compile(rf"^(?:{_KO_DAY}|{_EN_DAY})(?:,| at)? {_HOUR}, (?P<said>.*)$")
_NOTICE = re.compile(
    r"^.{1,80}(?:님이 .{0,80}(?:들어왔습니다|나갔습니다|초대(?:했습니다|하였습니다)|내보냈습니다)\.?|"
    r" (?:joined|left) (?:this|the) chatroom\.| invited .{1,80}\.)$"
)
_DELETED = ("삭제된 메시지입니다.", "This message was deleted.", "Message deleted.")
_MEDIA = re.compile(
    r"^(?:<?(?:사진|동영상|음성 ?메시지|Photos?|Videos?|Voice (?:Message|note)|Audio)"
    r"(?: \d+(?:장|개)?)?(?: 읽지 않음| not read)?>?"
    r"|이모티콘|Emoticons?|Stickers?|(?:파일|File) ?: .+)$"
)
_CALL = re.compile(r"^(?:보이스톡|페이스톡|라이브톡|Voice Call|Video Call|Voice Talk|Face Talk)\b")
_PLACE = re.compile(r"^(?:지도|Map|Location) ?: ")


def _claim(probe: Probe) -> Claim | None:
    lines = [line for line in probe.head.split("\n")[:400] if line.strip()]
    titled = any(_TITLE.match(line) or _SAVED.match(line) for line in lines[:3])
    marked = sum(_MARKED.match(line) is not None for line in lines)
    stamped = sum(match is not None and " : " in match["said"] for match in map(_STAMPED.match, lines))
    ruled = any(map(_RULED.match, lines))
    if (marked and ruled) or (titled and (stamped or marked)) or (stamped > 1 and _is_korean(lines)):
        return Claim(0.96 if titled else 0.9, "a KakaoTalk chat")
    return None


def _is_korean(lines: list[str]) -> bool:
    return any(match["year"] and match["ko_half"] for match in filter(None, map(_STAMPED.match, lines)))


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    lines = _Lines()
    told = (
        turn if isinstance(turn, Rejection) else _said(turn) for turn in turns(source, options, lines.begin)
    )
    yield from one_chat(source, told, options, "kakao", lambda: lines.title)


def _said(turn: Turn) -> Said:
    kind = "system" if turn.author is None else _kind(turn.text)
    return Said(turn.author, turn.text, turn.time, kind)


class _Lines:
    """What each line is; remembers the day above it."""

    def __init__(self) -> None:
        self.title: str | None = None
        self._day: str | None = None
        self._begun = False

    def begin(self, line: str) -> Turn | str | None:
        """Return the message that a line begins, or what else it is."""
        turn = self._turn(line)
        if turn is not None:
            self._begun = True
            return turn
        if day := _RULED.match(line) or _DAY.match(line):
            self._day = _date(day)
            return BESIDE
        if not self._begun and (title := _TITLE.match(line)):
            self.title = title["ko"] or title["en"]
            return BESIDE
        return BESIDE if not self._begun and _SAVED.match(line) else None

    def _turn(self, line: str) -> Turn | None:
        if marked := _MARKED.match(line):
            return Turn(marked["name"], _time(self._day, marked), [marked["text"]])
        if stamped := _STAMPED.match(line):
            author, apart, text = stamped["said"].partition(" : ")
            when = _time(_date(stamped), stamped)
            return Turn(author, when, [text]) if apart else Turn(None, when, [stamped["said"]])
        return Turn(None, None, [line]) if self._begun and _NOTICE.match(line) else None


def _date(match: re.Match[str]) -> str | None:
    if match["written"]:
        return clock.iso(match["written"])
    return clock.iso(f"{match['year']}-{match['month']}-{match['day']}")


def _time(day: str | None, match: re.Match[str]) -> str | None:
    half = match["half"] or {"오전": "a", "오후": "p"}.get(match["ko_half"] or "")
    hour = clock.hour_of(int(match["hour"]), half)
    return clock.iso(f"{day[:10]}T{hour:02d}:{match['minute']}") if day else None


def _kind(text: str) -> Kind:
    if text in _DELETED:
        return "deleted"
    if _MEDIA.match(text):
        return "media"
    if _CALL.match(text):
        return "call"
    return "location" if _PLACE.match(text) else "text"


KAKAO = Format("kakaotalk", _claim, _read)
