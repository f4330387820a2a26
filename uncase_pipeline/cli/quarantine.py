"""``uncase quarantine``: the conversations that wait for a person, and the decisions on them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered

if TYPE_CHECKING:
    from uncase_pipeline.storage.lake import Lake

quarantine_app = typer.Typer(
    no_args_is_help=True, help="Review the conversations that could not be masked surely."
)

Conversation = Annotated[str, typer.Argument(metavar="ID", help="Its conversation id.")]
Note = Annotated[str, typer.Option(help="Why; kept with the decision. Write nothing personal.")]


@quarantine_app.command("list")
def list_command(
    domain: Annotated[str | None, typer.Option(help="Only this domain.")] = None, as_json: AsJson = False
) -> None:
    """List what is held, why, and where in the masked text the audit was unsure. Never content."""
    from uncase_pipeline.anonymized.quarantine import list_held
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        held = [row for row in list_held(_lake(), settings().home) if domain in {None, row.domain}]
        lines = [f"{row.domain:<24}{row.conversation_id}  {row.reason}  {row.decision or ''}" for row in held]
        text = "\n".join(lines) or "Nothing is held in quarantine."
        answer({"held": [asdict(row) for row in held]}, as_json=as_json, text=text)


@quarantine_app.command("release")
def release_command(conversation: Conversation, note: Note = "", as_json: AsJson = False) -> None:
    """Let a conversation pass: what the audit doubts is masked as [REDACTED] in the next run."""
    _decide(conversation, "release", note, as_json=as_json)


@quarantine_app.command("drop")
def drop_command(conversation: Conversation, note: Note = "", as_json: AsJson = False) -> None:
    """Keep a conversation out for good."""
    _decide(conversation, "drop", note, as_json=as_json)


def _decide(conversation: str, decision: str, note: str, *, as_json: bool) -> None:
    from uncase_pipeline.anonymized.quarantine import decide
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        made = decide(
            _lake(), settings().home, conversation, "release" if decision == "release" else "drop", note
        )
        text = f"Recorded: {decision} {conversation}. Materialize anonymized_conversations to apply it."
        answer(asdict(made), as_json=as_json, text=text)


def _lake() -> "Lake":
    from uncase_pipeline.settings import settings
    from uncase_pipeline.storage.lake import Lake

    return Lake.open(settings())
