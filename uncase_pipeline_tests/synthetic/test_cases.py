"""What is written for cases reads as what it is there for."""

from collections.abc import Iterator
from random import Random

import pytest

from uncase_pipeline.dialogue.acts import detect_turn
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.synthetic.simulator.cases import GENERAL, Line, cases_of, grammar_of
from uncase_pipeline.synthetic.simulator.grammar import Memory
from uncase_pipeline.synthetic.simulator.language import LANGUAGES, tidy
from uncase_pipeline.synthetic.simulator.story import Story

FRAMES = (
    ("want", "user:request", "user.want", {"want": 0}),
    ("open", "user:inform", "user.tell", {"said": 0}),
    ("open", "user:explain", "user.reason", {"said": 0}),
    ("me", "user:inform", "user.tell", {"said": 0}),
    ("me", "user:explain", "user.reason", {"said": 0}),
    ("ask", "assistant:ask", "assistant.question", {"ask": 0}),
    ("ask", "user:inform", "user.reply", {"said": 1}),
    ("ask", "assistant:inform", "assistant.tell", {"said": 2}),
    ("check", "assistant:ask", "assistant.question", {"ask": 0}),
    ("check", "user:refuse inform", "user.no", {"said": 1}),
    ("check", "assistant:inform", "assistant.tell", {"said": 2}),
    ("q", "user:ask", "user.wonder", {"said": 0}),
    ("q", "assistant:inform", "assistant.answer", {"said": 1}),
    ("q", "assistant:explain", "assistant.answer.why", {"said": 1, "why": 2}),
    ("why", "assistant:explain", "assistant.reason", {"said": 0, "why": 1}),
    ("do", "assistant:propose", "assistant.offer", {"do": 0}),
    ("do", "user:refuse", "user.object", {"said": 1}),
    ("do", "assistant:explain", "assistant.calm", {"said": 2}),
    ("slip", "user:inform", "user.mistake.inform", {"said": 0}),
    ("slip", "user:ask", "user.mistake.ask", {"said": 0}),
    ("slip", "user:clarify", "user.mistake.clarify", {"said": 0}),
    ("slip", "assistant:inform", "assistant.right", {"said": 1}),
    ("slip", "assistant:clarify", "assistant.mean", {"said": 1}),
    ("deny", "assistant:refuse", "assistant.deny", {"deny": 0}),
    ("deny", "assistant:explain", "assistant.deny.why", {"why": 1}),
    ("task", "assistant:request", "assistant.task", {"task": 0}),
)
"""Which frames say the parts of a line, and the acts that each of them is."""
DRAWS = 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_line_of_a_case_can_be_said_as_the_act_that_it_is_there_for(domain: str, language: str) -> None:
    misread = [
        f"{line.key} as {step}"
        for story, line, step, frame, slots in said_lines(domain, language)
        if not any(reads_as(step, story, line, frame, slots, language) for _ in range(DRAWS))
    ]
    assert misread == []


def said_lines(domain: str, language: str) -> Iterator[tuple[Story, Line, str, str, dict[str, int]]]:
    """Yield each line of the domain with each frame that says it."""
    cases = cases_of(domain, language)
    for case in cases.values():
        values = dict.fromkeys(case.facts(), "12")
        memory = Memory(Random(1))
        about = case if case.lines.get("topic") else cases[GENERAL]
        story = Story((about, cases[GENERAL]), values, memory, grammar_of(domain, language), lambda _: False)
        for kind, step, frame, slots in FRAMES:
            for line in case.lines.get(kind, ()):
                if max(slots.values()) < len(line.parts):
                    yield story, line, step, frame, slots


def reads_as(step: str, story: Story, line: Line, frame: str, slots: dict[str, int], language: str) -> bool:
    role, _, acts = step.partition(":")
    text = tidy(story.frame(frame, **{name: story.say(line, part) for name, part in slots.items()}), language)
    return detect_turn(Message("user" if role == "user" else "assistant", text), language) == acts.split()
