"""Arguments of a tool call, filled from its JSON Schema and the facts of the conversation. Knows no tool."""

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.synthetic.simulator.wording import Scalar

_WIDE = 1_000
_WIDTH = 20.0
"""How far a number may go from the only bound that its schema names."""


def fill(schema: Json, facts: Mapping[str, Scalar], earlier: Mapping[str, Scalar], random: Random) -> Json:
    """Return arguments that the schema accepts: every required one, and the others that are known.

    Args:
        schema: JSON Schema of an object.
        facts: Values that this conversation keeps to; one with the name of an argument is used for it.
        earlier: What tools answered before, by the names of their fields.
        random: Source of what nobody has said.
    """
    arguments: Json = {}
    for name, part in schema.get("properties", {}).items():
        known = _known(name, part, facts)
        if known is None and name in earlier and accepts(part, earlier[name]):
            known = earlier[name]
        if known is not None:
            arguments[name] = known
        elif name in schema.get("required", ()):
            arguments[name] = value_for(part, random)
    return arguments


def _known(name: str, schema: Json, facts: Mapping[str, Scalar]) -> Any:
    """Return the value of the fact that an argument asks for; a list is given a list of it."""
    for fact, value in facts.items():
        for offered in (value, [value]):
            if _about(name, fact) and accepts(schema, offered):
                return offered
    return None


def _about(argument: str, fact: str) -> bool:
    """Return whether an argument asks for a fact: ``plazo_meses`` for ``plazo``."""
    return argument == fact or argument.startswith(f"{fact}_")


def accepts(schema: Json, value: Any) -> bool:
    """Return whether a schema takes a value."""
    return Draft202012Validator(schema).is_valid(value)


def value_for(schema: Json, random: Random) -> Any:
    """Return a value of a schema: one of its choices or examples, else one within its bounds."""
    for offered in ("enum", "examples"):
        if schema.get(offered):
            return random.choice(schema[offered])
    if "const" in schema or "default" in schema:
        return schema.get("const", schema.get("default"))
    make = _MAKERS.get(schema.get("type", "string"))
    return make(schema, random) if make else "general"


def _integer(schema: Json, random: Random) -> int:
    return round(_number(schema, random))


def _number(schema: Json, random: Random) -> float:
    """Return a round number; over several orders of magnitude one from the middle of them."""
    low, high = _bounds(schema)
    if low <= 0 or high / low < _WIDE:
        return _rounded(random.uniform(low, high), low, high)
    middle = math.log10(low) + math.log10(high / low) * random.uniform(0.4, 0.8)
    return _rounded(10**middle, low, high)


def _rounded(value: float, low: float, high: float) -> float:
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 1.0
    return min(max(round(round(value / step) * step, 2), low), high)


def _bounds(schema: Json) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        return (1, _WIDTH) if high is None else (high - _WIDTH, high)
    return (low, max(low * 2, low + _WIDTH)) if high is None else (low, high)


def _array(schema: Json, random: Random) -> list[Any]:
    """Return different values, as many as the schema wants at least."""
    count = max(1, int(schema.get("minItems", 1)))
    values: list[Any] = []
    for _ in range(count * 8):
        value = value_for(schema.get("items", {}), random)
        if value not in values:
            values.append(value)
        if len(values) == count:
            break
    return values


_MAKERS: dict[str, Callable[[Json, Random], Any]] = {
    "boolean": lambda _schema, random: random.random() < 0.5,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": lambda schema, random: fill(schema, {}, {}, random),
}
