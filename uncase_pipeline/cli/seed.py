"""``uncase seed``: validate, show and extract seeds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered

if TYPE_CHECKING:
    from uncase_pipeline.orchestration.seed_writer import SeedWriter
    from uncase_pipeline.records.conversation import Conversation
    from uncase_pipeline.records.finding import Scanner
    from uncase_pipeline.records.seed import Seed
    from uncase_pipeline.seeds.build import Notes

seed_app = typer.Typer(no_args_is_help=True, help="SeedSchema v1: validate, show, extract.")

SeedFile = Annotated[Path, typer.Argument(help="Seeds of any form: JSONL, one object, or a list.")]


@seed_app.command("validate")
def validate(file: SeedFile, as_json: AsJson = False) -> None:
    """Check seeds against the schema, the names that exist and the rules. Exits 1 where one is wrong."""
    with errors_answered(as_json=as_json):
        document = _validated(file)
        answer(document, as_json=as_json, text=_told(document), yes=document["valid"])


@seed_app.command("show")
def show(
    file: Annotated[Path | None, typer.Argument(help="Seeds of any form.")] = None,
    library: Annotated[
        str | None, typer.Option(help="Show the curated seeds of this domain instead.")
    ] = None,
    seed_id: Annotated[str | None, typer.Option("--id", help="Only this seed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print seeds in the form of version 1, whatever form they were written in."""
    with errors_answered(as_json=as_json):
        shown = [seed for seed in _to_show(file, library) if seed_id in {None, seed.seed_id}]
        document = {"seeds": [seed.model_dump(mode="json") for seed in shown]}
        answer(document, as_json=as_json, text="\n\n".join(map(_card, shown)), yes=bool(shown))


@seed_app.command("extract")
def extract(
    file: Annotated[Path, typer.Argument(help="Anonymized native conversations (JSONL).")],
    out: Annotated[
        Path | None, typer.Option("--output", "--out", "-o", help="Write the seeds here, one a line.")
    ] = None,
    min_support: Annotated[
        int | None, typer.Option(min=1, help="k: source subjects per combination.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Ask this model for objective, tone and constraints; else UNCASE_SEED_MODEL, or by rules."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Extract a seed from each conversation. Exits 1 where none could be made."""
    with errors_answered(as_json=as_json):
        seeds, notes = _extracted(file, min_support, model)
        document: dict[str, Any] = {
            "conversations": notes.tally.rows_in,
            "seeds_made": len(seeds),
            "rejected": dict(notes.tally.rejected),
        }
        if out:
            _write(out, seeds)
            document["out"] = str(out)
        else:
            document["seeds"] = [seed.model_dump(mode="json") for seed in seeds]
        text = "\n\n".join([*([] if out else map(_card, seeds)), _books(document)])
        answer(document, as_json=as_json, text=text, yes=bool(seeds))


@seed_app.command("schema")
def schema(as_json: AsJson = False) -> None:
    """Print the JSON Schema of SeedSchema v1."""
    import orjson

    from uncase_pipeline.seeds.validate import json_schema

    text = orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode()
    answer(json_schema(), as_json=as_json, text=text)


def _validated(file: Path) -> dict[str, Any]:
    from uncase_pipeline.dialogue.seed_file import form_of, read_documents
    from uncase_pipeline.seeds.validate import problems_of

    scanner = _scanner()
    forms: Counter[str] = Counter()
    problems: list[Any] = []
    for number, document in enumerate(read_documents(file), start=1):
        forms[form_of(document)] += 1
        problems.extend(problems_of(number, document, scanner))
    wrong = len({problem.seed for problem in problems})
    return {
        "valid": not problems and forms.total() > 0,
        "seeds": forms.total(),
        "invalid_seeds": wrong,
        "forms": dict(forms),
        "problems": [asdict(problem) for problem in problems],
    }


def _to_show(file: Path | None, library: str | None) -> Iterable["Seed"]:
    from uncase_pipeline.dialogue.seed_file import read_seed_file
    from uncase_pipeline.domains import domain_of
    from uncase_pipeline.errors import UncaseError
    from uncase_pipeline.seeds.library import curated

    if library:
        return curated(domain_of(library).key)
    if file is None:
        raise UncaseError("no-seeds-named", "Nothing to show.", "Give a file, or --library DOMAIN.")
    return read_seed_file(file)


def _extracted(file: Path, min_support: int | None, model: str | None) -> tuple[list["Seed"], "Notes"]:
    from uncase_pipeline.seeds.build import Notes, Terms, make_seeds
    from uncase_pipeline.settings import settings

    notes = Notes()
    scanner = _scanner()
    model = model or settings().seed_model
    refine = _writer(model, scanner) if model else None
    terms = Terms(scanner, min_support or settings().seed_min_support, refine=refine)
    seeds = list(make_seeds(lambda: _conversations(file), lambda _languages: [], terms, notes))
    return seeds, notes


def _writer(model: str, scanner: "Scanner") -> "SeedWriter":
    import logging

    from uncase_pipeline.orchestration.seed_writer import SeedWriter
    from uncase_pipeline.settings import settings

    return SeedWriter(model, settings(), scanner, "seed-extract", logging.getLogger("uncase.gateway").info)


def _conversations(file: Path) -> Iterator["Conversation"]:
    from uncase_pipeline.dialogue.language import detect_language
    from uncase_pipeline.errors import UncaseError
    from uncase_pipeline.records.native import loads

    if not file.is_file():
        raise UncaseError("no-such-file", f"There is no file {file}.", "Give a file of native conversations.")
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                conversation = loads(line, where=f"{file.name} line {number}")
                if conversation.language is None:
                    conversation.language = detect_language(m.content for m in conversation.messages)
                yield conversation


def _scanner() -> "Scanner":
    from uncase_pipeline.anonymized.scanner import build_scanner
    from uncase_pipeline.settings import settings

    return build_scanner(settings())


def _write(out: Path, seeds: Iterable["Seed"]) -> None:
    with out.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{seed.model_dump_json()}\n" for seed in seeds)


def _told(document: dict[str, Any]) -> str:
    lines = [f"seed {p['seed']} {p['path']}: {p['problem']}" for p in document["problems"]]
    forms = ", ".join(f"{count} {form}" for form, count in document["forms"].items()) or "none"
    return "\n".join([*lines, f"{document['seeds']} seeds ({forms}), {document['invalid_seeds']} wrong."])


def _books(document: dict[str, Any]) -> str:
    aside = ", ".join(f"{count} {reason}" for reason, count in document["rejected"].items())
    return f"{document['conversations']} conversations: {document['seeds_made']} seeds" + (
        f"; set aside: {aside}." if aside else "."
    )


def _card(seed: "Seed") -> str:
    facts = "\n".join(f"  {name}: {_value(value)}" for name, value in seed.facts.items())
    return "\n".join(
        [
            f"{seed.seed_id} · {seed.domain} · {seed.language} · {seed.tone}",
            seed.objective,
            "  " + " → ".join(seed.steps),
            *([facts] if facts else []),
            *(f"  must: {text}" for text in seed.constraints),
            *(f"  must not: {text}" for text in seed.negative_constraints),
            *([f"  tools: {', '.join(seed.tools)}"] if seed.tools else []),
        ]
    )


def _value(value: Any) -> str:
    if hasattr(value, "minimum"):
        return f"{value.minimum:g} to {value.maximum:g} {value.unit or ''}".rstrip()
    return " or ".join(value.values) if hasattr(value, "values") else str(value)
