"""A knowledge base is text of files, by paragraph and by object; a file that can't be read is named, not quoted."""

from pathlib import Path

import pytest

from uncase_pipeline.dialogue.knowledge import read_knowledge
from uncase_pipeline.errors import UncaseError


def test_files_give_paragraphs_and_objects(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("uno\ndos\n\n\ntres\n", "utf-8")
    (tmp_path / "b.jsonl").write_text('{"q": "cuatro"}\n\n["cinco"]\n', "utf-8")
    (tmp_path / "c.json").write_text('{"x": {"y": "seis"}}', "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    texts = read_knowledge(tmp_path)
    assert texts[:2] == ("uno\ndos", "tres") and len(texts) == 5
    assert all(word in text for word, text in zip(("cuatro", "cinco", "seis"), texts[2:], strict=True))
    assert read_knowledge(tmp_path / "a.txt") == texts[:2] and read_knowledge(None) == ()


def test_a_line_of_jsonl_ends_at_its_line_feed_only(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"q": "uno\u2028dos\x85tres"}\r\n{"q": "cuatro"}\r\n'.encode())
    assert read_knowledge(tmp_path) == ("q\nuno\u2028dos\x85tres", "q\ncuatro")


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
