"""Rework asks what certification will ask: the same thresholds and the same knowledge base."""

from pathlib import Path

from uncase_pipeline.certified.row_judge import row_judge
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings
from uncase_pipeline_tests.certified.examples import dialogue, seed_of, with_turn
from uncase_pipeline_tests.certified.test_knowledge import DOMAIN, FACT, STATED
from uncase_pipeline_tests.synthetic.builders import Clean


def would_pass(row: Conversation, settings: Settings) -> bool:
    return row_judge(Clean(), settings)(row, seed_of(dialogue())).passed


def test_a_fact_of_the_knowledge_base_needs_no_rework(house: Settings, tmp_path: Path) -> None:
    (tmp_path / DOMAIN).mkdir()
    (tmp_path / DOMAIN / "ficha.md").write_text(FACT, "utf-8")
    assert not would_pass(STATED, house)
    assert would_pass(STATED, house.model_copy(update={"knowledge": tmp_path}))


def test_a_stricter_threshold_asks_for_rework(house: Settings) -> None:
    row = with_turn(dialogue(), 3, "Sí, la recibimos a cuenta.")
    assert would_pass(row, house)
    assert not would_pass(row, house.model_copy(update={"thresholds": {"diversity": 0.99}}))
