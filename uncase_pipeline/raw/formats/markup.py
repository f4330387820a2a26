"""Elements of a page, one after another as the file is read: what lies in a chosen one is a small tree.

Knows HTML as exporters write it and as a cut or hostile file has it; knows no format.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import whole_lines

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
_BLOCKS = {"blockquote", "div", "li", "p", "pre", "table", "tr"}
_UNSEEN = {"script", "style"}
_DEEPEST = 100
"""Exporters nest a dozen; what lies deeper stands beside what it lies in."""
_PIECE, _UNENDED = 1 << 16, 1 << 22
"""What the parser gets at once, and how long a tag or a comment may be that does not end."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HALVES = re.compile(r"&#(5[56]\d{3});&#(5[67]\d{3});")
"""An emoji as two halves, which some phones write and no parser of pages or XML takes."""


@dataclass(slots=True)
class Element:
    """An element, and in order what lies in it.

    Attributes:
        tag: Its name.
        classes: What its ``class`` says.
        attributes: All of them.
        parts: Texts and elements.
    """

    tag: str
    classes: frozenset[str]
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)

    def inside(self) -> Iterator["Element"]:
        """Yield the elements in it at any depth, as they stand."""
        left = [self]
        while left:
            element = left.pop()
            if element is not self:
                yield element
            left.extend(part for part in reversed(element.parts) if isinstance(part, Element))

    def first(self, *classes: str) -> "Element | None":
        """Return the first element in it that has one of these classes."""
        return next((element for element in self.inside() if element.classes & set(classes)), None)

    def without(self, *classes: str) -> "Element":
        """Return it less the elements of these classes that lie in it."""
        parts = [
            part.without(*classes) if isinstance(part, Element) else part
            for part in self.parts
            if isinstance(part, str) or not part.classes & set(classes)
        ]
        return Element(self.tag, self.classes, self.attributes, parts)

    def outermost(self, *classes: str) -> Iterator["Element"]:
        """Yield the elements of these classes in this one; of two that lie in each other, the outer."""
        for part in self.parts:
            if isinstance(part, Element):
                if part.classes & set(classes):
                    yield part
                else:
                    yield from part.outermost(*classes)

    def text(self) -> str:
        """Return what people read of it: runs of blanks are one, and blocks have lines of their own."""
        lines = "".join(self._pieces()).split("\n")
        return "\n".join(line.strip(" ") for line in lines).strip("\n")

    def _pieces(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield _BLANKS.sub(" ", part)
            elif part.tag == "br":
                yield "\n"
            elif part.tag == "img":  # an emoji, where it says so
                yield part.attributes.get("alt", "")
            elif part.tag in _BLOCKS:
                inner = part.text()
                yield f"\n{inner}\n" if inner else ""
            elif part.tag not in _UNSEEN:
                yield from part._pieces()


class _Tree(HTMLParser):
    """Builds the wanted elements; what lies around them is passed over."""

    def __init__(self, wanted: Callable[[str, frozenset[str]], bool], limit: int) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[Element | str] = []
        self._wanted = wanted
        self._limit = limit
        self._open: list[Element] = []
        self._size = 0

    def take(self, piece: str) -> bool:
        """Read on, and say whether what follows can be read."""
        try:
            self.feed(piece)
        except AssertionError:  # how the parser says that a declaration is none
            return False
        return len(self.rawdata) <= _UNENDED

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, frozenset(attributes.get("class", "").split()), attributes)
        size = sum(len(name) + len(value) for name, value in attributes.items())
        if self._open:
            self._put(element, size)
        elif not self._wanted(tag, element.classes):
            return
        else:
            self._size = size
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        depth = next((at for at in reversed(range(len(self._open))) if self._open[at].tag == tag), None)
        if depth is not None:
            closed = self._open[depth:]
            del self._open[depth:]
            if not self._open:
                self.finish(closed[0])

    def handle_data(self, data: str) -> None:
        if self._open:
            self._put(data, len(data))

    def _put(self, part: Element | str, size: int) -> None:
        self._size += size + 64
        if self._size <= self._limit:
            self._open[-1].parts.append(part)

    def finish(self, element: Element) -> None:
        """Note an element that is complete, or why it is none."""
        self.done.append(element if self._size <= self._limit else "record-too-long")
        self._size = 0

    def end(self) -> None:
        """End the file, and with it the element that is open; a tag that was cut off is nothing.

        The parser's own end would try every ``<`` of what is left again, in time with the square of its length.
        """
        text = unescape(self.rawdata.partition("<")[0])
        if text:
            self.handle_data(text)
        if self._open:
            self.finish(self._open[0])


def elements(
    source: Source, wanted: Callable[[str, frozenset[str]], bool], limit: int
) -> Iterator[Element | str]:
    """Yield the outermost elements that are wanted, as the file has them.

    Args:
        source: The file.
        wanted: Says by tag and classes whether an element is one.
        limit: How large one may be.

    Yields:
        An element, or why there is none: ``record-too-long``; ``bad-html`` behind which nothing can be read.
    """
    tree = _Tree(wanted, limit)
    for piece in _growing(_pieces(source, limit), tree):
        goes_on = tree.take(piece)
        yield from tree.done
        tree.done.clear()
        if not goes_on:
            yield "bad-html"
            return
    tree.end()
    yield from tree.done


def _growing(pieces: Iterator[str], tree: _Tree) -> Iterator[str]:
    """Put pieces together while a tag goes on: it is looked at from its start each time."""
    held = ""
    for piece in pieces:
        held += piece
        if len(held) >= len(tree.rawdata):
            yield held
            held = ""
    yield held


def _pieces(source: Source, limit: int) -> Iterator[str]:
    for data in whole_lines(source, limit):
        text = _HALVES.sub(_whole, data.decode("utf-8", "replace"))
        for start in range(0, len(text), _PIECE):
            yield text[start : start + _PIECE]


def _whole(match: re.Match[str]) -> str:
    high, low = (int(half) for half in match.groups())
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return match[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
