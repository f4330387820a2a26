"""``uncase evaluate calibrate``: how far the judge agrees with people, before anybody trusts it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.settings import Settings


def calibrate(
    labels: Annotated[
        Path,
        typer.Argument(
            help='50 to 100 rows {"conversation", "seed", "label"} (JSONL); a label is 1 to 5, pass or fail.'
        ),
    ],
    judge: Annotated[
        str | None, typer.Option(help="The model to calibrate, else UNCASE_JUDGE_MODEL.")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(help="What people labelled: hallucination, coherence or relevance; else all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the judge with people: Cohen's kappa, its interval and a verdict. Exits 1 unless it is PASS."""
    with errors_answered(as_json=as_json):
        document = _calibrated(labels, _config(judge), of)
        answer(document, as_json=as_json, text=_text(document), yes=document["verdict"] == "PASS")


def _config(model: str | None) -> "Settings":
    from uncase_pipeline.settings import settings

    config = settings()
    config = config.model_copy(update={"judge_model": model}) if model else config
    if not config.judge_model:
        raise UncaseError("judge-is-off", "No judge is named.", "Give --judge, or set UNCASE_JUDGE_MODEL.")
    return config


def _calibrated(path: Path, config: "Settings", aspect: str | None) -> dict[str, Any]:
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.certified.judge.calibrate import calibrated, read_labels
    from uncase_pipeline.certified.judge.score import ASPECT_SCORES, JUDGE, bound_of
    from uncase_pipeline.certified.judge.sitting import sitting

    if aspect is not None and aspect not in ASPECT_SCORES:
        raise UncaseError(
            "no-such-aspect", f"No judge is called {aspect!r}.", f"Use: {', '.join(ASPECT_SCORES)}."
        )
    labels = read_labels(path)
    with sitting(config, lambda: build_scanner(config), run_id=f"calibrate-{uuid4().hex[:12]}") as judge:
        assert judge is not None
        judgments = judge.judgments([(label.conversation, label.seed) for label in labels])
        judge_said = judge.document()
    bound = bound_of(config.thresholds, name=ASPECT_SCORES[aspect] if aspect else JUDGE)
    figures = calibrated(labels, judgments, passes_at=bound, seed=config.seed, aspect=aspect)
    return {**figures, "judge": judge_said}


def _text(document: dict[str, Any]) -> str:
    judge = document["judge"]
    lines = [f"{document['verdict']}: {document['why']}"]
    lines.append(
        f"{judge['model']} ({judge['version']}) judged {document['judged']} of {document['labels']} rows."
    )
    lines += [f"  {reason:<28}{count:>7}" for reason, count in document["not_judged"].items()]
    for name, title in (("kappa", "Cohen's kappa"), ("kappa_quadratic", "quadratic weights")):
        lines.append(f"  {title:<28}{_figure(document[name])}")
    apart = document["mean_disagreement_of_orders"]
    lines += [f"  {'distance between orders':<28}{apart:>7.2f}"] if apart is not None else []
    return "\n".join(lines)


def _figure(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "      —"
    between = f"  ({figure['interval'][0]:.2f} to {figure['interval'][1]:.2f})" if figure["interval"] else ""
    return f"{figure['value']:>7.2f}{between}"
