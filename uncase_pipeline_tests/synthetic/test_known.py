"""A model is told what the knowledge base holds for its seed, and nothing else of it."""

import asyncio
from pathlib import Path

import pytest

from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic import scene
from uncase_pipeline.synthetic.generate import make_one
from uncase_pipeline.synthetic.job import Job
from uncase_pipeline.synthetic.known import known_for
from uncase_pipeline.synthetic.prompts import prompt
from uncase_pipeline_tests.synthetic.builders import Scripted, seed
from uncase_pipeline_tests.synthetic.test_generate import said, settings

FITS = "Elegir la forma de pago de un auto: el enganche va del 10 al 40 por ciento."
FOREIGN = "La garantía del motor cubre 36 meses."


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(f"{FOREIGN}\n\n{FITS}\n", "utf-8")
    return tmp_path


def test_only_what_shares_the_words_of_the_seed_is_told(base: Path) -> None:
    assert known_for(seed(), base) == FITS
    assert known_for(seed(), None) == ""


def test_a_long_knowledge_base_fills_a_prompt_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("\n\n".join(f"{FITS} Nota {number}." for number in range(200)), "utf-8")
    assert 1_900 < len(known_for(seed(), tmp_path)) < 2_100


def test_the_model_reads_it_before_it_answers(base: Path) -> None:
    door = Scripted(said(("user", "hola"), ("assistant", "hola")))
    asyncio.run(make_one(Job(seed(), 0, 7), door, settings(knowledge=base)))
    system = door.requests[0].messages[0]["content"]
    assert FITS in system
    assert FOREIGN not in system


def test_the_shield_reads_what_the_prompt_quotes_of_the_knowledge_base_and_the_seed(base: Path) -> None:
    door = Scripted(said(("user", "hola"), ("assistant", "hola")))
    asyncio.run(make_one(Job(seed(), 0, 7), door, settings(knowledge=base)))
    [request] = door.requests
    assert FITS in request.quoted[0]
    assert seed().objective in request.quoted


def test_the_assistant_that_answers_turn_by_turn_reads_it_and_the_user_does_not() -> None:
    told = {
        template: prompt(template, seed(), name="0", known=FITS)
        for template in ("assistant_turn", "user_turn")
    }
    assert FITS in told["assistant_turn"]
    assert FITS not in told["user_turn"]


def test_it_is_looked_up_once_per_conversation(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path | None] = []

    def counted(plan: Seed, path: Path | None) -> str:
        asked.append(path)
        return known_for(plan, path)

    monkeypatch.setattr(scene, "known_for", counted)
    config = settings(knowledge=base)
    one = scene.Scene(Job(seed(), 0, 7), config, None, None)  # type: ignore[arg-type]  # it asks nobody
    for _ in range(3):
        assert FITS in one.prompt("assistant_turn")
    assert asked == [base]
