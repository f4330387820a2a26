import json

import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.records import native
from uncase_pipeline_tests.builders import conversation

TALKS = [
    conversation("u: Hola, soy Ana López y mi mail es ana@correo.mx", "a: Gracias Ana"),
    conversation("u: Bonjour, je voudrais acheter une voiture et je ne sais pas"),
]


def uncase(*arguments, **options):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)


@pytest.fixture
def talks(house, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(native.dumps(talk) for talk in TALKS) + b"\n")
    return path


def test_masked_conversations_are_written_and_the_unsure_ones_are_not(talks, tmp_path):
    out = tmp_path / "out.jsonl"
    result = uncase("anonymize", talks, "-o", out, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["conversations"], document["anonymized"], document["reasons"]) == (
        2,
        1,
        {"unsupported-language": 1},
    )
    (line,) = out.read_text().splitlines()
    assert [message["content"] for message in json.loads(line)["messages"]] == [
        "Hola, soy [PERSON_1] y mi mail es [EMAIL_1]",
        "Gracias [PERSON_1]",
    ]


def test_spans_are_in_characters_of_the_input_for_every_message(talks, tmp_path):
    spans = tmp_path / "spans.jsonl"
    uncase("anonymize", talks, "-o", tmp_path / "out.jsonl", "--spans", spans)
    first, second = (json.loads(line) for line in spans.read_text().splitlines())
    text = TALKS[0].messages[0].content
    assert [(s["type"], text[s["start"] : s["end"]]) for s in first["messages"][0]["spans"]] == [
        ("PERSON", "Ana López"),
        ("EMAIL", "ana@correo.mx"),
    ]
    assert second["quarantined"] == "unsupported-language"
    assert "Ana" not in spans.read_text()


def test_surrogates_read_like_text_and_are_stable(talks, tmp_path):
    outs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for out in outs:
        uncase("anonymize", talks, "-o", out, "--policy", "surrogates")
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert "[PERSON" not in outs[0].read_text()
    assert "Ana" not in outs[0].read_text()


def test_a_bad_line_is_one_sentence_without_its_content_and_leaves_no_output(house, tmp_path):
    bad, out = tmp_path / "bad.jsonl", tmp_path / "out.jsonl"
    bad.write_text('{"conversation_id": "c", "domain": 5, "messages": ["secreto de Ana"]}\n')
    result = uncase("anonymize", bad, "-o", out)
    assert result.exit_code == 2
    assert "secreto" not in result.output
    assert list(tmp_path.glob("*out*")) == []


def test_scan_counts_per_type_and_shows_no_text(house):
    result = uncase("scan", "--json", input="soy Ana López, dni 12345678Z\n")
    document = json.loads(result.stdout)
    assert document["entities"] == {"PERSON": 1, "DNI": 1}
    assert "findings" not in document
    assert "López" not in result.output


def test_scan_shows_masked_context_only_when_asked(house):
    result = uncase("scan", "--json", "--context", input="soy Ana López, dni 12345678Z\n")
    contexts = [finding["context"] for finding in json.loads(result.stdout)["findings"]]
    assert contexts == ["soy [PERSON], dni ", "soy [PERSON], dni [DNI]"]


def test_scan_reads_files_and_folders_and_fails_when_asked_to(house, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("mail: ana@correo.mx\n")
    (tmp_path / "texts" / "b.jsonl").write_text('{"note": "llamar al 55 1234 5678"}\n')
    result = uncase("scan", tmp_path / "texts", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["entities"] == {"EMAIL": 1, "PHONE": 1}
    assert uncase("scan", tmp_path / "texts", "--fail").exit_code == 1
    assert uncase("scan", tmp_path / "absent").exit_code == 2


def test_an_empty_quarantine_says_so_and_an_unknown_id_is_a_bad_call(house):
    assert "Nothing is held" in uncase("quarantine", "list").output
    assert uncase("quarantine", "release", "conv_x").exit_code == 2
