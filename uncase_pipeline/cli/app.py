"""The program ``uncase``: gathers the commands. Each lives in a file of its own, beside this one."""

import typer

from uncase_pipeline.cli.erase import erase_command
from uncase_pipeline.cli.run import run_command
from uncase_pipeline.cli.status import status_command
from uncase_pipeline.cli.verify import verify

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_show_locals=False, help="What people do with a file in hand."
)
app.command("erase")(erase_command)
app.command("run")(run_command)
app.command("status")(status_command)
app.command("verify")(verify)


def main() -> None:
    """Run the program."""
    app()
