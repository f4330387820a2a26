"""``uncase generate``: synthetic conversations from seeds, through the gateway."""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from uncase_pipeline.cli.import_ import Tick, progress
from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.records.seed import Seed
    from uncase_pipeline.settings import Settings
    from uncase_pipeline.synthetic.job import Made

_EVERY = 10


def generate_command(  # noqa: PLR0917 - one per option
    seeds: Annotated[
        Path, typer.Argument(metavar="SEEDS", help="Seeds of any form: JSONL, object, or list.")
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="Where the conversations go, one a line.")],
    count: Annotated[
        int | None,
        typer.Option(min=1, help="Conversations in all, shared evenly; else some for each seed, by setting."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="PROVIDER/MODEL, several as 'a/x*3, b/y'; else UNCASE_MODEL. offline/simulator needs no key."
        ),
    ] = None,
    rework: Annotated[
        int,
        typer.Option(min=0, help="Rounds in which what fails certification is made anew with the reasons."),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Write new conversations along the plans of seeds. What can't be finished is set aside with a reason.

    Keys come from LITELLM_API_KEY, the provider's own variable or `uncase provider add`; UNCASE_CAP_USD_PER_RUN
    and UNCASE_CAP_USD_PER_DAY stop it cleanly. Run it again after a stop: what was answered is not paid again.
    Exits 1 where none could be made.
    """
    with errors_answered(as_json=as_json):
        document = _generated(seeds, out, count, model, rework)
        answer(document, as_json=as_json, text=_told(document), yes=document["written"] > 0)


def _generated(source: Path, out: Path, count: int | None, model: str | None, rework: int) -> dict[str, Any]:
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.certified.row_judge import row_judge
    from uncase_pipeline.dialogue.seed_file import read_seed_file
    from uncase_pipeline.settings import settings
    from uncase_pipeline.synthetic.generate import jobs_of, jobs_shared
    from uncase_pipeline.synthetic.run import run_jobs

    chosen = {"rework_rounds": rework, **({} if model is None else {"model": model})}
    config = settings().model_copy(update=chosen)
    scanner = build_scanner(config)
    seeds = _some(list(read_seed_file(source)), source)
    jobs = jobs_of(seeds, config) if count is None else jobs_shared(seeds, count, config.seed)
    reasons: Counter[str] = Counter()
    with _writing(out) as file, progress("Generating", every=_EVERY) as tick:
        take = _taking(file, reasons, tick)
        judge = row_judge(scanner, config) if rework else None
        summary = run_jobs(jobs, config, scanner, take, judge=judge)
    return {
        "requested": _requested(seeds, count, config),
        "written": summary.models.total(),
        "set_aside": dict(reasons),
        "seeds": len(seeds),
        "out": str(out),
        "model": config.model,
        **summary.metadata(),
    }


def _some(seeds: "list[Seed]", source: Path) -> "list[Seed]":
    if not seeds:
        raise UncaseError("no-seeds", f"There is no seed in {source}.", "Run `uncase seed extract` first.")
    return seeds


def _requested(seeds: "list[Seed]", count: int | None, config: "Settings") -> int:
    return len(seeds) * config.conversations_per_seed if count is None else count


def _taking(file: IO[bytes], reasons: Counter[str], tick: Tick) -> "Callable[[Made], None]":
    from uncase_pipeline.records.native import dumps
    from uncase_pipeline.records.rejection import Rejection

    numbers = itertools.count(1)

    def take(made: "Made") -> None:
        tick(next(numbers))
        if isinstance(made.outcome, Rejection):
            reasons[made.outcome.reason] += 1
        else:
            file.write(dumps(made.outcome) + b"\n")

    return take


@contextmanager
def _writing(path: Path) -> Iterator[IO[bytes]]:
    """Write beside the target and rename at the end, so that a failed run leaves nothing half written."""
    if not path.absolute().parent.is_dir():
        raise UncaseError("no-such-folder", f"There is no folder {path.parent}.", "Create it first.")
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        os.replace(draft, path)  # noqa: PTH105 - one call, atomic on POSIX
    finally:
        draft.unlink(missing_ok=True)


def _told(document: dict[str, Any]) -> str:
    cost = document["cost_usd"]
    spent = "at an unknown price" if cost == "unknown" else f"for ${cost:.4f}"
    lines = [
        f"{document['written']} of {document['requested']} conversations from {document['seeds']} seeds, "
        f"by {document['model']} {spent}, in {document['out']}."
    ]
    return "\n".join(
        [*lines, *(f"{count} set aside: {reason}." for reason, count in document["set_aside"].items())]
    )
