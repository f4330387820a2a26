"""Tool-call validity: the share of what can be checked about the calls that is right."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.structure import lcs
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation, ToolCall
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.records.seed import Seed


def tool_calls(row: Reading, seed: Seed, evidence: Evidence) -> Measured:
    """Check every call: known name, arguments by schema, allowed by the seed, in its order, answered once.

    Of a tool that both the row and the seed describe, what the seed says counts: a row can't allow itself more.
    """
    planned = [step for step in seed.steps if step == "assistant:call"]
    if not row.calls and not _orphans(row.conversation):
        if planned:
            return Measured(0.0, f"{len(planned)} calls are planned and none is made.")
        return Measured(None, "No tool is used.", counts=False)
    own = declared(row.conversation)
    allowed = {*own, *seed.tools}
    inferred = {name: tool.schema_of_arguments() for name, tool in seed.inferred_tools.items()}
    schemas = {**own, **inferred, **evidence.tools}
    faults = [fault for call in row.calls for fault in _faults(call, allowed, schemas)]
    faulty = {call for call, _ in faults}
    unanswered = _unanswered(row.conversation) - _left_open(row.conversation, seed)
    orphans = _orphans(row.conversation)
    disorder = _disorder(row, seed)
    wrong = len(faulty | unanswered) + orphans + disorder
    total = len(row.calls) + orphans
    kinds = sorted({kind for _, kind in faults})
    return Measured(
        max(0.0, 1 - wrong / total) if total else 0.0,
        f"{len(row.calls)} calls: {len(faulty)} invalid ({', '.join(kinds) or 'none'}), "
        f"{len(unanswered)} unanswered, {orphans} answers without a call, {disorder} out of order.",
    )


def declared(conversation: Conversation) -> dict[str, dict[str, Any]]:
    """Return the parameter schemas that the conversation itself declares, by tool name."""
    functions = (tool.get("function") or tool for tool in conversation.tools or ())
    return {
        function["name"]: function.get("parameters") or {}
        for function in functions
        if isinstance(function, dict) and isinstance(function.get("name"), str)
    }


def _faults(
    call: ToolCall, allowed: set[str], schemas: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    if call.name not in allowed:
        yield call.id, "tool-not-in-seed"
    if call.name not in schemas:
        yield call.id, "unknown-tool"
        return
    schema = {"additionalProperties": False, **schemas[call.name]}
    for problem in _problems(canonical_json(schema), call.arguments):
        yield call.id, problem


def _problems(schema: bytes, arguments: dict[str, Any]) -> list[str]:
    try:
        return [f"argument-{error.validator}" for error in _validator(schema).iter_errors(arguments)]
    except (SchemaError, Unresolvable):
        return ["bad-schema"]


@lru_cache(maxsize=1_024)
def _validator(schema: bytes) -> Draft202012Validator:
    """Return the validator of a schema. A conversation may bring its own: nothing is fetched for it."""
    document = orjson.loads(schema)
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, registry=Registry())


def _unanswered(conversation: Conversation) -> set[str]:
    """Return the ids of calls without exactly one answer after them."""
    open_calls: set[str] = set()
    wrong: set[str] = set()
    for message in conversation.messages:
        for call in message.tool_calls or ():
            if call.id in open_calls:
                wrong.add(call.id)
            open_calls.add(call.id)
        if message.role == "tool" and message.tool_call_id in open_calls:
            open_calls.discard(message.tool_call_id)
    return wrong | open_calls


def _left_open(conversation: Conversation, seed: Seed) -> set[str]:
    """Return the ids of calls in the last turn that no other call has, where the plan ends with a call too."""
    if not conversation.messages or seed.steps[-1] != "assistant:call":
        return set()
    uses = Counter(call.id for message in conversation.messages for call in message.tool_calls or ())
    return {call.id for call in conversation.messages[-1].tool_calls or () if uses[call.id] == 1}


def _orphans(conversation: Conversation) -> int:
    """Count answers of tools that nobody called."""
    called: set[str] = set()
    orphans = 0
    for message in conversation.messages:
        called.update(call.id for call in message.tool_calls or ())
        if message.role == "tool":
            orphans += message.tool_call_id not in called
            called.discard(message.tool_call_id or "")
    return orphans


def _disorder(row: Reading, seed: Seed) -> int:
    """Count calls that stand out of the order in which the seed names its tools."""
    order = [call.name for call in row.calls if call.name in seed.tools]
    first_seen = list(dict.fromkeys(order))
    return len(first_seen) - lcs(seed.tools, first_seen)
