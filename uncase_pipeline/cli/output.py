"""How every command answers: one JSON document or a table on stdout, logs on stderr, exit 0, 1 or 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import orjson
import typer

from uncase_pipeline.errors import UncaseError, place_of

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]


class Exit(IntEnum):
    """Exit codes of every command."""

    YES = 0
    NO = 1
    BAD_CALL = 2


def answer(document: dict[str, Any], *, as_json: bool, text: str, yes: bool = True) -> None:
    """Print the answer and end the command.

    Args:
        document: The whole answer.
        as_json: Print the document instead of the text.
        text: The answer for a person.
        yes: Whether the answer is yes (exit 0) or no (exit 1).

    Raises:
        typer.Exit: Always, with the exit code.
    """
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        typer.echo(text)
    raise typer.Exit(Exit.YES if yes else Exit.NO)


@contextmanager
def errors_answered(*, as_json: bool) -> Iterator[None]:
    """Turn an ``UncaseError`` into one clear sentence and exit 2."""
    try:
        yield
    except UncaseError as error:
        _refuse(error, as_json=as_json)


def answer_unexpected(error: Exception) -> NoReturn:
    """End the program on an error that nobody foresaw: its type and place, for its message may quote a row."""
    if isinstance(error, OSError):
        what, remedy = error.strerror or type(error).__name__, "Check the path, its rights and the disk."
        met = UncaseError("storage", f"{what} ({error.filename or 'no file named'}).", remedy)
    else:
        met = UncaseError(
            "internal",
            f"{type(error).__name__} at {place_of(error)}.",
            "This is a bug: report this line. It shows no content of a conversation.",
        )
    try:
        _refuse(met, as_json="--json" in sys.argv)
    except typer.Exit as end:
        sys.exit(end.exit_code)


def _refuse(error: UncaseError, *, as_json: bool) -> NoReturn:
    if as_json:
        document = {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        sys.stdout.buffer.flush()
    typer.secho(f"{error.message} {error.remedy}", err=True, fg=typer.colors.RED)
    raise typer.Exit(Exit.BAD_CALL) from None
