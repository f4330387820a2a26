"""What is asked of a language model and what it answers. Knows no provider, no network and no litellm.

The wire form of messages and tools is OpenAI's. A request is plain data: two equal requests have the same
key, and the key is what the journal pays for once.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.ids import canonical_json, content_id

OFFLINE = "offline/"
"""Prefix of the models that run inside this process."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Whose work a call is: ids and labels only, never content.

    Attributes:
        domain: Partition.
        seed_id: Seed that is being written out.
        row: The row that the call pays for, stable between runs (``<seed_id>#<sample>``); costs are summed
            by it.
        purpose: What the call does (``user-turn``, ``assistant-turn``, ``repair``, ``one-shot``).
        subject_ids: Pseudonymous ids behind the seed.
    """

    domain: str | None = None
    seed_id: str | None = None
    row: str | None = None
    purpose: str | None = None
    subject_ids: tuple[str, ...] = ()

    def wire(self) -> Json:
        """Return what the journal and the ledger keep."""
        return {
            "domain": self.domain,
            "seed_id": self.seed_id,
            "row": self.row,
            "purpose": self.purpose,
            "subject_ids": list(self.subject_ids),
        }


@dataclass(frozen=True)
class Request:
    """One question to a model.

    Attributes:
        model: ``openai/gpt-5-mini``, ``my-vllm/qwen3``, ``offline/simulator``, or several with weights, as
            ``UNCASE_MODEL`` takes them.
        messages: OpenAI wire messages.
        parameters: ``temperature``, ``max_tokens``, ``seed``, ``stop`` ...; part of the key.
        tools: OpenAI tool definitions.
        response_schema: JSON Schema that the answer is asked to follow. Checking it is the caller's work.
        template_version: Name and version of the prompt template, recorded in the ledger.
        sample: Index of the sample, so that one prompt may be asked several times.
        lineage: Whose work this is; not part of the key.
        language: Of the text, for the scan.
        hints: For the offline provider only: what it needs beside the prompt (the seed). Never leaves the
            process; part of the key of offline requests.
        quoted: Texts of others that the system prompt quotes (the seed's, the knowledge base's), for the
            prompt shield; not part of the key, as the messages hold them.
    """

    model: str
    messages: list[Json]
    parameters: Json = field(default_factory=dict)
    tools: list[Json] | None = None
    response_schema: Json | None = None
    template_version: str = "none"
    sample: int = 0
    lineage: Lineage = field(default_factory=Lineage)
    language: str = "es"
    hints: Json = field(default_factory=dict)
    quoted: tuple[str, ...] = ()

    @property
    def payload(self) -> Json:
        """Everything that would leave: the gate walks it whole and the ledger hashes it."""
        parts = {
            "messages": self.messages,
            "tools": self.tools,
            "response_schema": self.response_schema,
            "parameters": self.parameters,
        }
        return {name: part for name, part in parts.items() if part}

    @property
    def offline(self) -> bool:
        """Whether it is asked of the provider inside this process."""
        return self.model.startswith(OFFLINE)

    @cached_property
    def payload_hash(self) -> str:
        """SHA-256 of the canonical payload."""
        return hashlib.sha256(canonical_json(self.payload)).hexdigest()

    @cached_property
    def key(self) -> str:
        """Names the answer that was paid for: model, payload, sample index and template version."""
        hints = self.hints if self.offline else {}
        return content_id("call", self.model, self.payload_hash, self.sample, self.template_version, hints)


@dataclass(frozen=True, slots=True)
class RawToolCall:
    """A tool call as the model wrote it; the arguments may be broken JSON."""

    id: str
    name: str
    arguments: str

    def parsed(self) -> Json | None:
        """Return the arguments as an object, None where they are not one."""
        try:
            value = orjson.loads(self.arguments or "{}")
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None

    def wire(self) -> Json:
        """Return it in the OpenAI shape."""
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the provider counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that passed the gate, already on disk.

    Attributes:
        text: What the model said, empty where it only calls tools.
        tool_calls: The calls it makes.
        finish_reason: ``stop``, ``tool_calls``, ``length`` (truncated at ``max_tokens``), ``content_filter``.
        usage: Tokens.
        cost_usd: What this call cost when it was made; None where no price is known.
        provider: Who answered.
        model: The model that answered, as routed.
        from_journal: Whether it was paid for earlier; its cost is not spent again.
        key: Its key in the journal.
    """

    text: str
    tool_calls: tuple[RawToolCall, ...] = ()
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    provider: str = "offline"
    model: str = ""
    from_journal: bool = False
    key: str = ""

    @property
    def truncated(self) -> bool:
        """Whether the answer ended because ``max_tokens`` was reached."""
        return self.finish_reason == "length"

    def message(self) -> Json:
        """Return the assistant's turn in wire form, to append to the messages of the next request."""
        turn: Json = {"role": "assistant", "content": self.text or None}
        if self.tool_calls:
            turn["tool_calls"] = [call.wire() for call in self.tool_calls]
        return turn


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that ended without an answer that may be used; the run goes on.

    Attributes:
        reason: ``pii-in-prompt``, ``pii-in-answer``, ``shield-in-prompt``, ``shield-in-answer``, or the
            code of a failure: ``content-filter``, ``bad-request``, ``too-long``, ``timed-out`` …
        detail: One sentence with entity types, paths and counts; never content.
        cost_usd: What it cost all the same.
    """

    reason: str
    detail: str
    cost_usd: float | None = 0.0
    from_journal: bool = False


Outcome = Reply | Refusal


def reply_of(body: Json, **facts: Any) -> Reply:
    """Read a raw answer, as the journal keeps it."""
    message = body["message"]
    calls = message.get("tool_calls") or ()
    return Reply(
        text=message.get("content") or "",
        tool_calls=tuple(RawToolCall(call["id"], call["name"], call["arguments"]) for call in calls),
        finish_reason=body["finish_reason"],
        usage=Usage(**body["usage"]),
        **facts,
    )


def text_message(role: str, content: str, **more: Any) -> Json:
    """Return one wire message."""
    return {"role": role, "content": content, **more}
