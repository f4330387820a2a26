"""`uncase import`: any export to native conversations."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from uncase_pipeline.cli.output import AsJson, Exit, answer, errors_answered

if TYPE_CHECKING:
    from uncase_pipeline.raw.index import Index
    from uncase_pipeline.raw.options import ReadOptions

Tick = Callable[[int], None]
Write = Callable[[str, bytes], Any]
_SHOWN = 1_000


def import_command(  # noqa: PLR0917
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files or folders; `csv FILE` and `jsonl FILE` name the format first."),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="JSON lines; else stdout.")] = None,
    format: Annotated[str | None, typer.Option(help="Read the files as this format.")] = None,
    locale: Annotated[
        str | None, typer.Option(help="Such as es_MX: decides 03/04 where a file can't.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="Domain, else taken from the folder's name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Convert exports to native conversations, one a line; what can't be read is listed with its reason."""
    with errors_answered(as_json=as_json):
        named, files = _named_format(paths)
        document = _import(files, output, format or named, locale, domain, as_json)
        if output is None and not as_json:
            typer.echo(_text(document), err=True)
            raise typer.Exit(Exit.YES if document["conversations"] else Exit.NO)
        answer(document, as_json=as_json, text=_text(document), yes=document["conversations"] > 0)


def _named_format(paths: list[Path]) -> tuple[str | None, list[Path]]:
    """Take ``csv`` or ``jsonl`` before the files as the name of the format, as other tools have it."""
    first, *rest = paths
    if rest and str(first) in {"csv", "jsonl"} and not first.exists():
        return ("csv" if str(first) == "csv" else None), rest
    return None, paths


def options_for(path: Any, domain: str | None, format: str | None, locale: str | None) -> "ReadOptions":
    """Return how one file is to be read: the domain is the one asked for, else that of its folder."""
    from dataclasses import replace

    from uncase_pipeline.domains import DOMAINS
    from uncase_pipeline.raw.options import ReadOptions
    from uncase_pipeline.settings import settings
    from uncase_pipeline.storage.vault import Vault

    config = settings()
    folders = path.absolute().parts if isinstance(path, Path) else ()
    known = next((part for part in reversed(folders) if part in DOMAINS), next(iter(DOMAINS)))
    options = ReadOptions.of(
        config, domain or known, subject_key=Vault.open(config).derive("subject-id"), format=format
    )
    return replace(options, locale=locale, locale_chosen=True) if locale else options


@contextmanager
def progress(title: str) -> Iterator[Tick]:
    """Show a running count on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda count: None if count % 500 else status.update(f"{title}: {count} conversations")


def _import(  # noqa: PLR0917
    paths: list[Path],
    output: Path | None,
    format: str | None,
    locale: str | None,
    domain: str | None,
    as_json: bool,
) -> dict[str, Any]:
    from uncase_pipeline.raw.index import Index
    from uncase_pipeline.raw.preview import FileFigures, files_of, read_counted
    from uncase_pipeline.records.conversation import Conversation
    from uncase_pipeline.records.native import to_wire

    files: dict[int, FileFigures] = {}
    written = known = 0
    answers: list[bytes] = []
    with progress("Importing") as tick, Index() as index, _sink(output, answers, as_json, index) as write:
        for path in files_of(paths):
            for figures, item in read_counted(path, options_for(path, domain, format, locale)):
                files[id(figures)] = figures
                tick(figures.conversations)
                if not isinstance(item, Conversation):
                    continue
                wire = to_wire(item)
                digest = hashlib.sha256(orjson.dumps(wire["messages"])).digest()
                if index.note(item.conversation_id, len(item.messages), digest, written).news == "known":
                    known += 1
                else:
                    write(item.conversation_id, orjson.dumps(wire))
                    written += 1
        replaced = index.replaced
    document = _document(list(files.values()), known, written - replaced, output)
    return (
        {**document, "items": [json.loads(line) for line in answers]} if as_json and not output else document
    )


@contextmanager
def _sink(output: Path | None, answers: list[bytes], as_json: bool, index: "Index") -> Iterator[Write]:
    """Give a place for lines; what a grown conversation replaced is gone when the block ends.

    A file is written beside its target and renamed, so that a broken run leaves no half file.
    """
    if output is None and not as_json:
        yield lambda _id, line: print(line.decode(), flush=False)
        sys.stdout.flush()
    elif output is None:
        kept: list[tuple[str, bytes]] = []
        yield lambda identifier, line: kept.append((identifier, line))
        answers += [line for row, (identifier, line) in enumerate(kept) if index.holds(identifier, row)]
    else:
        draft = output.with_name(f".{output.name}.part")
        try:
            with draft.open("wb") as file:
                yield lambda _id, line: file.write(line + b"\n")
            if index.replaced:
                _leave_out_replaced(draft, index)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)


def _leave_out_replaced(draft: Path, index: "Index") -> None:
    whole = draft.with_name(f"{draft.name}.whole")
    draft.replace(whole)
    try:
        with whole.open("rb") as lines, draft.open("wb") as file:
            for row, line in enumerate(lines):
                if index.holds(json.loads(line)["conversation_id"], row):
                    file.write(line)
    finally:
        whole.unlink(missing_ok=True)


def _document(files: list[Any], known: int, written: int, output: Path | None) -> dict[str, Any]:
    shown = [file.as_document() for file in files]
    totals = {name: sum(file[name] for file in shown) for name in ("conversations", "turns", "rejects")}
    aside = [(file.path, rejection) for file in files for rejection in file.rejections]
    return {
        "files": shown,
        **totals,
        "known": known,
        "written": written,
        "output": str(output) if output else None,
        "set_aside": [
            {"path": path, "where": item.where, "reason": item.reason, "fate": item.fate}
            for path, item in aside[:_SHOWN]
        ],
    }


def _text(document: dict[str, Any]) -> str:
    lines = [
        f"{file['path']}: {file['conversations']} conversations as {file['format']}, {file['rejects']} set aside"
        for file in document["files"]
    ]
    return "\n".join([*lines, f"{document['written']} written, {document['known']} known already."])
