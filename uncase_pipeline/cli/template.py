"""``uncase template``: the chat formats, a file rendered in one of them, a dataset pushed to a hub."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.exported.file import Wanted, Written

template_app = typer.Typer(no_args_is_help=True, help="Chat formats, byte for byte what models read.")

Date = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="What templates that write the date are told; today without it."),
]
Verbatim = Annotated[
    bool,
    typer.Option(help="Exactly the official template: control tokens in text and lost turns included."),
]
Prompt = Annotated[bool, typer.Option("--generation-prompt", help="End with the start of an answer.")]
Mode = Annotated[str, typer.Option(help="How tool use is written: native, function_calling or inline.")]
Options = Annotated[
    list[str] | None, typer.Option("--set", help="A template argument, such as enable_thinking=false.")
]


@template_app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the formats: name, family, models, and whether they carry tool calls."""
    from uncase_pipeline.exported.formats import catalogue

    formats = catalogue()
    width = max(len(entry["name"]) for entry in formats)
    marks = ("*" if entry["default"] else " " for entry in formats)
    lines = [
        f"{mark} {entry['name']:<{width}}  {entry['title']} (calls a turn: {entry['calls']})"
        for mark, entry in zip(marks, formats, strict=True)
    ]
    text = "\n".join([*lines, "* stands for its family, and is what a dataset is exported in."])
    answer({"formats": formats}, as_json=as_json, text=text)


@template_app.command("preview")
def preview_command(
    names: Annotated[list[str], typer.Argument(metavar="[CONVERSATIONS] FORMAT")],
    *,
    date: Date = None,
    verbatim: Verbatim = False,
    prompt: Prompt = False,
    mode: Mode = "native",
    options: Options = None,
    as_json: AsJson = False,
) -> None:
    """Show a format: its example, or the first conversation of a file, with what is learned of it."""
    from uncase_pipeline.exported.file import preview

    with errors_answered(as_json=as_json):
        conversations, name = _file_and_format(names)
        wanted = _wanted(name, date=date, verbatim=verbatim, prompt=prompt, mode=mode, options=options)
        document = preview(conversations, wanted)
        answer(document, as_json=as_json, text=_preview_text(document), yes="reason" not in document)


@template_app.command("export")
def export_command(
    conversations: Annotated[Path, typer.Argument(help="Native conversations, or OpenAI lines.")],
    format_name: Annotated[str, typer.Argument(metavar="FORMAT")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="A JSONL file.")],
    date: Date = None,
    verbatim: Verbatim = False,
    prompt: Prompt = False,
    mode: Mode = "native",
    options: Options = None,
    as_json: AsJson = False,
) -> None:
    """Render a file of conversations; those that the format can't carry are left out and counted."""
    from uncase_pipeline.cli.import_ import progress
    from uncase_pipeline.exported.file import write_file
    from uncase_pipeline.exported.reading import read_conversations

    with errors_answered(as_json=as_json):
        wanted = _wanted(format_name, date=date, verbatim=verbatim, prompt=prompt, mode=mode, options=options)
        with progress("Rendering") as tick:
            written = write_file(read_conversations(conversations), wanted, out, tick=tick)
        document = _export_document(written, wanted, out)
        answer(document, as_json=as_json, text=_export_text(written, out), yes=written.rows_out > 0)


@template_app.command("push")
def push_command(
    domain: Annotated[str, typer.Argument(help="Domain of the published dataset.")],
    repository: Annotated[str, typer.Argument(help="owner/name on the hub.")],
    *,
    public: Annotated[bool, typer.Option("--public", help="Public; private without it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Push a published dataset to a Hugging Face hub: off by default, and only while its seal holds."""
    from uncase_pipeline.domains import domain_of
    from uncase_pipeline.exported.push import push
    from uncase_pipeline.settings import settings
    from uncase_pipeline.storage.lake import Lake

    with errors_answered(as_json=as_json):
        version = Lake.open(settings()).require("exported_datasets", domain_of(domain).key)
        address = push(version, repository, settings(), public=public)
        document = {"version": version.id, "address": address, "public": public}
        answer(document, as_json=as_json, text=f"Pushed version {version.id} to {address}.")


def _wanted(
    name: str,
    *,
    date: datetime | None,
    verbatim: bool,
    prompt: bool,
    mode: str,
    options: list[str] | None,
) -> "Wanted":
    from uncase_pipeline.exported.file import Wanted
    from uncase_pipeline.exported.tool_modes import tool_mode

    arguments = dict(_option(option) for option in options or ())
    if prompt:
        arguments["add_generation_prompt"] = True
    return Wanted(name, date or datetime.now(UTC), verbatim, tool_mode(mode), arguments)


def _option(option: str) -> tuple[str, Any]:
    name, given, value = option.partition("=")
    if not given or not name.isidentifier():
        raise UncaseError("bad-option", f"{option!r} is not NAME=VALUE.", "Write for instance --set a=true.")
    return name, {"true": True, "false": False}.get(value, value)


def _file_and_format(names: list[str]) -> tuple[Path | None, str]:
    if len(names) == 1:
        return None, names[0]
    if len(names) == 2:
        return Path(names[0]), names[1]
    raise UncaseError("bad-call", "Preview takes a format, or a file and a format.", "See --help.")


def _preview_text(document: dict[str, Any]) -> str:
    if "reason" in document:
        return f"{document['format']} can't carry this conversation: {document['reason']}."
    if "text" not in document:
        return "\n".join(document["records"])
    parts: list[str] = []
    at = 0
    for start, end in document["learned"]:
        parts += [document["text"][at:start], typer.style(document["text"][start:end], fg=typer.colors.GREEN)]
        at = end
    return "".join([*parts, document["text"][at:]])


def _export_document(written: "Written", wanted: "Wanted", out: Path) -> dict[str, Any]:
    return {
        "format": wanted.format,
        "out": str(out),
        "verbatim": wanted.verbatim,
        "rows_in": written.rows_in,
        "rows_out": written.rows_out,
        "left_out": dict(written.left_out),
        "left_out_rows": written.named,
        "truth": written.truth.document(),
    }


def _export_text(written: "Written", out: Path) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in written.left_out.most_common())
    left = f" Left out: {reasons}." if reasons else ""
    return f"{written.rows_out} of {written.rows_in} conversations written to {out}.{left}"
