from pathlib import Path

from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.certified.examples import dialogue, grade, seed_of, with_turn
from uncase_pipeline_tests.certified.test_certify import DOMAIN, certify

FACT = "El sedán azul lleva un depósito de 47 litros."
STATED = with_turn(dialogue(), 3, "Sí, la recibimos a cuenta; el sedán azul tiene un depósito de 47 litros.")


def test_a_fact_of_the_knowledge_base_supports_what_the_seed_does_not_hold() -> None:
    assert not grade(STATED).passed
    assert grade(STATED, knowledge=(FACT,)).passed
    assert not grade(STATED, knowledge=(FACT.replace("47", "45"),)).passed


def test_certification_reads_the_knowledge_base_of_the_domain(
    lake: Lake, house: Settings, tmp_path: Path
) -> None:
    for domain in (DOMAIN, "legal.advisory"):
        (tmp_path / domain).mkdir()
    elsewhere = house.model_copy(update={"knowledge": tmp_path})
    (tmp_path / "legal.advisory" / "leyes.md").write_text(FACT, "utf-8")
    assert not certify(lake, elsewhere, [STATED], [seed_of(dialogue())]).rulings[0].passed
    (tmp_path / DOMAIN / "fichas.jsonl").write_text(f'{{"modelo": {{"ficha": ["{FACT}"]}}}}\n', "utf-8")
    assert certify(lake, elsewhere, [STATED], [seed_of(dialogue())]).rulings[0].passed
