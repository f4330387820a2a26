"""One conversation that is to be made, and what it becomes. Knows no model."""

from dataclasses import dataclass, field
from hashlib import sha256

from uncase_pipeline.domains import domain_of
from uncase_pipeline.gateway.request import OFFLINE, Lineage
from uncase_pipeline.records.conversation import Conversation, Json, Message
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.structured import Bill


@dataclass(frozen=True, slots=True)
class Job:
    """A conversation to be made.

    Attributes:
        seed: What it is made from.
        sample: Its number among those of the seed.
        run_seed: The recorded seed of every random choice.
        round: 0 at first, then the number of the rework.
        feedback: What failed in the round before, as the model is told.
    """

    seed: Seed
    sample: int
    run_seed: int
    round: int = 0
    feedback: str = ""

    @property
    def row(self) -> str:
        """Names the row in the books and in the gateway's costs."""
        return f"{self.seed.seed_id}#{self.sample}"

    @property
    def language(self) -> str:
        """ISO 639-1 code: seeds in the wild also say ``es-MX``."""
        return self.seed.language[:2].lower()

    @property
    def name(self) -> str:
        """Names this attempt among all conversations of the seed."""
        return f"{self.run_seed}/{self.sample}/{self.round}"

    @property
    def random_seed(self) -> int:
        """A number for providers that take a ``seed``; short, or scanners take it for a telephone number."""
        return (
            int.from_bytes(sha256(f"{self.seed.seed_id}/{self.name}".encode()).digest()[:2], "big") % 10_000
        )

    def lineage(self, purpose: str) -> Lineage:
        """Return whose work a call is."""
        return Lineage(
            domain=self.seed.domain,
            seed_id=self.seed.seed_id,
            row=self.row,
            purpose=purpose,
            subject_ids=tuple(self.seed.subject_ids),
        )


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a job: a conversation, or the reason why there is none.

    Attributes:
        job: The job.
        outcome: The row, or why it was set aside.
        bill: What it cost; 0 for the work of the simulator.
        detail: One sentence on the reason, without content.
    """

    job: Job
    outcome: Conversation | Rejection
    bill: Bill = field(default_factory=Bill)
    detail: str = ""


def row_of(
    job: Job, messages: list[Message], tools: list[Json], bill: Bill, prompt_version: str
) -> Conversation:
    """Return the finished row: it names its seed, its subjects and everything that it was made with."""
    domain = domain_of(job.seed.domain)
    speakers = {"user": domain.user, "assistant": domain.assistant}
    for message in messages:
        message.speaker = speakers.get(message.role)
    return Conversation(
        conversation_id=content_id("syn", job.row, [(m.role, m.content) for m in messages]),
        domain=job.seed.domain,
        messages=messages,
        language=job.language,
        seed_id=job.seed.seed_id,
        tools=tools or None,
        metadata={
            "subject_ids": list(job.seed.subject_ids),
            "generation": {
                "model": bill.model,
                "provider": bill.provider,
                "prompt_version": prompt_version,
                "sample": job.sample,
                "round": job.round,
                "simulator": bill.model.startswith(OFFLINE),
                "cost_usd": bill.cost_usd,
            },
        },
    )
