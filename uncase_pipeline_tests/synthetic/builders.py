"""Seeds, doors and scanners for the tests of generation."""

from collections.abc import Callable
from typing import Any

from uncase_pipeline.gateway.offline import OfflineCall
from uncase_pipeline.gateway.request import Outcome, Reply, Request
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.records.seed import NumberRange, OneOf, Seed
from uncase_pipeline.synthetic.simulator.answer import answer

STEPS = [
    "user:greet", "user:request", "assistant:greet", "assistant:ask", "user:inform", "assistant:explain",
    "assistant:propose", "user:ask", "assistant:inform", "user:confirm", "user:thank", "assistant:close",
]  # fmt: skip


def seed(**changes: Any) -> Seed:
    """Return a seed of automotive sales in Spanish, changed as told."""
    fields: dict[str, Any] = {
        "seed_id": "seed_0001",
        "domain": "automotive.sales",
        "language": "es",
        "objective": "Elegir un auto y su forma de pago",
        "tone": "formal",
        "roles": ["customer", "sales_advisor"],
        "steps": STEPS,
        "facts": {
            "precio": NumberRange(minimum=200_000, maximum=420_000, unit="MXN"),
            "plazo": NumberRange(minimum=12, maximum=60, unit="month"),
            "color": OneOf(values=["rojo", "azul"]),
        },
        "subject_ids": ["subject_a"],
    }
    return Seed(**{**fields, **changes})


class Clean:
    """A scanner that finds nothing."""

    version = "clean"

    def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
        return []

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation: Conversation) -> list[Finding]:
        return []


class Simulated:
    """A door behind which only the simulator stands: no journal, no litellm."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Outcome:
        self.requests.append(request)
        reply = answer(
            OfflineCall(
                "simulator", request.messages, request.tools or [], sample=request.sample, hints=request.hints
            )
        )
        return Reply(reply.text, reply.tool_calls, reply.finish_reason, model="offline/simulator")


class Scripted:
    """A door that gives prepared answers, in order; a callable is asked for the answer to the request."""

    def __init__(self, *answers: Outcome | Callable[[Request], Outcome]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Outcome:
        self.requests.append(request)
        item = self.answers.pop(0)
        return item if isinstance(item, Reply) or not callable(item) else item(request)
