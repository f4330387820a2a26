"""``uncase scan``: counts identifiers in a text, a file or a folder; shows masked context only when asked."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.anonymized.spans import Span

_AROUND = 30


def scan_command(  # noqa: PLR0917 - options of a command
    path: Annotated[str, typer.Argument(help="A file, a folder, or - for standard input.")] = "-",
    profile: Annotated[
        Literal["strict", "balanced", "gate"],
        typer.Option(help="strict and balanced as they mask; gate as synthetic text is judged."),
    ] = "strict",
    domain: Annotated[str | None, typer.Option(help="Read the text as one of this domain.")] = None,
    context: Annotated[
        bool, typer.Option("--context", help="Show where, with every identifier masked.")
    ] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit 1 where there is any.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count the identifiers per type."""
    from uncase_pipeline.anonymized.detect import chain_for
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        chain = chain_for(settings())
        counts: Counter[str] = Counter()
        places: list[dict[str, Any]] = []
        texts = 0
        for name, line, text in _texts(path):
            texts += 1
            spans = chain.find(text, domain=domain, profile=profile)
            counts.update(span.entity for span in spans)
            if context:
                places += _masked_context(name, line, text, spans)
        document: dict[str, Any] = {
            "total": counts.total(),
            "entities": dict(counts.most_common()),
            "texts": texts,
        }
        document |= {"profile": profile, "scanner": chain.version}
        document |= {"findings": places} if context else {}
        answer(document, as_json=as_json, text=_text(counts, places), yes=not (fail and counts))


def _texts(path: str) -> Iterator[tuple[str, int, str]]:
    """Yield name, line and text: every line of plain text, every string of a line that is JSON."""
    if path == "-":
        yield from _strings("-", sys.stdin)
        return
    root = Path(path)
    if not root.exists():
        raise UncaseError(
            "no-such-file", f"There is no file or folder {path}.", "Give one, or - and pipe the text."
        )
    files = [root] if root.is_file() else sorted(item for item in root.rglob("*") if item.is_file())
    for file in files:
        try:
            with file.open(encoding="utf-8") as lines:
                yield from _strings(str(file), lines)
        except UnicodeDecodeError:
            raise UncaseError(
                "not-text", f"{file} is not UTF-8 text.", "Convert it first; nothing was skipped in silence."
            ) from None


def _strings(name: str, lines: Any) -> Iterator[tuple[str, int, str]]:
    import orjson

    from uncase_pipeline.records.conversation import walk_strings

    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith(("{", "[")):
            try:
                yield from ((name, number, text) for _, text in walk_strings(orjson.loads(line), ""))
                continue
            except orjson.JSONDecodeError:
                pass
        if line.strip():
            yield name, number, line.rstrip("\n")


def _masked_context(name: str, line: int, text: str, spans: "list[Span]") -> list[dict[str, Any]]:
    from uncase_pipeline.anonymized.spans import replaced

    places = []
    for number, span in enumerate(spans):
        before = replaced(text[: span.start], spans[:number], lambda hidden, _: f"[{hidden.entity}]")
        after = text[span.end : spans[number + 1].start if number + 1 < len(spans) else len(text)]
        places.append(
            {
                "file": name,
                "line": line,
                "type": span.entity,
                "score": round(span.score, 3),
                "context": f"{before[-_AROUND:]}[{span.entity}]{after[:_AROUND]}",
            }
        )
    return places


def _text(counts: Counter[str], places: list[dict[str, Any]]) -> str:
    if not counts:
        return "No identifier found."
    lines = [f"{entity:<18}{count:>8}" for entity, count in counts.most_common()]
    lines += [f"{place['file']}:{place['line']}  {place['context']}" for place in places]
    return "\n".join(lines)
