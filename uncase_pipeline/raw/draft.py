"""A conversation as a parser leaves it: turns in order, roles and ids not yet decided. Knows no format."""

from dataclasses import dataclass, field
from typing import Any

from uncase_pipeline.records.conversation import Json, Kind, Message, Role


@dataclass(slots=True)
class Turns:
    """Turns column by column, as formats with many small turns read them: much faster than an object a turn.

    Attributes:
        roles: Where the format says them; else anything, and they are decided afterwards.
        authors: As the export names them.
        contents: What was said.
        timestamps: ISO 8601.
        kinds: What sort of turn each is.
    """

    roles: list[Role]
    authors: list[str | None]
    contents: list[str]
    timestamps: list[str | None]
    kinds: list[Kind]

    @classmethod
    def of(cls, messages: list[Message]) -> "Turns":
        """Take the columns from messages whose speaker is the author."""
        return cls(
            [message.role for message in messages],
            [message.speaker for message in messages],
            [message.content for message in messages],
            [message.timestamp for message in messages],
            [message.kind for message in messages],
        )

    def __len__(self) -> int:
        return len(self.roles)


@dataclass(slots=True)
class Draft:
    """What a parser says of one conversation.

    A parser puts the author, as the export names them, into ``Message.speaker``. It sets ``Message.role`` where
    the format says it, and ``roles_rule`` to how; otherwise the roles are decided afterwards.

    Attributes:
        messages: Turns in order; in columns where they are nothing but author, text, time and kind.
        position: Ordinal of the record in its file, from 0.
        key: Ticket, session or thread that the source names.
        thread: Identity of a chat that has no key; part of the id, not stored.
        roles_rule: How the roles are known, None where they are not.
        subject: Identity of the customer in the source: phone, mail or account id.
        subjects: Identities of all customers, where the source knows them; there may be several in a group.
        participants: Names and numbers of everyone that the export's own metadata names.
        named: Whether authors are people, also one who is called ``Agent``.
        anonymous: Whether no author has a name, and speakers carry the labels of the domain already.
        openings: Whether the id comes from the first turn, so that a chat that has grown keeps it.
        content: What stands for the turns in the id, where the parser has it at hand as JSON.
        conversation_id: Given by a native conversation only.
        seed_id: As above.
        subject_id: As above.
        domain: Domain that the source states.
        language: Language that the source states.
        tools: Tool definitions in the OpenAI shape.
        metadata: Everything else that the source says.
    """

    messages: list[Message] | Turns
    position: int
    key: str | None = None
    thread: str | None = None
    roles_rule: str | None = None
    subject: str | None = None
    subjects: list[str] = field(default_factory=list)
    participants: list[str] = field(default_factory=list)
    named: bool = False
    anonymous: bool = False
    openings: bool = False
    content: Any = None
    conversation_id: str | None = None
    seed_id: str | None = None
    subject_id: str | None = None
    domain: str | None = None
    language: str | None = None
    tools: list[Json] | None = None
    metadata: Json = field(default_factory=dict)
