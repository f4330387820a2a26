"""Every hostile file is set aside with its reason, alone where it can be, and quotes nothing."""

import gzip
import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from uncase_pipeline.raw.reader import read, sources, walk
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline_tests.raw.conftest import OPTIONS, read_all

GOOD = b'{"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]}'
SECRET = "zanahoria"


def line(content: str) -> bytes:
    return b'{"messages": [{"role": "user", "content": ' + content.encode() + b"}]}"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(GOOD[:-20], "bad-json", id="truncated"),
        pytest.param(line('"zanahoria \\ud800"'), "lone-surrogate", id="lone surrogate"),
        pytest.param(line('"zanahoria \\u0000"'), "null-byte", id="escaped null"),
        pytest.param(line('"zanahoria \x00"'), "null-byte", id="raw null"),
        pytest.param(line("NaN"), "bad-number", id="NaN"),
        pytest.param(line("-Infinity"), "bad-number", id="Infinity"),
        pytest.param(line("9" * 10_000), "bad-number", id="number of ten thousand digits"),
        pytest.param(line("[" * 100_000 + "]" * 100_000), "json-too-deep", id="nested 100,000 deep"),
        pytest.param(b'{"a": {"b": 1, "b": 2}, ' + GOOD[1:], "duplicate-key", id="duplicate key"),
        pytest.param(b'{"messages": [{"role": "user", "content": "ni\xf1a"}]}', "bad-encoding", id="latin-1"),
    ],
)
def test_a_bad_line_is_set_aside_alone_with_its_reason(reading, bad: bytes, reason: str):
    good_lines = [GOOD, GOOD.replace(b"hola", "ñandú".encode()), GOOD.replace(b"hola", "ánimo".encode())]
    kept, aside = reading(b"\n".join([good_lines[0], bad, *good_lines[1:]]) + b"\n", "export.jsonl")
    assert len(kept) == 3
    assert [rejection.reason for rejection in aside] == [reason]
    assert aside[0].where.endswith("record 1")
    assert SECRET not in repr(aside)


@pytest.mark.parametrize("framing", ["lines", "array"])
def test_a_truncated_file_loses_only_its_last_record(reading, framing: str):
    content = b"\n".join([GOOD] * 3) if framing == "lines" else b"[" + b",".join([GOOD] * 3) + b"]"
    kept, aside = reading(content[:-30], "export.json")
    assert len(kept) == 2
    assert [rejection.reason for rejection in aside] == ["bad-json" if framing == "lines" else "truncated"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('{"content": NaN}', "bad-number"),
        ("[" * 100_000 + "]" * 100_000, "json-too-deep"),
        ('{"a": 1, "a": 2}', "duplicate-key"),
    ],
)
def test_a_bad_element_of_an_array_is_set_aside_alone(reading, bad: str, reason: str):
    kept, aside = reading(b"[" + GOOD + b",\n" + bad.encode() + b"," + GOOD + b"]", "export.json")
    assert len(kept) == 2
    assert [rejection.reason for rejection in aside] == [reason]


def test_an_element_that_is_too_long_is_skipped_and_reading_goes_on(reading):
    from dataclasses import replace

    long = GOOD.replace(b"hola", b"x" * 3_000_000)
    options = replace(OPTIONS, max_record_bytes=1_000_000)
    for content in (b"[" + b",".join([GOOD, long, GOOD]) + b"]", b"\n".join([GOOD, long, GOOD])):
        kept, aside = reading(content, "export.json", options)
        assert len(kept) == 2
        assert [rejection.reason for rejection in aside] == ["record-too-long"]


@pytest.mark.parametrize(
    "kind",
    [
        "jsonl",
        "csv",
        pytest.param("json", marks=pytest.mark.slow),
        pytest.param("txt", marks=pytest.mark.slow),
    ],
)
def test_a_line_of_200_megabytes_is_not_held_in_memory(tmp_path: Path, kind: str):
    path = tmp_path / f"huge.{kind}"
    heads = {
        "jsonl": (GOOD + b"\n", b'{"messages": [{"role": "user", "content": "', b'"}]}\n' + GOOD + b"\n"),
        "json": (b"[" + GOOD + b",", b'{"messages": [{"role": "user", "content": "', b'"}]},' + GOOD + b"]"),
        "csv": (
            b"conversation_id,role,content\nc1,user,hola\nc1,agent,buenas\n",
            b"c2,user,",
            b"\nc3,user,hola\n",
        ),
        "txt": (b"13/03/24, 9:05 - Ana: hola\n", b"13/03/24, 9:06 - Luis: ", b"\n13/03/24, 9:07 - Ana: ok\n"),
    }
    before, start, after = heads[kind]
    with path.open("wb") as file:
        file.write(before + start)
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(after)
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from uncase_pipeline_tests.raw.conftest import read_all\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "kept, aside = read_all(Path(sys.argv[1]))\n"
        "used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024\n"
        "print(sum(len(c.messages) for c in kept), [r.reason for r in aside], used)\n"
        "assert aside and aside[0].reason == 'record-too-long', aside\n"
        "assert used < 250, used\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.startswith(("4 ", "3 ", "2 "))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", b"0" * 300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept, aside = read_all(path)
    assert not kept
    assert [rejection.reason for rejection in aside] == ["zip-bomb"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_zip_bomb_that_lies_about_its_size_is_stopped_while_reading(tmp_path: Path):
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", b"0" * 30_000_000)
    lying = path.read_bytes().replace((30_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    path.write_bytes(lying)
    kept, aside = read_all(path)
    assert not kept
    assert aside[0].reason in {"zip-bomb", "bad-zip-member", "unknown-format"}


def test_a_zip_member_that_climbs_out_is_set_aside_and_the_others_are_read(tmp_path: Path):
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.txt", "13/03/24, 9:05 - Ana: hola")
        archive.writestr("_chat.txt", "13/03/24, 9:05 - Ana: hola\n13/03/24, 9:06 - Luis: qué tal")
        archive.writestr("IMG-1.jpg", b"\xff\xd8")
    kept, aside = read_all(path)
    assert len(kept) == 1
    assert [rejection.reason for rejection in aside] == ["unsafe-path-in-zip"]
    assert not (tmp_path.parent / "evil.txt").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_whose_packed_bytes_are_torn_costs_no_other(tmp_path: Path, method: int):
    path = tmp_path / "chat.zip"
    rows = "".join(f"{n},user,hola {n}\n{n},agent,buenas\n" for n in range(500))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.csv", f"conversation_id,role,content\n{rows}")
        archive.writestr("b.csv", "conversation_id,role,content\n1,user,hola\n1,agent,buenas\n")
    torn = bytearray(path.read_bytes())
    torn[35:75] = b"\xff" * 40
    path.write_bytes(torn)
    kept, aside = read_all(path)
    assert len(kept) == 1
    assert [rejection.reason for rejection in aside] == ["bad-zip-member"]


def test_a_broken_zip_is_set_aside_whole(reading):
    kept, aside = reading(b"PK\x03\x04 nothing more", "chat.zip")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["bad-zip"]


def test_links_pipes_and_hidden_files_are_not_followed(tmp_path: Path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_bytes(GOOD)
    (inbox / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (inbox / "folder").symlink_to(outside)
    os.mkfifo(inbox / "pipe.jsonl")
    (inbox / ".hidden.jsonl").write_bytes(GOOD)
    (inbox / "good.jsonl").write_bytes(GOOD)
    found = list(walk(inbox))
    assert [path.name for path in found if isinstance(path, Path)] == ["good.jsonl"]
    reasons = sorted(item.reason for item in found if isinstance(item, Rejection))
    assert reasons == ["not-a-plain-file", "symlink", "symlink"]


@pytest.mark.parametrize("special", ["link", "pipe", "folder", "nothing"])
def test_a_special_file_that_is_named_is_refused_without_waiting(tmp_path: Path, special: str):
    path = tmp_path / "special"
    (tmp_path / "target").write_bytes(GOOD)
    if special == "link":
        path.symlink_to(tmp_path / "target")
    elif special == "pipe":
        os.mkfifo(path)
    elif special == "folder":
        path.mkdir()
    kept, aside = read_all(path)
    reasons = {
        "link": "symlink",
        "pipe": "not-a-plain-file",
        "folder": "not-a-plain-file",
        "nothing": "file-vanished",
    }
    assert not kept
    assert [rejection.reason for rejection in aside] == [reasons[special]]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 5000, b"\xef\xbb\xbf", b"   \r\n"])
def test_an_empty_file_says_so(reading, content: bytes):
    kept, aside = reading(content)
    assert not kept
    assert [rejection.reason for rejection in aside] == ["empty-file"]


def test_a_file_that_is_deleted_while_being_read_is_read_to_its_end(tmp_path: Path):
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"\n".join(GOOD.replace(b"hola", str(n).encode()) for n in range(50_000)))
    items = read(path, OPTIONS)
    next(items)
    path.unlink()
    assert sum(1 for _ in items) == 49_999


def test_a_file_without_permission_is_set_aside(tmp_path: Path):
    path = tmp_path / "export.jsonl"
    path.write_bytes(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert read_all(path)[1][0].reason == "no-permission"


def test_random_bytes_are_unknown_and_nothing_escapes(reading):
    kept, aside = reading(bytes(range(256)) * 300, "export.bin")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["unknown-format"]


def test_a_rejection_never_holds_the_name_of_a_file(tmp_path: Path):
    path = tmp_path / "Chat de WhatsApp con Lucía Prueba.txt"
    path.write_bytes(b"")
    assert "Luc" not in repr(read_all(path)[1])


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_the_encoding_is_found(reading, codec: str):
    text = (
        "conversation_id,role,content\r\n"
        + "c1,cliente,¿Cuánto cuesta el año?\r\nc1,asesor,Mañana le digo\r\n" * 3
    )
    kept, aside = reading(text.encode(codec), "export.csv")
    assert not aside
    assert kept[0].messages[0].content == "¿Cuánto cuesta el año?"


def test_the_source_is_what_was_hashed(tmp_path: Path):
    import hashlib

    path = tmp_path / "export.jsonl"
    path.write_bytes(GOOD)
    (source,) = [source.sha256 for source in sources(path) if isinstance(source, Source)]
    assert source == hashlib.sha256(GOOD).hexdigest()
    assert json.loads(GOOD)


@pytest.mark.parametrize(
    "record",
    [
        {"entry": [{"changes": 1e300}]},
        {"messages": [{"id": 1, "type": {}, "date_unixtime": "1"}]},
        {"conversation": [{"content": 0, "tool_calls": [None], "author": "a"}] * 2},
    ],
)
def test_an_oddly_made_record_costs_itself_and_not_its_file(reading, record: dict):
    good = {"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]}
    kept, aside = reading("\n".join(json.dumps(item) for item in (good, record, good)), "a.jsonl")
    assert [len(item.messages) for item in kept] == [2, 2]
    assert len(aside) == 1


def test_a_file_that_gzip_packed_is_read_and_a_bomb_or_a_torn_one_is_not(reading):
    lines = b"conversation_id,role,content\n1,user,hola\n1,agent,buenas\n"
    kept, aside = reading(gzip.compress(lines), "turns.csv.gz")
    assert not aside
    assert len(kept[0].messages) == 2
    bomb = gzip.compress(b"x" * (64 << 20))
    for content, reason in ((bomb, "zip-bomb"), (gzip.compress(lines)[:-12], "bad-gzip")):
        kept, aside = reading(content, "a.gz")
        assert not kept
        assert [rejection.reason for rejection in aside] == [reason]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("xl/workbook.bin", "spreadsheet"),
        ("content.xml", "spreadsheet"),
        ("[Content_Types].xml", "office-document"),
    ],
)
def test_a_workbook_or_a_document_is_refused_by_its_name(tmp_path: Path, inside: str, reason: str):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(inside, "<x/>")
    _, aside = read_all(tmp_path / "a.xlsx")
    assert [rejection.reason for rejection in aside] == [reason]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\n", "pdf"),
        (b"{\\rtf1\\ansi Cliente: hola\\par}", "rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old-office-file"),
        (b"<!DOCTYPE html>\n<html><body><div class='message'>hola</div></body></html>", "html"),
    ],
)
def test_a_file_that_no_format_reads_is_refused_by_what_it_is(reading, start: bytes, reason: str):
    _, aside = reading(start, "export")
    assert [rejection.reason for rejection in aside] == [reason]


def test_a_transcript_that_begins_like_a_page_or_a_document_is_still_read(reading):
    for start in ("<html>", "%PDF"):
        kept, aside = reading(f"{start}\nCliente: hola\nAgente: buenas\n", "chat.txt")
        assert not aside
        assert len(kept[0].messages) == 2


@pytest.mark.parametrize(
    "content",
    [
        "13/03/24, 9:05 - Ana: hola\n13/03/24, 9:06 - Luis: buenas{blanks}>\n",
        "Cliente: hola\nAgente: buenas\n9:05{blanks}x\n",
        "Ana 15/01/2024 9:05\nhola\nLuis 15/01/2024 9:06\nbuenas\nx{blanks}x\n",
    ],
)
def test_a_long_run_of_blanks_in_a_line_does_not_keep_the_reader(reading, content: str):
    kept, aside = reading(content.format(blanks=" " * 500_000), "chat.txt")
    assert not aside
    assert sum(len(item.messages) for item in kept) == 2
