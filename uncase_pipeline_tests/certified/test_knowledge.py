from pathlib import Path

import pytest

from uncase_pipeline.certified.knowledge import read_knowledge
from uncase_pipeline.errors import UncaseError
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


def test_files_give_paragraphs_and_objects(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("uno\ndos\n\n\ntres\n", "utf-8")
    (tmp_path / "b.jsonl").write_text('{"q": "cuatro"}\n\n["cinco"]\n', "utf-8")
    (tmp_path / "c.json").write_text('{"x": {"y": "seis"}}', "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    texts = read_knowledge(tmp_path)
    assert texts[:2] == ("uno\ndos", "tres") and len(texts) == 5
    assert all(word in text for word, text in zip(("cuatro", "cinco", "seis"), texts[2:], strict=True))
    assert read_knowledge(tmp_path / "a.txt") == texts[:2] and read_knowledge(None) == ()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (None, b"", "no-such-file"),
        ("a.jsonl", b'{"ok": 1}\n{secreto', "bad-knowledge"),
        ("a.txt", b"\xff\xfe\x00", "bad-knowledge"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_quoted(
    tmp_path: Path, name: str | None, content: bytes, code: str
) -> None:
    path = tmp_path / (name or "missing.txt")
    if name:
        path.write_bytes(content)
    with pytest.raises(UncaseError) as caught:
        read_knowledge(path)
    assert caught.value.code == code and "secreto" not in str(caught.value)
