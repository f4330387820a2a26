"""One conversation while it is being written: its turns, its tools, how the model is asked. Knows no mode."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from uncase_pipeline.gateway.request import OFFLINE, RawToolCall, Request
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.job import Job
from uncase_pipeline.synthetic.known import known_for
from uncase_pipeline.synthetic.prompts import prompt, version
from uncase_pipeline.synthetic.structured import Asker, Spoiled
from uncase_pipeline.synthetic.tool_use import Toolbox

_SLACK = 8
"""Turns beyond the seed's last one after which a conversation counts as endless."""


@dataclass(slots=True)
class Scene:
    """What is known of a conversation so far.

    Attributes:
        job: What it is made from.
        settings: Model, temperature, limits.
        toolbox: The tools that it may use.
        asker: Asks the gateway and keeps the bill.
        history: The turns so far.
        results: What tools answered so far.
    """

    job: Job
    settings: Settings
    toolbox: Toolbox
    asker: Asker
    history: list[Message] = field(default_factory=list)
    results: list[Json] = field(default_factory=list)
    _known: str | None = field(default=None, init=False, repr=False)

    def prompt(self, template: str) -> str:
        """Return the system prompt of this conversation."""
        job = self.job
        return prompt(template, job.seed, name=job.name, feedback=job.feedback, known=self._told())

    def _told(self) -> str:
        if self._known is None:
            self._known = known_for(self.job.seed, self.settings.knowledge)
        return self._known

    def _quoted(self) -> tuple[str, ...]:
        """What of the prompt others wrote."""
        seed = self.job.seed
        return (self._told(), seed.objective, *seed.constraints, *seed.negative_constraints)

    def request(
        self,
        template: str,
        messages: list[Json],
        *,
        schema: Json | None = None,
        tools: list[Json] | None = None,
    ) -> Request:
        """Return the request for what comes next."""
        settings = self.settings
        return Request(
            model=settings.model,
            messages=messages,
            parameters={
                "temperature": settings.generation_temperature,
                "max_tokens": settings.generation_max_tokens,
                "seed": self.job.random_seed,
            },
            tools=tools or None,
            response_schema=schema,
            template_version=version(template),
            sample=self.job.sample,
            lineage=self.job.lineage(template),
            language=self.job.language,
            hints=self._hints(template) if OFFLINE in settings.model else {},
            quoted=self._quoted(),
        )

    def say(self, role: str, content: str) -> Message:
        """Append a turn.

        Raises:
            Spoiled: ``too-many-turns`` where the conversation does not end.
        """
        if len(self.history) >= self.job.seed.turns.maximum + _SLACK:
            raise Spoiled("too-many-turns", "The conversation did not come to an end.")
        turn = Message("user" if role == "user" else "assistant", content.strip())
        self.history.append(turn)
        return turn

    def call(self, turn: Message, calls: Sequence[RawToolCall]) -> None:
        """Put calls on a turn, run them, and append their answers."""
        turn.tool_calls, answers, results = self.toolbox.run(calls, len(self.results))
        self.history.extend(answers)
        self.results.extend(results)

    def _hints(self, template: str) -> Json:
        """Return what the simulator needs beside the prompt."""
        return {
            "seed": self.job.seed.model_dump(mode="json"),
            "schemas": self.toolbox.schemas,
            "name": self.job.name,
            "results": self.results,
            "spoken": sum(message.role != "tool" for message in self.history),
            "part": template,
        }
