"""Turns an event into the conversation that re-enters the raw layer. Knows no file and no Dagster.

What was judged travels in ``metadata.feedback`` with the conversation, so it is anonymized like every text:
the answer that lost becomes the rejected side of a preference pair, a failed exchange a hard seed.
"""

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation, Json, Source
from uncase_pipeline.records.feedback import FeedbackEvent
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.native import from_wire
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.subject import subject_id


def reenter(event: FeedbackEvent, subject_key: bytes) -> Conversation | Rejection:
    """Build the conversation of an event.

    Args:
        event: One that may be used.
        subject_key: ``Vault.derive("subject-id")``.

    Returns:
        The conversation, or why its messages are none: not native messages, no answer at the end, or the
        text that its signal needs is missing.
    """
    identity = content_id("fb", event.tenant, event.event_id)
    reason = _missing(event)
    if reason:
        return Rejection(reason, identity, "quarantined")
    messages, judged = _judged(event)
    try:
        conversation = from_wire(
            {"conversation_id": identity, "domain": event.domain, "messages": messages}, where=identity
        )
    except UncaseError:
        return Rejection("bad-messages", identity, "quarantined")
    conversation.language = event.language
    conversation.subject_id = subject_id(event.subject, subject_key) if event.subject else None
    conversation.source = Source("feedback", identity.removeprefix("fb_"), 0)
    conversation.metadata = {"feedback": {"signal": event.signal, **judged}}
    return conversation


def _missing(event: FeedbackEvent) -> str | None:
    if event.messages[-1].get("role") != "assistant":
        return "no-answer"
    if event.signal == "corrected" and not event.correction:
        return "no-correction"
    return "no-rejected-answer" if event.signal == "preferred" and not event.rejected else None


def _judged(event: FeedbackEvent) -> tuple[list[Json], Json]:
    """Return the messages with the best known answer last, and the answer that lost to it, if any."""
    *before, answer = event.messages
    match event.signal:
        case "corrected":
            return [*before, {**answer, "content": event.correction}], {
                "rejected": answer.get("content") or ""
            }
        case "preferred":
            return event.messages, {"rejected": event.rejected}
        case _:
            return event.messages, {}
