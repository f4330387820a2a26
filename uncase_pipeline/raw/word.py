"""Word documents (``.docx``) as text: what Teams and Meet write of a call, or what somebody pasted. Knows paragraphs.

The text takes the place of the document, so that every format of text is looked for in it.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from uncase_pipeline.raw.source import (
    BAD_MEMBER,
    DOCUMENT_PART,
    SAMPLE,
    CannotReadError,
    Source,
    unpacks_to_more_than_allowed,
)

_LARGEST = 64 * 1024 * 1024
_NAMES = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TEXT = f"{_NAMES}p", f"{_NAMES}t"
_MARKS = {f"{_NAMES}tab": "\t", f"{_NAMES}br": "\n", f"{_NAMES}cr": "\n"}


def as_text(source: Source) -> Source:
    """Return the text of a document in its place.

    Raises:
        CannotReadError: ``bad-document``, ``zip-bomb``, ``too-much-to-hold``, ``empty-file``.
    """
    try:
        with zipfile.ZipFile(source.stream) as archive:
            member = archive.getinfo(DOCUMENT_PART)
            if unpacks_to_more_than_allowed(member):
                raise CannotReadError("zip-bomb")
            if member.file_size > _LARGEST:
                raise CannotReadError("too-much-to-hold")
            with archive.open(member) as content:
                text = "\n".join(_paragraphs(content)).encode("utf-8", "replace")
    except (*BAD_MEMBER, LookupError, ParseError, DefusedXmlException):
        raise CannotReadError("bad-document") from None
    if not text.strip():
        raise CannotReadError("empty-file")
    return replace(source, encoding="utf-8", bom=0, sample=text[:SAMPLE], stream=BytesIO(text))


def _paragraphs(content: IO[bytes]) -> Iterator[str]:
    """Yield the text of each paragraph; what was read is let go, whatever it is, or it would be held to the end."""
    above: list[Element] = []
    pieces: list[str] = []
    for event, element in iterparse(content, events=("start", "end")):
        if event == "start":
            above.append(element)
            continue
        above.pop()
        pieces.append(element.text or "" if element.tag == _TEXT else _MARKS.get(str(element.tag), ""))
        if element.tag == _PARAGRAPH:
            yield "".join(pieces)
            pieces.clear()
        if above:
            above[-1].remove(element)
