"""The user's knowledge base: texts that rows may take facts from beside their seed. Knows files, no metric."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import walk_strings

_JSON = frozenset({".json", ".jsonl"})
_TEXT = frozenset({".txt", ".md", ".csv", ".tsv", ".html"})


def read_knowledge(path: Path | None, domain: str | None = None) -> tuple[str, ...]:
    """Read a knowledge base: a file, or a folder of files.

    A folder may hold a folder per domain; what lies beside those is every domain's. A text file gives one text
    per paragraph, a JSON or JSONL file one per object, with all that stands in it.

    Args:
        path: None where there is none.
        domain: Whose texts are wanted; None for all.

    Raises:
        UncaseError: ``no-such-file``; ``bad-knowledge`` where a file can't be read.
    """
    if path is None:
        return ()
    if not path.exists():
        raise UncaseError(
            "no-such-file", f"There is no knowledge base at {path}.", "Correct UNCASE_KNOWLEDGE."
        )
    files = [path] if path.is_file() else sorted(_files(path, domain))
    return tuple(text for file in files for text in _texts(file))


def _files(folder: Path, domain: str | None) -> Iterator[Path]:
    for file in folder.rglob("*"):
        of = file.relative_to(folder).parts[0]
        foreign = of in DOMAINS and domain is not None and of != domain
        if file.is_file() and file.suffix.lower() in _JSON | _TEXT and not foreign:
            yield file


def _texts(file: Path) -> Iterator[str]:
    try:
        content = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad(file.name, "is not UTF-8 text") from None
    if file.suffix.lower() not in _JSON:
        yield from (paragraph.strip() for paragraph in content.split("\n\n") if paragraph.strip())
        return
    whole = file.suffix.lower() == ".json"
    lines = [content] if whole else content.split("\n")  # not splitlines: a string may hold U+2028
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _strings_of(line, file.name if whole else f"{file.name} line {number}")


def _strings_of(line: str, where: str) -> str:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _bad(where, "is not JSON") from None
    return "\n".join(text for _, text in walk_strings(document, ""))


def _bad(where: str, what: str) -> UncaseError:
    return UncaseError("bad-knowledge", f"{where} {what}.", "Write text, or one JSON object a line.")
