import asyncio
from typing import Any

from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.quality import QualityReport, Score
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.job import Job, Made
from uncase_pipeline.synthetic.rework import feedback, reworked
from uncase_pipeline_tests.synthetic.builders import Scripted, Simulated, seed
from uncase_pipeline_tests.synthetic.test_generate import FOUR, said


class Strict:
    """A judge that refuses so many times."""

    def __init__(self, refusals: int) -> None:
        self.left = refusals
        self.asked = 0

    def __call__(self, row: Conversation, _seed: Seed) -> QualityReport:
        self.asked += 1
        self.left -= 1
        scores = {
            "rouge_l": Score("rouge_l", 0.5, 0.65, "at_least", "6 of 12 steps."),
            "fidelity": Score("fidelity", 1.0, 0.9, "at_least", "fine"),
            "judge": Score("judge", None, 0.5, "at_least", "off", gates=False),
        }
        passed = self.left < 0
        return QualityReport(row.conversation_id, row.seed_id, scores, 0.5, "rouge_l", passed)


def made(door: Any, judge: Strict, rounds: int, **changes: Any) -> Made:
    config = Settings(**{"model": "openai/test", "generation_tries": 0, **changes})
    return asyncio.run(reworked(door, config, judge, rounds=rounds)(Job(seed(), 0, 7)))


def test_a_refused_conversation_goes_back_with_what_failed_and_by_how_much():
    door = Scripted(said(*FOUR), said(*FOUR))
    outcome = made(door, Strict(1), 2).outcome
    assert isinstance(outcome, Conversation)
    assert outcome.metadata["generation"]["round"] == 1
    prompt = door.requests[1].messages[0]["content"]
    assert "rouge_l is 0.50 and must be at least 0.65 (off by 0.15). 6 of 12 steps." in prompt
    assert "fidelity" not in prompt.partition("Correct this")[2]
    assert door.requests[0].key != door.requests[1].key


def test_it_stops_after_the_rounds_and_hands_on_the_last_attempt():
    judge = Strict(9)
    door = Scripted(*[said(*FOUR)] * 3)
    outcome = made(door, judge, 2).outcome
    assert isinstance(outcome, Conversation)
    assert (len(door.requests), judge.asked) == (3, 2)


def test_what_passes_is_not_made_again():
    door = Scripted(said(*FOUR))
    assert isinstance(made(door, Strict(0), 3).outcome, Conversation)
    assert len(door.requests) == 1


def test_the_costs_of_all_rounds_are_the_rows():
    def costly(_request: object) -> Any:
        reply = said(*FOUR)
        return type(reply)(reply.text, cost_usd=0.5)

    outcome = made(Scripted(costly, costly), Strict(1), 1)
    assert outcome.bill.cost_usd == 1.0
    assert outcome.outcome.metadata["generation"]["cost_usd"] == 1.0


def test_a_spoiled_rework_does_not_replace_a_finished_conversation():
    door = Scripted(said(*FOUR), *[type(said(*FOUR))("no json")] * 2)
    assert isinstance(made(door, Strict(1), 1).outcome, Conversation)


def test_a_conversation_that_was_never_finished_is_not_judged():
    judge = Strict(1)
    door = Scripted(*[type(said(*FOUR))("no json")] * 2)
    assert isinstance(made(door, judge, 2).outcome, Rejection)
    assert judge.asked == 0


def test_the_simulator_writes_another_conversation_in_the_next_round():
    config = {"model": "offline/simulator"}
    first = made(Simulated(), Strict(0), 1, **config).outcome
    second = made(Simulated(), Strict(1), 1, **config).outcome
    assert [m.content for m in first.messages] != [m.content for m in second.messages]


def test_a_score_that_was_not_computed_is_said_to_be_so():
    report = QualityReport("c", "s", {"x": Score("x", None, 0.5, "at_least", "No words.")}, 0.0, "x", False)
    assert "x could not be measured. No words." in feedback(report)
