"""An event that a production system sends back about an answer. Knows no queue and no file."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from uncase_pipeline.records.conversation import Json

Signal = Literal["approved", "corrected", "preferred", "failed"]


class FeedbackEvent(BaseModel):
    """One signal from production.

    Attributes:
        event_id: Given by the sender; a second event with the same id is known, not new.
        signal: ``approved`` example, ``corrected`` answer, ``preferred`` of two answers, ``failed`` exchange.
        consent_training: Whether the person agreed to training. Without it the event goes no further.
        messages: The exchange, in native message form, up to the answer that was judged.
        correction: For ``corrected``: what the answer should have been.
        rejected: For ``preferred``: the answer that lost; the last message is the one that won.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    event_id: str = Field(min_length=1)
    domain: str
    tenant: str = "default"
    signal: Signal
    consent_training: bool = False
    subject: str | None = None
    language: str | None = None
    messages: list[Json] = Field(min_length=1)
    correction: str | None = None
    rejected: str | None = None
