"""LINE's text export: a day in a line of its own, below it time, name and text between tabs, or between blanks.

A phone writes the tabs, and quotes around a message of several lines; the desktop may write blanks instead.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from itertools import takewhile

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

_TITLE = re.compile(
    r"^\[LINE\] ?(?:Chat history (?:with|in) |ประวัติการ\S{1,12}กับ ?|[與与]?)?(?P<name>.*?)"
    r"(?:との?トーク履歴|のトーク履歴|的聊天[記记][錄录])?$"
)
_SAVED = re.compile(r"^(?:บันทึก\S{1,12}|[^\W\d]{3,16}(?: [^\W\d]{1,10})?) ?[:：]? ?\d[\d/., :]+(?:[AP]M)?$")
"""When it was saved, in any language."""
_YEAR_FIRST = re.compile(
    r"^(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})(?: ?[(（][^)）\t]{1,12}[)）]| [^\s\d]{1,20})?$"
)
_YEAR_LAST = re.compile(r"^(?P<weekday>[^\s\d,]{1,8}), (?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>\d{4})$")
_HOUR = (
    r"(?P<early>上午|午前|오전)?(?P<late>下午|午後|오후)? ?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?: ?(?P<half>[AaPp])[Mm])?"
)
_TABBED = re.compile(rf"^{_HOUR}\t(?P<first>[^\t]*)(?:\t(?P<text>.*))?$")
_SPACED = re.compile(rf"^{_HOUR} (?P<words>\S.*)$")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOKED_AT = 2_000
_MEDIA_WORDS = """
photo photos video sticker stickers file voice message album note music contact gif image
写真 スタンプ 動画 ファイル ボイスメッセージ アルバム ノート 連絡先 音声 画像
照片 貼圖 影片 檔案 語音訊息 相簿 記事本 聯絡資訊 圖片 贴图 视频 文件
รูป รูปภาพ ภาพ สติกเกอร์ วิดีโอ ไฟล์ ข้อความเสียง อัลบั้ม โน้ต รายชื่อติดต่อ
"""
_PLACE_WORDS = "location 位置情報 位置資訊 位置信息 ตำแหน่งที่ตั้ง ตำแหน่ง"
_MEDIA, _PLACES = frozenset(_MEDIA_WORDS.split()), frozenset(_PLACE_WORDS.split())


def _claim(probe: Probe) -> Claim | None:
    lines = [line for line in probe.head.split("\n")[:_LOOKED_AT] if line.strip()]
    titled = bool(lines) and lines[0].startswith("[LINE]")
    body = [line for line in lines if not (_TITLE.match(line) or _SAVED.match(line))]
    if not body or not any(map(_is_day, body if titled else body[:1])):
        return None
    tabbed = sum(_TABBED.match(line) is not None for line in body)
    if tabbed > 1 or (titled and tabbed):
        return Claim(0.96 if titled else 0.9, "a LINE chat: days, and below them time and name between tabs")
    spaced = sum(_SPACED.match(line) is not None for line in body)
    return Claim(0.8, "a LINE chat: days, and below them time and name") if spaced > 1 else None


def _is_day(line: str) -> bool:
    return bool(_YEAR_FIRST.match(line) or _YEAR_LAST.match(line))


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    head = source.head().split("\n")[:_LOOKED_AT]
    tabbed = any(map(_TABBED.match, head))
    lines = _Lines(_day_first(head, options), None if tabbed else _speaker_of(head))
    told = (
        turn if isinstance(turn, Rejection) else _said(turn) for turn in turns(source, options, lines.begin)
    )
    yield from one_chat(source, told, options, "line", lambda: lines.title)


class _Lines:
    """What each line is; remembers the day."""

    def __init__(self, day_first: bool, split: Callable[[str], tuple[str | None, str]] | None) -> None:
        self.title: str | None = None
        self._day_first = day_first
        self._split = split
        self._day: str | None = None

    def begin(self, line: str) -> Turn | str | None:
        """Return the message that a line begins, or what else it is."""
        if match := (_SPACED if self._split else _TABBED).match(line):
            return self._turn(match)
        if day := _YEAR_FIRST.match(line) or _YEAR_LAST.match(line):
            self._day = self._date(day)
            return BESIDE
        if self._day is None and (title := _TITLE.match(line)):
            self.title = title["name"].strip() or None
            return BESIDE
        return BESIDE if self._day is None and _SAVED.match(line) else None

    def _date(self, day: re.Match[str]) -> str | None:
        if "month" in day.groupdict():
            return clock.iso(f"{day['year']}-{day['month']}-{day['day']}")
        return clock.iso(f"{day['one']}/{day['two']}/{day['year']}", day_first=self._day_first)

    def _turn(self, match: re.Match[str]) -> Turn:
        if self._split:
            author, text = self._split(match["words"])
        elif match["text"] is None:
            author, text = None, match["first"]
        else:
            author, text = match["first"].strip() or None, match["text"]
        return Turn(author, self._time(match), [text])

    def _time(self, match: re.Match[str]) -> str | None:
        half = "a" if match["early"] else "p" if match["late"] else match["half"]
        hour = clock.hour_of(int(match["hour"]), half)
        return clock.iso(f"{self._day[:10]}T{hour:02d}:{match['minute']}") if self._day else None


def _day_first(lines: list[str], options: ReadOptions) -> bool:
    """Whether ``03/11/2025`` has the day first: by a date that can be read in one way, by its weekday, by locale."""
    for day in filter(None, map(_YEAR_LAST.match, lines)):
        one, two, year = int(day["one"]), int(day["two"]), int(day["year"])
        if (one > 12) != (two > 12):
            return one > 12
        if (weekday := day["weekday"][:3].casefold()) in _WEEKDAYS and one != two:
            return _falls_on(weekday, year, two, one)
    return options.day_first


def _falls_on(weekday: str, year: int, month: int, day: int) -> bool:
    try:
        return _WEEKDAYS[date(year, month, day).weekday()] == weekday
    except ValueError:
        return False


def _speaker_of(lines: list[str]) -> Callable[[str], tuple[str | None, str]]:
    """Return what parts a name from the text where only blanks do: the words with which all its lines begin."""
    spoken: defaultdict[str, list[list[str]]] = defaultdict(list)
    for match in filter(None, map(_SPACED.match, lines)):
        words = match["words"].split(" ")
        spoken[words[0]].append(words[:-1])
    names = {first: _shared(said) if len(said) > 1 else 1 for first, said in spoken.items()}

    def split(said: str) -> tuple[str | None, str]:
        words = said.split(" ")
        length = names.get(words[0], 1)
        return (" ".join(words[:length]), " ".join(words[length:])) if len(words) > length else (None, said)

    return split


def _shared(said: list[list[str]]) -> int:
    """Return with how many words all of them begin."""
    columns = takewhile(lambda words: len(set(words)) == 1, zip(*said, strict=False))
    return max(1, sum(1 for _ in columns))


def _said(turn: Turn) -> Said:
    text = turn.text
    if len(turn.lines) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('""', '"')
    if turn.author is None:
        return Said(None, text, turn.time, "system")
    return Said(turn.author, text, turn.time, _kind(text))


def _kind(text: str) -> Kind:
    if text.startswith("☎"):
        return "call"
    words = text.removeprefix("[").replace("]", "", 1).casefold().split(" ")
    if all(word in _MEDIA for word in words):
        return "media"
    return "location" if words[0] in _PLACES and (len(words) == 1 or text.startswith("[")) else "text"


LINE = Format("line", _claim, _read)
