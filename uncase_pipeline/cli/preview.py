"""`uncase preview`: what files hold, without importing them and without showing content."""

from pathlib import Path
from typing import Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered

Sample = Annotated[
    int, typer.Option("--identifiers", help="Conversations per file scanned for identifiers; -1 is all.")
]


def preview_command(  # noqa: PLR0917
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    format: Annotated[str | None, typer.Option(help="Read the files as this format.")] = None,
    locale: Annotated[
        str | None, typer.Option(help="Such as es_MX: decides 03/04 where a file can't.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="Domain, else taken from the folder's name.")] = None,
    identifiers: Sample = 100,
    as_json: AsJson = False,
) -> None:
    """Show format and why, conversations, turns, rejects, roles and identifiers per type; never content."""
    with errors_answered(as_json=as_json):
        document = _preview(paths, format, locale, domain, identifiers)
        readable = any(file["conversations"] for file in document["files"])
        answer(document, as_json=as_json, text=_text(document), yes=readable)


def _preview(
    paths: list[Path], format: str | None, locale: str | None, domain: str | None, identifiers: int
) -> dict[str, Any]:
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.cli.import_ import options_for, progress
    from uncase_pipeline.raw.preview import FileFigures, files_of, read_counted, scan_into
    from uncase_pipeline.records.conversation import Conversation
    from uncase_pipeline.settings import settings

    scanner = build_scanner(settings(), profile="balanced") if identifiers else None
    files: dict[int, FileFigures] = {}
    with progress("Reading") as tick:
        for path in files_of(paths):
            for figures, item in read_counted(path, options_for(path, domain, format, locale)):
                files[id(figures)] = figures
                tick(figures.conversations)
                if scanner and isinstance(item, Conversation) and figures.scanned != identifiers:
                    scan_into(figures, item, scanner)
    shown = [figures.as_document() for figures in files.values()]
    totals = {name: sum(file[name] for file in shown) for name in ("conversations", "turns", "rejects")}
    return {"files": shown, **totals}


def _text(document: dict[str, Any]) -> str:
    lines = []
    for file in document["files"]:
        lines.append(
            f"{file['path']}: {file['format'] or 'not read'} ({file['why'] or 'could not be opened'})"
        )
        lines.append(
            f"  {file['conversations']} conversations, {file['turns']} turns, {file['rejects']} set aside"
            + _listed(file["reject_reasons"])
        )
        for title, key in (("roles", "roles"), ("decided by", "role_rules"), ("identifiers", "identifiers")):
            if file[key]:
                lines.append(f"  {title}:{_listed(file[key])}")
        if file["without_assistant"]:
            lines.append(f"  {file['without_assistant']} conversations have no assistant turn")
    return "\n".join(lines)


def _listed(counts: dict[str, int]) -> str:
    return " " + ", ".join(f"{name} {count}" for name, count in counts.items()) if counts else ""
