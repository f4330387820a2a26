"""The program ``uncase``: gathers the commands. Each lives in a file of its own, beside this one."""

import typer

from uncase_pipeline.cli.adapter import adapter_app
from uncase_pipeline.cli.anonymize import anonymize_command
from uncase_pipeline.cli.erase import erase_command
from uncase_pipeline.cli.evaluate import evaluate_app
from uncase_pipeline.cli.generate import generate_command
from uncase_pipeline.cli.import_ import import_command
from uncase_pipeline.cli.output import answer_unexpected
from uncase_pipeline.cli.preview import preview_command
from uncase_pipeline.cli.provider import provider_app
from uncase_pipeline.cli.quarantine import quarantine_app
from uncase_pipeline.cli.run import run_command
from uncase_pipeline.cli.scan import scan_command
from uncase_pipeline.cli.seed import seed_app
from uncase_pipeline.cli.status import status_command
from uncase_pipeline.cli.template import template_app
from uncase_pipeline.cli.tool import tool_app
from uncase_pipeline.cli.verify import verify

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_show_locals=False, help="What people do with a file in hand."
)
app.command("erase")(erase_command)
app.command("anonymize")(anonymize_command)
app.command("generate")(generate_command)
app.command("import")(import_command)
app.command("preview")(preview_command)
app.command("run")(run_command)
app.command("scan")(scan_command)
app.command("status")(status_command)
app.command("verify")(verify)
app.add_typer(adapter_app, name="adapter")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(provider_app, name="provider")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(template_app, name="template")
app.add_typer(seed_app, name="seed")
app.add_typer(tool_app, name="tool")


def main() -> None:
    """Run the program."""
    try:
        app()
    except Exception as error:
        answer_unexpected(error)
