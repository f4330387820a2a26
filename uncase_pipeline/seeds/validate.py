"""Whether documents are good seeds: schema, names that exist, rules. Knows the wire and the rules, no file.

A problem names the place and what is wrong there, never the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema import Draft202012Validator

from uncase_pipeline.dialogue.acts import Step
from uncase_pipeline.dialogue.seed_file import read_seed, to_v1
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.rules import Identifiers
from uncase_pipeline.tools.registry import tool_names

METRICS = ("rouge_l", "fidelity", "diversity", "coherence", "tool_validity", "privacy", "memorization")


_UNNAMED = "breaks {error.validator!r} of the schema"
_BROKEN = {
    "type": "is not of the type {error.validator_value}",
    "minItems": "has fewer than {error.validator_value} items",
    "minimum": "is below {error.validator_value}",
    "anyOf": "is of none of the allowed types",
    "additionalProperties": "has a key that the schema does not know",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one seed.

    Attributes:
        seed: Its number in the file, from 1.
        path: Where, as a JSON path on the wire.
        problem: What is wrong there.
    """

    seed: int
    path: str
    problem: str


@cache
def json_schema() -> Json:
    """Return the published JSON Schema of SeedSchema v1."""
    schema: Json = orjson.loads(files(__package__).joinpath("seed_v1.schema.json").read_bytes())
    return schema


def model_schema() -> Json:
    """Return the schema that the model has now; the published one must equal it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Seed.model_json_schema(by_alias=True, mode="validation"),
        "title": "SeedSchema v1",
    }


def problems_of(number: int, document: Any, scanner: Scanner | None = None) -> Iterator[Problem]:
    """Yield what is wrong with one document, of any form.

    Args:
        number: Its number in the file.
        document: Parsed JSON.
        scanner: Finds identifiers; None leaves that rule out.
    """
    wire = to_v1(document)
    broken = list(_against_schema(wire))
    yield from (Problem(number, path, problem) for path, problem in broken)
    if broken:
        return
    try:
        seed = read_seed(wire)
    except UncaseError as error:
        yield Problem(number, "$", error.message)
        return
    yield from (Problem(number, path, problem) for path, problem in _of_names(seed))
    if scanner:
        yield from (
            Problem(number, f"$.{path}", "holds an identifier")
            for path in Identifiers(scanner).paths_in(seed)
        )


def _against_schema(wire: Any) -> Iterator[tuple[str, str]]:
    for error in sorted(
        Draft202012Validator(json_schema()).iter_errors(wire), key=lambda error: error.json_path
    ):
        if error.validator == "required":
            missing = next(key for key in error.validator_value if error.message.startswith(repr(key)))
            yield f"{error.json_path}.{missing}", "is missing"
        else:
            yield error.json_path, _BROKEN.get(error.validator, _UNNAMED).format(error=error)


def _of_names(seed: Seed) -> Iterator[tuple[str, str]]:
    if seed.domain not in DOMAINS:
        yield "$.dominio", f"is none of {', '.join(DOMAINS)}"
    for number, step in enumerate(seed.steps):
        try:
            Step.parse(step)
        except UncaseError as error:
            yield f"$.pasos_turnos[{number}]", error.message
    known = {*tool_names(), *seed.inferred_tools}
    for number, name in enumerate(seed.tools):
        if name not in known:
            yield f"$.herramientas[{number}]", "is no tool: `uncase tool list` names those that exist"
    if seed.turns.minimum > seed.turns.maximum:
        yield "$.turnos", "min is above max"
    for name in seed.thresholds:
        if name not in METRICS:
            yield "$.umbrales", f"a threshold is for none of {', '.join(METRICS)}"
