"""`uncase import`: any export to native conversations."""

import hashlib
import json
import sys
from collections import deque
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
    from uncase_pipeline.raw.preview import FileFigures
    from uncase_pipeline.records.rejection import Rejection

    Target = tuple[Path | Rejection, ReadOptions]

Tick = Callable[[int], None]
Line = tuple[str, bytes]
"""The id of a conversation, and its line."""
_ALONE = (".csv", ".tsv", ".jsonl", ".json")
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
    """Return how one file is to be read: as asked for, else by the rules beside it, else by the settings.

    The domain is the one asked for, else that of its folder.
    """
    from dataclasses import replace

    from uncase_pipeline.domains import DOMAINS
    from uncase_pipeline.raw.folder_rules import ruled
    from uncase_pipeline.raw.options import ReadOptions
    from uncase_pipeline.settings import settings
    from uncase_pipeline.storage.vault import Vault

    config = settings()
    folders = path.absolute().parts if isinstance(path, Path) else ()
    known = next((part for part in reversed(folders) if part in DOMAINS), next(iter(DOMAINS)))
    options = ReadOptions.of(config, domain or known, subject_key=Vault.open(config).derive("subject-id"))
    options = ruled(path, options) if isinstance(path, Path) else options
    options = replace(options, format=format) if format else options
    return replace(options, locale=locale, locale_chosen=True) if locale else options


@contextmanager
def progress(title: str, *, every: int = 500) -> Iterator[Tick]:
    """Show a running count on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda count: None if count % every else status.update(f"{title}: {count} conversations")


def _import(  # noqa: PLR0917
    paths: list[Path],
    output: Path | None,
    format: str | None,
    locale: str | None,
    domain: str | None,
    as_json: bool,
) -> dict[str, Any]:
    from uncase_pipeline.raw.index import Index
    from uncase_pipeline.raw.preview import FileFigures, files_of

    files: dict[int, FileFigures] = {}
    targets = [(path, options_for(path, domain, format, locale)) for path in files_of(paths)]
    answers: list[Line] = []
    with progress("Importing") as tick, Index() as index:
        lines = _news(targets, index, files, tick)
        if output is not None:
            _write_file(lines, output, index)
        elif as_json:
            answers = [line for row, line in enumerate(list(lines)) if index.holds(line[0], row)]
        else:
            _print(lines, targets, index)
        written, replaced = len(index), index.replaced
    document = _document(list(files.values()), written, replaced, output)
    if output is None and as_json:
        document["items"] = [json.loads(line) for _, line in answers]
    return document


def _news(
    targets: "list[Target]", index: "Index", files: "dict[int, FileFigures]", tick: Tick
) -> Iterator[Line]:
    """Yield the id and the line of every conversation that is not known already, or longer than what is known."""
    from uncase_pipeline.raw.preview import read_counted
    from uncase_pipeline.records.conversation import Conversation
    from uncase_pipeline.records.native import to_wire

    row = 0
    for path, options in targets:
        for figures, item in read_counted(path, options):
            files[id(figures)] = figures
            tick(figures.conversations)
            if not isinstance(item, Conversation):
                continue
            wire = to_wire(item)
            digest = hashlib.sha256(orjson.dumps(wire["messages"])).digest()
            if index.note(item.conversation_id, len(item.messages), digest, row).news != "known":
                yield item.conversation_id, orjson.dumps(wire)
                row += 1


def _print(lines: Iterator[Line], targets: "list[Target]", index: "Index") -> None:
    """Print the lines. Where one export may be the longer version of another, all are read once before."""
    from uncase_pipeline.raw.index import Index

    single = len(targets) == 1 and str(targets[0][0]).lower().endswith(_ALONE)
    if single:
        for _, line in lines:
            sys.stdout.buffer.write(line + b"\n")
    else:
        deque(lines, maxlen=0)
        with Index() as again:
            for row, (identifier, line) in enumerate(_news(targets, again, {}, lambda _count: None)):
                if index.holds(identifier, row):
                    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _write_file(lines: Iterator[Line], output: Path, index: "Index") -> None:
    """Write beside the target and rename, so that a broken run leaves no half file."""
    draft = output.with_name(f".{output.name}.part")
    try:
        with draft.open("wb") as file:
            for _, line in lines:
                file.write(line + b"\n")
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


def _document(files: list[Any], written: int, replaced: int, output: Path | None) -> dict[str, Any]:
    shown = [file.as_document() for file in files]
    totals = {name: sum(file[name] for file in shown) for name in ("conversations", "turns", "rejects")}
    aside = [(file.path, rejection) for file in files for rejection in file.rejections]
    return {
        "files": shown,
        **totals,
        "known": totals["conversations"] - written - replaced,
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
