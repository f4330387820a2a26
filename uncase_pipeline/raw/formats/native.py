"""Native conversations, as every command here writes them; their ids are kept."""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Shape
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.native import from_wire

_OURS = {"speaker", "kind", "seed_id", "subject_id", "source"}


def _matches(record: Any) -> str | None:
    if not isinstance(record, dict) or not {"conversation_id", "domain", "messages"} <= record.keys():
        return None
    messages = record["messages"]
    if not isinstance(messages, list) or not messages or not isinstance(messages[0], dict):
        return None
    keys = record.keys() | messages[0].keys()
    return "with conversation_id, domain and our message fields" if len(_OURS & keys) >= 2 else None


def _drafts(record: Any, _options: ReadOptions) -> Iterator[Draft]:
    try:
        conversation = from_wire(record)
    except UncaseError:
        raise BadRecordError("bad-native-conversation") from None
    if not conversation.messages:
        raise BadRecordError("no-turns")
    rule = conversation.metadata.get("roles")
    yield Draft(
        messages=conversation.messages,
        position=0,
        roles_rule=str(rule.get("rule", "native")) if isinstance(rule, dict) else "native",
        participants=_participants(conversation.metadata),
        conversation_id=conversation.conversation_id,
        seed_id=conversation.seed_id,
        subject_id=conversation.subject_id,
        domain=conversation.domain,
        language=conversation.language,
        tools=conversation.tools,
        metadata=conversation.metadata,
    )


def _participants(metadata: dict[str, Any]) -> list[str]:
    listed = metadata.get("participants")
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


NATIVE = Shape("native", _matches, _drafts, confidence=1.0)
