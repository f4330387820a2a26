"""`uncase adapter`: what was trained and spent, the card, promotion to production and the way back."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.domains import domain_of
from uncase_pipeline.settings import settings

adapter_app = typer.Typer(no_args_is_help=True, help="Adapters: records, privacy ledger, promotion.")

Domain = Annotated[str, typer.Argument(help="Domain, such as finance.advisory.")]
By = Annotated[str, typer.Option("--by", help="Who takes the decision; it is signed and logged.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is signed and logged.")]


@adapter_app.command("show")
def show_command(domain: Domain, as_json: AsJson = False) -> None:
    """Show the record of the published adapter: loss, privacy, audit, hashes."""
    with errors_answered(as_json=as_json):
        version = _version(domain)
        record = {"version": version.id, "folder": version.folder, **version.json("result.json")}
        answer(record, as_json=as_json, text=_summary(record))


@adapter_app.command("audit")
def audit_command(
    domain: Annotated[str | None, typer.Argument(help="Only this domain.")] = None, as_json: AsJson = False
) -> None:
    """Show every memorization audit with its reasons and tests, of adapters that were not published too."""
    from uncase_pipeline.adapter.audits import audits

    with errors_answered(as_json=as_json):
        if domain is not None:
            domain_of(domain)
        entries, torn = audits(settings(), domain)
        said = [_audit_text(entry) for entry in entries] or ["Nothing was audited yet."]
        said += [f"Line {number} of the log can't be read and was left out." for number in torn]
        answer({"audits": entries, "unreadable_lines": torn}, as_json=as_json, text="\n".join(said))


@adapter_app.command("card")
def card_command(domain: Domain, as_json: AsJson = False) -> None:
    """Print the model card of the published adapter."""
    with errors_answered(as_json=as_json):
        version = _version(domain)
        card = version.lake.fs.cat_file(version.path("README.md")).decode()
        answer({"version": version.id, "card": card}, as_json=as_json, text=card)


@adapter_app.command("ledger")
def ledger_command(
    domain: Annotated[str | None, typer.Argument(help="Only this domain.")] = None, as_json: AsJson = False
) -> None:
    """Show what every training run spent of whose privacy budget."""
    from uncase_pipeline.adapter.ledger import Ledger

    with errors_answered(as_json=as_json):
        config = settings()
        if domain is not None:
            domain_of(domain)
        entries = [
            asdict(entry)
            for entry in Ledger(config.home / "privacy-ledger.db").entries()
            if domain in (None, entry.population)
        ]
        document = {"cap": config.dp_epsilon_cap, "entries": entries}
        answer(document, as_json=as_json, text=_ledger_text(document))


@adapter_app.command("promote")
def promote_command(
    domain: Domain,
    by: By,
    reason: Reason = "",
    accept_inconclusive: Annotated[
        bool, typer.Option(help="Promote though the audit could not decide; say why with --reason.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put the published adapter of a domain into production."""
    from uncase_pipeline.adapter.promotion import promote

    with errors_answered(as_json=as_json):
        domain_of(domain)
        entry = promote(settings(), domain, by=by, reason=reason, accept_inconclusive=accept_inconclusive)
        answer(asdict(entry), as_json=as_json, text=f"{domain}: {entry.version} is in production.")


@adapter_app.command("rollback")
def rollback_command(domain: Domain, by: By, reason: Reason = "", as_json: AsJson = False) -> None:
    """Put the adapter that was in production before back into it."""
    from uncase_pipeline.adapter.promotion import rollback

    with errors_answered(as_json=as_json):
        domain_of(domain)
        entry = rollback(settings(), domain, by=by, reason=reason)
        answer(asdict(entry), as_json=as_json, text=f"{domain}: {entry.version} is in production again.")


@adapter_app.command("promotions")
def promotions_command(
    domain: Annotated[str | None, typer.Argument(help="Only this domain.")] = None, as_json: AsJson = False
) -> None:
    """Show who promoted what and when; every signature is checked."""
    from uncase_pipeline.adapter.promotion import promotions

    with errors_answered(as_json=as_json):
        entries = [asdict(entry) for entry in promotions(settings(), domain)]
        lines = [
            f"{e['at']}  {e['domain']:22} {e['action']:9} {e['version']}  {e['by']}  {e['reason']}"
            for e in entries
        ]
        answer({"promotions": entries}, as_json=as_json, text="\n".join(lines) or "Nothing was promoted yet.")


def _version(domain: str) -> Any:
    from uncase_pipeline.storage.lake import Lake

    domain_of(domain)
    return Lake.open(settings()).require("lora_adapter", domain)


def _summary(record: dict[str, Any]) -> str:
    privacy, learning, audit = record["privacy"], record["learning"], record["audit"]
    spent = (
        f"epsilon {privacy['epsilon']:.3f} at delta {privacy['delta']:.2g}"
        if privacy["enabled"]
        else "no privacy guarantee"
    )
    return "\n".join(
        [
            f"{record['domain']}  version {record['version']}",
            f"  base     {record['base']}",
            f"  privacy  {spent}, {privacy['units']} units",
            f"  loss     {learning['loss_before']:.4f} -> {learning['loss_after']:.4f} held out",
            f"  audit    {audit['outcome'] if audit else 'INCONCLUSIVE (not run)'}",
            *[f"           {reason}" for reason in (audit or {}).get("reasons", [])],
            f"  folder   {record['folder']}/adapter",
        ]
    )


def _audit_text(entry: dict[str, Any]) -> str:
    audit = entry["audit"]
    found = audit["findings"]
    tests = [
        f"  {test['name']:18} p {test['p_value']:.3g}, fails below {test['threshold']:.3g}"
        f"{'  FAIL' if test['failed'] else ''}"
        for test in audit["tests"]
    ]
    return "\n".join(
        [
            f"{entry['at']}  {entry['domain']:22} {audit['outcome']}",
            *[f"  {reason}" for reason in audit["reasons"]],
            *tests,
            f"  answers {found['rows']['hits']}/{found['rows']['tries']}, held out "
            f"{found['others']['hits']}/{found['others']['tries']}, secrets {found['canaries']['hits']}/"
            f"{found['canaries']['tries']}",
        ]
    )


def _ledger_text(document: dict[str, Any]) -> str:
    if not document["entries"]:
        return "Nothing was spent yet."
    head = (
        f"{'at':26} {'population':22} {'run':5} {'epsilon':>8} {'total':>8} {'delta':>8} {'units':>6}  state"
    )
    rows = [
        f"{e['at']:26} {e['population']:22} {e['objective']:5} {e['epsilon']:8.3f} {e['total']:8.3f} "
        f"{e['delta']:8.1g} {e['units']:6}  {'ended' if e['settled'] else 'under way or lost: counts in full'}"
        for e in document["entries"]
    ]
    return "\n".join([head, *rows, f"cap per subject: {document['cap']:g}"])
