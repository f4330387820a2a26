"""`uncase status`: what became of every row, asset by asset, read from the lake's published versions."""

from typing import Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.domains import DOMAINS, domain_of
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.books import TALLY_FILE, read_tally
from uncase_pipeline.storage.lake import Lake, Version

ASSETS = (
    "feedback_events",
    "raw_conversations",
    "anonymized_conversations",
    "seeds",
    "synthetic_conversations",
    "certified_conversations",
    "exported_datasets",
    "lora_adapter",
)


def status_command(
    domain: Annotated[
        list[str] | None, typer.Option(help="A domain; all with something published if none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show rows in, out, rejected and quarantined at each asset, the pass rate, the losses and the paths."""
    with errors_answered(as_json=as_json):
        for key in domain or ():
            domain_of(key)
        document = status_document(settings(), domain or list(DOMAINS))
        answer(document, as_json=as_json, text=status_text(document))


def status_document(config: Settings, domains: list[str]) -> dict[str, Any]:
    """Return the status of these domains, as plain data."""
    lake = Lake.open(config)
    return {"domains": {domain: _domain(lake, domain) for domain in domains}}


def _domain(lake: Lake, domain: str) -> dict[str, Any]:
    versions = {asset: lake.current(asset, domain) for asset in ASSETS}
    present = {asset: version for asset, version in versions.items() if version is not None}
    rows = {asset: _row(version) for asset, version in present.items()}
    certified = rows.get("certified_conversations")
    return {
        "assets": rows,
        "pass_rate": certified["out"] / certified["in"] if certified and certified["in"] else None,
        "adapter": _adapter(present.get("lora_adapter")),
        "paths": {
            name: path
            for name, asset, file in (
                ("certificate", "certified_conversations", "certificate.json"),
                ("report", "certified_conversations", "report.html"),
                ("exports", "exported_datasets", ""),
                ("adapter", "lora_adapter", ""),
            )
            if (path := _path(present.get(asset), file))
        },
    }


def _row(version: Version) -> dict[str, Any]:
    books = (
        {}
        if TALLY_FILE not in version.files
        else {
            "in": (tally := read_tally(version)).rows_in,
            "out": tally.rows_out,
            "rejected": tally.rejected.total(),
            "quarantined": tally.quarantined.total(),
            "reasons": {**tally.rejected, **tally.quarantined},
        }
    )
    return {"version": version.id, "seconds": version.seconds, "cpu_seconds": version.cpu_seconds, **books}


def _adapter(version: Version | None) -> dict[str, Any] | None:
    """Return what training came to: held-out loss before and after, epsilon, the audit's outcome."""
    if version is None:
        return None
    result = version.json("result.json")
    return {
        "loss_before": result["learning"]["loss_before"],
        "loss_after": result["learning"]["loss_after"],
        "epsilon": result["privacy"]["epsilon"],
        "audit": result["audit"]["outcome"],
    }


def _path(version: Version | None, file: str) -> str | None:
    return f"{version.folder}/{file}".rstrip("/") if version else None


def status_text(document: dict[str, Any]) -> str:
    """Lay the status out for a terminal."""
    blocks = [_block(domain, status) for domain, status in document["domains"].items() if status["assets"]]
    return "\n\n".join(blocks) or "Nothing is published yet: run `uncase run DOMAIN`."


def _block(domain: str, status: dict[str, Any]) -> str:
    lines = [f"{domain:26}{'in':>8}{'out':>8}{'rejected':>10}{'quarantined':>13}{'seconds':>9}"]
    for asset, row in status["assets"].items():
        cells = [row.get(key, "-") for key in ("in", "out", "rejected", "quarantined")]
        lines.append(
            f"  {asset:24}{cells[0]:>8}{cells[1]:>8}{cells[2]:>10}{cells[3]:>13}{row['seconds']:>9.1f}"
        )
    if status["pass_rate"] is not None:
        lines.append(f"  pass rate               {status['pass_rate']:.1%}")
    if status["adapter"]:
        lines += _adapter_lines(status["adapter"])
    lines += [f"  {name:24}{path}" for name, path in status["paths"].items()]
    return "\n".join(lines)


def _adapter_lines(adapter: dict[str, Any]) -> list[str]:
    epsilon = "not private" if adapter["epsilon"] is None else f"epsilon {adapter['epsilon']:.2f}"
    return [
        f"  adapter loss            {adapter['loss_before']:.3f} -> {adapter['loss_after']:.3f} (held out)",
        f"  adapter privacy         {epsilon}, memorization audit {adapter['audit']}",
    ]
