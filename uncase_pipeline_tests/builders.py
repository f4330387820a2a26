"""Small conversations for tests, written in one line."""

from uncase_pipeline.records.conversation import Conversation, Message, Role
from uncase_pipeline.records.ids import content_id

_SPEAKERS: dict[str, Role] = {"u": "user", "a": "assistant", "s": "system", "t": "tool"}


def conversation(
    *turns: str,
    domain: str = "automotive.sales",
    language: str = "es",
    seed_id: str | None = None,
    subject_id: str | None = None,
) -> Conversation:
    """Build a conversation from turns such as ``"u: hola"`` and ``"a: buenas tardes"``."""
    messages = [
        Message(role=_SPEAKERS[speaker], content=text.strip())
        for speaker, _, text in (turn.partition(":") for turn in turns)
    ]
    return Conversation(
        conversation_id=content_id("conv", domain, list(turns)),
        domain=domain,
        language=language,
        seed_id=seed_id,
        subject_id=subject_id,
        messages=messages,
    )
