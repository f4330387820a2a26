"""``uncase evaluate``: a report per row of a file, and how far the optional judge agrees with people."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from uncase_pipeline.cli.calibrate import calibrate
from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.certified.grading import Graded
    from uncase_pipeline.certified.judge.sitting import Judge
    from uncase_pipeline.records.conversation import Conversation
    from uncase_pipeline.records.finding import Scanner
    from uncase_pipeline.records.seed import Seed
    from uncase_pipeline.settings import Settings

evaluate_app = typer.Typer(no_args_is_help=True, help="Measure conversations against their seeds.")


@evaluate_app.callback()
def evaluate() -> None:
    """Measure conversations against their seeds."""


evaluate_app.command("calibrate")(calibrate)


@evaluate_app.command("run")
def run(  # noqa: PLR0917 - options of a command
    conversations: Annotated[
        Path, typer.Argument(help="Native conversations (JSONL); each names its seed_id.")
    ],
    seeds: Annotated[Path, typer.Argument(help="Seeds, JSONL or a JSON list.")],
    source: Annotated[
        Path | None,
        typer.Option(help="Source conversations (native JSONL): measures memorization too."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="A model that rates every row too, as UNCASE_JUDGE_MODEL; off without one."),
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option(help="Folder of a model2vec model, as UNCASE_EMBEDDINGS: measures drift from --source."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report every metric, Q and the reasons per row. Exits 1 where a row, or drift, does not pass."""
    with errors_answered(as_json=as_json):
        document = _evaluated(conversations, seeds, source, _config(judge, embeddings))
        yes = document["passed"] == document["rows_in"] > 0 and not _drifted(document["drift"])
        answer(document, as_json=as_json, text=_text(document), yes=yes)


def _config(judge: str | None, embeddings: Path | None) -> "Settings":
    from uncase_pipeline.settings import settings

    chosen = {"judge_model": judge, "embeddings": embeddings}
    return settings().model_copy(update={name: value for name, value in chosen.items() if value})


def _evaluated(conversations: Path, seeds: Path, source: Path | None, config: "Settings") -> dict[str, Any]:
    from uncase_pipeline.certified.certify import stricter_of
    from uncase_pipeline.certified.drift import DRIFT, Drift
    from uncase_pipeline.certified.judge.sitting import sitting
    from uncase_pipeline.certified.judge.stated import judge_document

    drift = Drift.of_settings(config, _read(source)) if source else None
    with sitting(config, _open_scanner, run_id=f"evaluate-{uuid4().hex[:12]}") as judge:
        graded = list(_watched(_graded(conversations, seeds, source, config, judge)))
        document = {**_document(graded, source is not None), "judge": judge_document(judge)}
    if drift is None:
        return {**document, "drift": None}
    for row, grade in zip(_read(conversations), graded, strict=True):
        if grade.report.passed:
            drift.observe(row)
    return {**document, "drift": drift.document(stricter_of(config).get(DRIFT))}


def _graded(
    conversations: Path, seeds: Path, source: Path | None, config: "Settings", judge: "Judge | None"
) -> "Iterator[Graded]":
    from uncase_pipeline.certified.certify import stricter_of
    from uncase_pipeline.certified.codes import Coder
    from uncase_pipeline.certified.grading import Yardstick, grade_batches
    from uncase_pipeline.certified.judge.sitting import judged
    from uncase_pipeline.certified.selection import Selection
    from uncase_pipeline.certified.source import WORDS_KEY, Source
    from uncase_pipeline.dialogue.knowledge import read_knowledge
    from uncase_pipeline.records.arrow import to_batches
    from uncase_pipeline.storage.vault import Vault

    vault = Vault.open(config)
    corpus = Source.read(_read(source), vault) if source else None
    yardstick = Yardstick(
        seeds={seed.seed_id: seed for seed in _seeds(seeds)},
        coder=corpus.fingerprints.hasher.coder if corpus else Coder(vault.derive(WORDS_KEY)),
        open_scanner=_open_scanner,
        source=corpus.fingerprints if corpus else None,
        knowledge=read_knowledge(config.knowledge),
        stricter=stricter_of(config),
    )
    selection = Selection(corpus.near) if corpus else Selection()
    batches = grade_batches(to_batches(_read(conversations)), yardstick, config.processes)
    for _, rows in selection.select(judged(batches, judge, yardstick.seeds, yardstick.stricter)):
        yield from rows


def _watched(graded: "Iterator[Graded]") -> "Iterable[Graded]":
    """Show progress on a terminal; in a pipe there is none to show it to."""
    from rich.console import Console
    from rich.progress import track

    return track(graded, "Grading", console=Console(stderr=True), disable=not sys.stderr.isatty())


def _open_scanner() -> "Scanner":
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.settings import settings

    return build_scanner(settings())


def _read(path: Path) -> "Iterator[Conversation]":
    from uncase_pipeline.records.native import loads

    if not path.is_file():
        raise UncaseError("no-such-file", f"There is no file {path}.", "Give a JSONL file of conversations.")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield loads(line, where=f"{path.name} line {number}")


def _seeds(path: Path) -> "Iterator[Seed]":
    from uncase_pipeline.dialogue.seed_file import read_seed_file

    return read_seed_file(path)


def _document(graded: "list[Graded]", with_source: bool) -> dict[str, Any]:
    from uncase_pipeline.certified.reports import report_document

    rows = [report_document(row.report) for row in graded]
    return {
        "rows_in": len(rows),
        "passed": sum(row["passed"] for row in rows),
        "pass_rate": sum(row["passed"] for row in rows) / len(rows) if rows else None,
        "reasons": dict(Counter(code for row in rows for code in row["reasons"]).most_common()),
        "not_measured": [] if with_source else ["memorization"],
        "rows": rows,
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['passed']} of {document['rows_in']} rows passed."]
    lines += [f"  {reason:<28}{count:>7}" for reason, count in document["reasons"].items()]
    if document["not_measured"]:
        lines.append("Memorization was not measured: give the source with --source.")
    lines += [*_judge_text(document["judge"]), *_drift_text(document["drift"])]
    for row in document["rows"]:
        if not row["passed"]:
            lines.append(f"{row['conversation_id']}  Q {row['q']:.2f}  {', '.join(row['reasons'])}")
    return "\n".join(lines)


def _judge_text(judge: dict[str, Any]) -> list[str]:
    if not judge["on"]:
        return []
    rated = f"The judge {judge['model']} rated {judge['answered']} of {judge['asked']} rows asked about"
    return [f"{rated}; the order of the question changed {judge['swayed_by_order']} of its answers."]


def _drifted(document: dict[str, Any] | None) -> bool:
    return document is not None and any(drift["verdict"] == "FAIL" for drift in document["roles"].values())


def _drift_text(document: dict[str, Any] | None) -> list[str]:
    roles = document["roles"].items() if document else ()
    return [
        f"Embedding drift, {role}: "
        + ("not computed" if drift["value"] is None else f"{drift['value']:.4f} (p {drift['p_value']:.3f})")
        + f", {drift['verdict']}. {drift['why']}"
        for role, drift in roles
    ]
