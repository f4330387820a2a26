"""Word documents: what Teams and Meet write of a call, transcripts that people keep, and torn or hostile ones."""

import io
import random
import tracemalloc
import zipfile
from xml.sax.saxutils import escape

import pytest

from uncase_pipeline.raw import word
from uncase_pipeline.raw.reader import FAULT
from uncase_pipeline_tests.raw.conftest import HELLO, said, turns

_NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def document(*paragraphs: str, body: str | None = None) -> bytes:
    """A document of these paragraphs; a newline in one is a break, as Word writes it."""
    runs = (
        "<w:r><w:br/></w:r>".join(
            f"<w:r><w:t xml:space='preserve'>{escape(line)}</w:t></w:r>" for line in text.split("\n")
        )
        for text in paragraphs
    )
    inside = body or "".join(f"<w:p><w:pPr><w:pStyle w:val='a'/></w:pPr>{run}</w:p>" for run in runs)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {_NAMES}><w:body>{inside}</w:body></w:document>")
        archive.writestr("word/styles.xml", "<x/>")
        archive.writestr("docProps/core.xml", "<x/>")
    return held.getvalue()


def test_a_transcript_in_a_document_is_read(reading):
    kept, aside = reading(document("Cliente: hola", "", "Agente: buenas"), "llamada.docx")
    assert not aside
    assert said(kept) == HELLO
    assert kept[0].source is not None
    assert kept[0].source.format == "transcript"


def test_what_teams_writes_of_a_call_is_read(reading):
    said_ = ["Guten Morgen, hier ist der Support.", "Der Ofen heizt nicht.", "Seit wann?", "Seit Montag."]
    names = ("Anke Meyer", "Kuhn, Jan")
    paragraphs = [f"{names[n % 2]}   0:{3 + 6 * n:02d}\n{text}" for n, text in enumerate(said_)]
    kept, _ = reading(document("Ofen 7", "March 3, 2025, 10:00AM", "30m 12s", *paragraphs), "Ofen 7.docx")
    assert [(m.metadata["author"], m.content) for m in turns(kept)] == [
        (names[n % 2], text) for n, text in enumerate(said_)
    ]


def test_a_chat_that_was_pasted_into_a_document_is_read_as_that_chat(reading):
    kept, _ = reading(document("13/3/24, 9:05 - Ana: hola", "13/3/24, 9:06 - Agencia Sol: buenas"), "a.docx")
    assert said(kept) == HELLO
    assert kept[0].source is not None
    assert kept[0].source.format == "whatsapp"


def test_a_document_in_an_archive_is_read_beside_the_others_and_a_bad_one_costs_itself(reading):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.docx", document("Cliente: hola", "Agente: buenas"))
        archive.writestr("b.docx", document("Cliente: hola")[:-60])
        archive.writestr("c.docx", document())
        archive.writestr("d.txt", "Cliente: hola\nAgente: buenas\n")
    kept, aside = reading(held.getvalue(), "calls.zip")
    assert said(kept) == [*HELLO, *HELLO]
    assert [item.reason for item in aside] == ["bad-zip", "empty-file"]


def test_what_was_struck_out_and_what_is_beside_the_text_is_not_read(reading):
    body = (
        "<w:p><w:r><w:t>Cliente: hola</w:t></w:r><w:del><w:r><w:delText> no</w:delText></w:r></w:del></w:p>"
        "<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>Agente:</w:t><w:tab/><w:t>buenas</w:t></w:r></w:p>"
    )
    assert said(reading(document(body=body), "a.docx")[0]) == HELLO


def test_a_document_that_unpacks_to_far_more_than_it_is_a_bomb(reading, monkeypatch):
    bomb = document(body="<w:p/>" + " " * (64 << 20))
    assert [item.reason for item in reading(bomb, "a.docx")[1]] == ["zip-bomb"]
    monkeypatch.setattr(word, "_LARGEST", 100)
    large = document("Cliente: hola", "Agente: buenas")
    assert [item.reason for item in reading(large, "a.docx")[1]] == ["too-much-to-hold"]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_of_a_document_are_not_followed(reading, declared: str):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        inside = "<w:p><w:r><w:t>Cliente: &b;</w:t></w:r></w:p>"
        archive.writestr("word/document.xml", f"{declared}<w:document {_NAMES}>{inside}</w:document>")
    kept, aside = reading(held.getvalue(), "a.docx")
    assert not kept
    assert [item.reason for item in aside] == ["bad-document"]


def test_mutated_documents_never_raise_and_never_quote(reading):
    randomness = random.Random(3)
    good = document("Cliente: zanahoria", "Agente: ok")
    for _ in range(80):
        content = bytearray(good)
        for _ in range(randomness.randint(1, 6)):
            content[randomness.randrange(len(content))] = randomness.randrange(256)
        kept, aside = reading(bytes(content), "a.docx")
        assert kept or aside
        assert all(item.reason != FAULT and "zanahoria" not in repr(item) for item in aside)


def test_a_document_that_was_sent_in_a_chat_is_an_attachment_and_no_export(reading):
    for name in ("_chat.txt", "WhatsApp Chat with Ana.txt", "Chat de WhatsApp con Ana.txt"):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr(name, "13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Agencia Sol: buenas\n")
            archive.writestr("contrato.docx", document("Cliente: Ana", "Agente: Luis"))
            archive.writestr("pagina.html", "<html>x</html>")
        kept, aside = reading(held.getvalue(), "WhatsApp Chat - Ana.zip")
        assert not aside
        assert said(kept) == HELLO


def test_a_document_in_an_encoding_that_nobody_knows_costs_itself(reading):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", '<?xml version="1.0" encoding="zanahoria"?><a/>')
    kept, aside = reading(held.getvalue(), "a.docx")
    assert not kept
    assert [item.reason for item in aside] == ["bad-document"]
    assert "zanahoria" not in repr(aside)


def test_of_a_document_only_the_paragraph_that_is_read_is_held():
    body = "<w:p><w:r><w:t>hola</w:t></w:r></w:p>" + "<a/>" * 200_000 + "<w:p><w:r><w:t>fin</w:t></w:r></w:p>"
    tracemalloc.start()
    try:
        paragraphs = list(
            word._paragraphs(
                io.BytesIO(f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>".encode())
            )
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [text for text in paragraphs if text] == ["hola", "fin"]
    assert peak < 8 << 20
