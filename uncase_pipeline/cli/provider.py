"""``uncase provider``: the language models that may be asked, their keys, what they cost and what left."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from pydantic import SecretStr

provider_app = typer.Typer(no_args_is_help=True, help="Language models: keys, costs, and what left.")


@provider_app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the registered providers, the kinds that there are, and whom the model in force asks."""
    from uncase_pipeline.gateway.providers import KINDS
    from uncase_pipeline.gateway.registry import Registry
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        providers = [_shown(entry) for entry in Registry.open(settings()).all()]
        document = {"model": settings().model, "providers": providers, "kinds": sorted(KINDS)}
        lines = [f"model in force: {settings().model}"]
        lines += [f"{p['name']:<20}{p['kind']:<20}{p['api_base'] or ''}  key: {p['key']}" for p in providers]
        answer(document, as_json=as_json, text="\n".join([*lines, f"kinds: {', '.join(sorted(KINDS))}"]))


@provider_app.command("add")
def add_command(  # noqa: PLR0917  # one parameter per option
    name: Annotated[str, typer.Argument(help="What stands before the slash in a model.")],
    kind: Annotated[
        str, typer.Option(help="anthropic, openai, gemini, groq, ollama, vllm, openai-compatible.")
    ],
    api_base: Annotated[
        str | None, typer.Option(help="Base URL; openai-compatible and vllm need one, others have their own.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="A model that it serves; may be repeated.")] = None,
    key_env: Annotated[str | None, typer.Option(help="Take the key from this variable.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    no_key: Annotated[bool, typer.Option("--no-key", help="It needs no key.")] = False,
    weight: Annotated[
        float, typer.Option(min=0.001, help="Its share where UNCASE_MODEL names several without weights.")
    ] = 1.0,
    max_in_flight: Annotated[
        int | None, typer.Option(min=1, help="Calls at once; else UNCASE_MAX_IN_FLIGHT.")
    ] = None,
    requests_per_minute: Annotated[
        float | None, typer.Option(min=0.001, help="Its rate limit; without one the pace is found.")
    ] = None,
    price_in: Annotated[
        float | None,
        typer.Option(min=0, help="Dollars per million tokens asked; caps need a price that somebody knows."),
    ] = None,
    price_out: Annotated[float | None, typer.Option(min=0, help="Dollars per million answered.")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a provider. Its key is stored encrypted and never shown; it is asked for unless given."""
    from uncase_pipeline.gateway.registry import Registered, Registry
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        entry = Registered(
            _name(name),
            _kind(kind),
            api_base=_url(api_base),
            models=tuple(model or ()),
            weight=weight,
            max_in_flight=max_in_flight,
            requests_per_minute=requests_per_minute,
            price_in_per_million=price_in,
            price_out_per_million=price_out,
        )
        key = None if no_key else _key(key_env, from_stdin=key_stdin)
        Registry.open(settings()).add(entry, key)
        text = (
            f"Added {name}. Try it with `uncase provider test {name}`, use it as UNCASE_MODEL={name}/MODEL."
        )
        answer({"added": name, "kind": kind, "key": "stored" if key else "none"}, as_json=as_json, text=text)


@provider_app.command("remove")
def remove_command(
    name: Annotated[str, typer.Argument(help="A registered name.")], as_json: AsJson = False
) -> None:
    """Forget a provider and its stored key. The key stays valid until its provider revokes it."""
    from uncase_pipeline.gateway.registry import Registry
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        Registry.open(settings()).remove(name)
        answer({"removed": name}, as_json=as_json, text=f"Removed {name}.")


@provider_app.command("test")
def test_command(
    name: Annotated[str, typer.Argument(help="A registered name, or a model such as openai/gpt-5-mini.")],
    as_json: AsJson = False,
) -> None:
    """Ask a provider one small question, through the gate and into the ledger like any other."""
    import asyncio

    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.gateway.trial import try_provider
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        trial = asyncio.run(try_provider(name, settings(), build_scanner(settings())))
        cost = "at an unknown price" if trial.cost_usd is None else f"for ${trial.cost_usd:.6f}"
        text = f"{trial.model} at {trial.destination} answered in {trial.seconds:.2f} s {cost}."
        text = text if trial.answered else f"{trial.problem} {trial.remedy}"
        answer(trial.wire(), as_json=as_json, text=text, yes=trial.answered)


@provider_app.command("rotate")
def rotate_command(as_json: AsJson = False) -> None:
    """Encrypt every stored key under a new key and forget the old one."""
    from uncase_pipeline.gateway.registry import Registry
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        rotated = Registry.open(settings()).rotate()
        answer({"rotated": rotated}, as_json=as_json, text=f"Encrypted {rotated} keys under a new key.")


@provider_app.command("costs")
def costs_command(
    by: Annotated[
        Literal["row", "seed_id", "domain", "model", "purpose"], typer.Option(help="What to sum by.")
    ] = "model",
    run: Annotated[str | None, typer.Option(help="Only what this run paid.")] = None,
    accepted: Annotated[int | None, typer.Option(min=0, help="Accepted conversations to divide by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was paid, each answer once however often it was used."""
    from uncase_pipeline.gateway.journal import Journal
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        journal = Journal.open(settings())
        costs = journal.costs(by, run_id=run)
        journal.close()
        document = costs.wire()
        if accepted is not None:
            document["usd_per_accepted"] = costs.per_accepted(accepted)
        lines = [f"{name:<40}{line.calls:>8} calls  ${line.usd:.4f}" for name, line in costs.groups.items()]
        answer(document, as_json=as_json, text="\n".join([*lines, f"total ${costs.total.usd:.4f}"]))


@provider_app.command("egress")
def egress_command(
    run: Annotated[str | None, typer.Option(help="Only this run.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only this domain.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what left this machine and verify the ledger's chain; exit 1 where it is broken."""
    from uncase_pipeline.gateway.ledger import ledger_path, summary
    from uncase_pipeline.settings import settings

    with errors_answered(as_json=as_json):
        total = summary(ledger_path(settings()), run_id=run, partition=domain)
        lines = [f"{host:<40}{calls:>8} calls" for host, calls in sorted(total.destinations.items())]
        lines += [
            f"in this process{'':<25}{total.calls_in_process:>8} calls",
            f"stopped at the gate: {total.stopped}",
        ]
        lines += [f"chain of {total.length}: {'intact' if total.intact else 'BROKEN'}, head {total.head}"]
        answer(total.wire(), as_json=as_json, text="\n".join(lines), yes=total.intact)


def _shown(entry: Any) -> dict[str, Any]:
    from dataclasses import asdict

    shown = asdict(entry)
    token = shown.pop("token")
    return {**shown, "key": "stored" if token else "none"}


def _name(name: str) -> str:
    import re

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UncaseError(
            "bad-name", "A provider's name is letters, digits, dots and dashes.", "Choose another."
        )
    return name


def _kind(kind: str) -> str:
    from uncase_pipeline.gateway.providers import KINDS

    if kind not in KINDS or kind == "offline":
        kinds = ", ".join(name for name in sorted(KINDS) if name != "offline")
        raise UncaseError("unknown-kind", f"There is no kind of provider {kind!r}.", f"Use one of: {kinds}.")
    return kind


def _url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise UncaseError("bad-url", "The base URL does not begin with http:// or https://.", "Correct it.")
    return url


def _key(variable: str | None, *, from_stdin: bool) -> "SecretStr":
    """Never from the command line, where every process of the machine could read it."""
    import os

    from pydantic import SecretStr

    if variable is not None:
        key = os.environ.get(variable, "")
    elif from_stdin or not sys.stdin.isatty():
        key = sys.stdin.readline().strip()
    else:
        key = typer.prompt("API key", hide_input=True, err=True)
    if not key:
        raise UncaseError("no-key", "No key was given.", "Use --key-env, --key-stdin or --no-key.")
    return SecretStr(key)
