"""`uncase run`: materializes every asset of some domains through Dagster's own CLI, showing progress."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.cli.status import status_document, status_text
from uncase_pipeline.domains import domain_of
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.watch import finished_files

DATA, TRAINING = "uncase_pipeline.definitions", "uncase_pipeline.training_definitions"
_STEP = re.compile(r" - (\w+) - STEP_(SUCCESS|FAILURE) - (?:Finished execution of step .* in ([\d.]+m?s))?")
_REASON = re.compile(r"Failure: (.+)")


@dataclass(frozen=True, slots=True)
class Chain:
    """How the run of one domain ended."""

    domain: str
    ok: bool
    reason: str
    log: Path


def run_command(
    domains: Annotated[list[str], typer.Argument(help="Domains, such as finance.advisory.")],
    inbox: Annotated[Path | None, typer.Option(help="A folder with the files of one domain.")] = None,
    train: Annotated[bool, typer.Option(help="Train the adapter as well.")] = True,
    as_json: AsJson = False,
) -> None:
    """Materialize all assets of these domains, raw to adapter, then show what became of every row."""
    with errors_answered(as_json=as_json):
        config = settings()
        environment = _environment(config, domains, inbox)
        steps = _steps(train)
        _prepare_instance(environment)
        with ThreadPoolExecutor(max_workers=2) as pool:
            chains = list(pool.map(lambda domain: _chain(config, domain, environment, steps), domains))
        failed = [chain for chain in chains if not chain.ok]
        for chain in failed:
            typer.secho(f"{chain.domain}: {chain.reason} Log: {chain.log}", err=True, fg=typer.colors.RED)
        document = status_document(config, domains)
        answer(document, as_json=as_json, text=status_text(document), yes=not failed)


def _environment(config: Settings, domains: list[str], inbox: Path | None) -> dict[str, str]:
    """Check what was asked before anything starts, and name the inbox for the child processes."""
    for domain in domains:
        domain_of(domain)
    if inbox is not None and len(domains) != 1:
        raise UncaseError("bad-call", "--inbox holds the files of one domain.", "Name one domain with it.")
    for domain in domains:
        folder = inbox or config.inbox_folder(domain)
        if not finished_files(folder):
            raise UncaseError(
                "inbox-empty",
                f"There is no file to read in {folder}.",
                "Put an export there, or name another folder.",
            )
    named = {"UNCASE_INBOX": str(inbox.absolute()), "UNCASE_INBOX_DOMAIN": domains[0]} if inbox else {}
    home = os.environ.get("DAGSTER_HOME") or str((config.home / "dagster").absolute())
    Path(home).mkdir(parents=True, exist_ok=True)
    return {**os.environ, "DAGSTER_HOME": home, **named}


def _steps(train: bool) -> list[list[str]]:
    """Return the arguments of each Dagster command, in order."""
    return [["-m", DATA], *([["-m", TRAINING]] if train else [])]


def _prepare_instance(environment: dict[str, str]) -> None:
    """Create the instance's tables before two runs do so at once."""
    from dagster import DagsterInstance

    os.environ["DAGSTER_HOME"] = environment["DAGSTER_HOME"]
    with DagsterInstance.get() as instance:
        instance.get_runs_count()
        instance.all_asset_keys()
        instance.all_instigator_state()


def _chain(config: Settings, domain: str, environment: dict[str, str], steps: list[list[str]]) -> Chain:
    log = config.home / "logs" / f"{domain}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    reason = ""
    with log.open("w") as file:
        for step in steps:
            command = [sys.executable, "-m", "dagster", "asset", "materialize", *step]
            command += ["--select", "*", "--partition", domain]
            with subprocess.Popen(  # noqa: S603 - the domain was checked against the six that exist
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    file.write(line)
                    reason = _report(domain, line) or reason
            if process.returncode:
                return Chain(domain, False, reason or "The run failed.", log)
    return Chain(domain, True, "", log)


def _report(domain: str, line: str) -> str:
    """Show a finished step; return the reason if the line gives one."""
    step = _STEP.search(line)
    if step:
        name, outcome, seconds = step.groups()
        typer.echo(f"{domain:22} {name:45} {seconds or outcome.lower()}", err=True)
    reason = _REASON.search(line)
    return reason.group(1).strip() if reason else ""
