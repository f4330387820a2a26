"""Who takes part, as the export names them, and the labels that take their place. Knows no detector."""

from dataclasses import replace

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.conversation import ROLES, Conversation, Message, walk_strings

_LABELS = frozenset(ROLES) | {
    label for domain in DOMAINS.values() for label in (domain.user, domain.assistant)
}
_GENERIC = _LABELS | {
    "bot",
    "agent",
    "agente",
    "human",
    "gpt",
    "cliente",
    "asesor",
    "operator",
    "visitor",
    "unknown",
}


def participants(conversation: Conversation) -> list[str]:
    """Return the names and numbers of everyone that metadata and speakers name, role labels left out."""
    listed = [
        text
        for path, text in walk_strings(conversation.metadata.get("participants"), "")
        if "<key>" not in path
    ]
    spoken = [message.speaker for message in conversation.messages if message.speaker]
    return [name for name in dict.fromkeys([*listed, *spoken]) if name.strip().lower() not in _GENERIC]


def relabelled(conversation: Conversation) -> Conversation:
    """Return the conversation with the domain's role label for every speaker."""
    domain = DOMAINS.get(conversation.domain)
    labels = {"user": domain.user, "assistant": domain.assistant} if domain else {}

    def label(message: Message) -> str:
        return labels.get(message.role, message.role)

    return replace(
        conversation,
        messages=[
            Message(
                m.role, m.content, label(m), m.timestamp, m.kind, m.tool_calls, m.tool_call_id, m.metadata
            )
            for m in conversation.messages
        ],
    )
