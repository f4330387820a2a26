"""What a tool is, and short forms for its JSON Schema. Knows no tool in particular."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that an assistant may call.

    Attributes:
        name: Unique name, in Spanish like its parameters.
        domain: The domain that it serves.
        description: What it does, per language.
        parameters: JSON Schema of its arguments, an object.
        simulate: Answers valid arguments, always the same way; an answer of "nothing found" is an answer.
    """

    name: str
    domain: str
    description: dict[str, str]
    parameters: Json
    simulate: Callable[[Json], Json]


def arguments(required: str, **properties: Json) -> Json:
    """Return the schema of an object that takes these properties and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def text(description: str, *examples: str) -> Json:
    """Return the schema of a short text."""
    return {
        "type": "string",
        "description": description,
        "minLength": 1,
        "maxLength": 200,
        "examples": list(examples),
    }


def one_of(description: str, values: str | list[str]) -> Json:
    """Return the schema of a value out of a set, given as a list or as words."""
    return {
        "type": "string",
        "description": description,
        "enum": values.split() if isinstance(values, str) else values,
    }


def some_of(description: str, values: list[str], *, at_least: int = 1) -> Json:
    """Return the schema of a list of different values out of a set."""
    return {
        "type": "array",
        "description": description,
        "items": {"type": "string", "enum": values},
        "minItems": at_least,
        "uniqueItems": True,
    }


def number(description: str, minimum: float, maximum: float, *examples: float) -> Json:
    """Return the schema of a number between two bounds."""
    return {**_bounded("number", description, minimum, maximum), "examples": list(examples)}


def whole(description: str, minimum: int, maximum: int, *examples: int) -> Json:
    """Return the schema of a whole number between two bounds."""
    return {**_bounded("integer", description, minimum, maximum), "examples": list(examples)}


def example_of(schema: Json) -> Json:
    """Return arguments that a schema made here accepts: the first choice or example of each required one."""
    properties = schema["properties"]
    return {name: _first(properties[name]) for name in schema["required"]}


def _first(part: Json) -> Any:
    if part["type"] == "array":
        return part["items"]["enum"][: part["minItems"]]
    return (part.get("enum") or part["examples"])[0]


def _bounded(kind: str, description: str, minimum: float, maximum: float) -> Json:
    return {"type": kind, "description": description, "minimum": minimum, "maximum": maximum}


CURRENCY = one_of("Moneda de los importes; MXN si falta.", "MXN USD")
_MXN_PER_USD = 18.0


def amount(pesos: float, arguments: Json) -> float:
    """Return an amount in the currency that the arguments ask for, in whole units."""
    return float(round(pesos / _MXN_PER_USD if arguments.get("moneda") == "USD" else pesos))


def in_pesos(value: float, arguments: Json) -> float:
    """Return an amount of the arguments in pesos."""
    return value * _MXN_PER_USD if arguments.get("moneda") == "USD" else value


def currency(arguments: Json) -> str:
    """Return the currency that the arguments ask for."""
    return str(arguments.get("moneda", "MXN"))
