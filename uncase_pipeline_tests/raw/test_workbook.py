"""Excel workbooks as help desks and surveys export them, and what hostile or torn ones cost."""
# ruff: noqa: E501

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from uncase_pipeline.raw import source as sources_of
from uncase_pipeline.raw.formats import workbook as module
from uncase_pipeline.raw.reader import FAULT
from uncase_pipeline_tests.raw.conftest import OPTIONS, said, turns

HEADER = ["Ticket ID", "Created at", "Author type", "Message"]
TALK = [
    HEADER,
    [1, datetime(2025, 2, 1, 10, 0), "Customer", "Is the lab open?"],
    [1, datetime(2025, 2, 1, 10, 5), "Agent", "Until six"],
]
OPEN = [("user", "Is the lab open?"), ("assistant", "Until six")]


def workbook(*sheets: list[list[object]], merged: str | None = None) -> bytes:
    """A workbook with these sheets, as Excel writes it."""
    book = Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    if merged:
        book.worksheets[0].merge_cells(merged)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def changed(content: bytes, member: str, change: Callable[[bytes], bytes], **extra: bytes) -> bytes:
    """The workbook with another text in one of its parts, and with more parts."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
        for name, data in extra.items():
            new.writestr(name, data)
    return held.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_INLINE = re.compile(rb't="inlineStr"><is>(<t[^>]*>.*?</t>)</is>', re.DOTALL)
_PART = b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'  # fmt: skip


def shared(content: bytes) -> bytes:
    """The workbook with its texts in one list beside the sheet, as Excel itself writes it."""
    texts: list[bytes] = []

    def point(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    moved = changed(content, SHEET, lambda xml: _INLINE.sub(point, xml))
    items = b"".join(b"<si>%b</si>" % text for text in texts)
    part = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % items
    return changed(
        moved, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", _PART), **{STRINGS: part}
    )


def test_a_sheet_with_a_row_for_each_message_is_read_as_a_table(reading):
    kept, aside = reading(workbook(TALK), "tickets.xlsx")
    assert not aside
    assert said(kept) == OPEN
    assert [m.timestamp for m in turns(kept)] == ["2025-02-01T10:00:00", "2025-02-01T10:05:00"]
    assert kept[0].source is not None
    assert kept[0].source.format == "xlsx"
    assert kept[0].metadata["key"] == "1"


def test_texts_that_lie_in_one_list_beside_the_sheet_are_read(reading):
    content = shared(workbook(TALK))
    assert b"Until six" not in zipfile.ZipFile(io.BytesIO(content)).read(SHEET)
    kept, aside = reading(content, "tickets.xlsx")
    assert not aside
    assert said(kept) == OPEN


def test_a_sheet_with_a_conversation_in_each_row_is_read(reading):
    rows = [["Pregunta", "Respuesta"], ["¿Precio?", "Diez euros"], ["¿Abren?", "Sí"]]
    kept, aside = reading(workbook(rows), "faq.xlsx")
    assert not aside
    assert [[m.content for m in item.messages] for item in kept] == [
        ["¿Precio?", "Diez euros"],
        ["¿Abren?", "Sí"],
    ]


def test_titles_above_the_header_and_columns_without_a_name_are_passed_over(reading):
    rows = [["Export of January"], [], *[[*row, None, "x"] for row in TALK]]
    rows[2] = [*HEADER]
    kept, aside = reading(workbook(rows), "a.xlsx")
    assert not aside
    assert said(kept) == OPEN


def test_every_sheet_that_holds_a_dialogue_is_read_and_every_other_is_set_aside(reading):
    other = [[2, *row[1:]] for row in TALK]
    content = workbook([["Total", 2], ["Open", 1]], TALK, [], [HEADER, *other[1:]])
    kept, aside = reading(content, "a.xlsx")
    assert said(kept) == OPEN * 2
    assert [item.reason for item in aside] == ["sheet-without-dialogue"]
    positions = [item.source.position for item in kept if item.source]
    assert len(set(positions)) == len(positions)


def test_merged_cells_give_their_id_to_the_rows_below(reading):
    kept, aside = reading(workbook(TALK, merged="A2:A3"), "a.xlsx")
    assert not aside
    assert [len(item.messages) for item in kept] == [2]


def test_dates_are_read_as_dates_as_serial_numbers_and_as_a_day_with_a_time(reading):
    for day, clock, when in (
        (datetime(2025, 2, 1, 10, 0, 30), None, "2025-02-01T10:00:30"),
        (45689.5, None, "2025-02-01T12:00:00"),
        ("2025-02-01 10:00", None, "2025-02-01T10:00:00"),
        (date(2025, 2, 1), time(10, 7), "2025-02-01T10:07:00"),
    ):
        header = ["Ticket ID", "Date", "Time", "Author type", "Message"]
        rows = [header, [1, day, clock, "Customer", "a"], [1, day, clock, "Agent", "b"]]
        if clock is None:
            rows = [[row[0], row[1], row[3], row[4]] for row in rows]
        kept, _ = reading(workbook(rows), "a.xlsx")
        assert [m.timestamp for m in turns(kept)] == [when, when]


def test_numbers_truths_and_returns_stand_as_they_would_in_csv(reading):
    rows = [
        HEADER,
        [1, None, "Customer", 5215512345678],
        [1, None, "Agent", 2.5],
        [1, None, "Customer", True],
        [1, None, "Agent", "one\r\ntwo"],
        [1.0, None, "Customer", " ok "],
    ]
    kept, aside = reading(workbook(rows), "a.xlsx")
    assert not aside
    assert [m.content for m in turns(kept)] == ["5215512345678", "2.5", "true", "one\ntwo", "ok"]
    assert kept[0].metadata["key"] == "1"


def test_of_a_formula_its_last_value_is_read_and_nothing_is_worked_out(reading):
    rows = [HEADER, [1, None, "Customer", "=A1&B1"], [1, None, "Agent", "ok"]]
    content = workbook(rows)
    assert [m.content for m in turns(reading(content, "a.xlsx")[0])] == ["", "ok"]
    kept, _ = reading(
        changed(content, SHEET, lambda xml: re.sub(rb'<c r="D2"[^>]*>', b'<c r="D2" t="str">', xml).replace(b"<v />", b"<v>seen</v>").replace(b"<v></v>", b"<v>seen</v>")),
        "a.xlsx",
    )  # fmt: skip
    assert [m.content for m in turns(kept)] == ["seen", "ok"]


def test_a_workbook_in_an_archive_beside_other_exports_is_read(reading):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("tickets.xlsx", workbook(TALK))
        archive.writestr("more.csv", "conversation_id,role,content\n1,user,hola\n1,agent,buenas\n")
    kept, aside = reading(held.getvalue(), "exports.zip")
    assert not aside
    assert [item.source.format for item in kept if item.source] == ["xlsx", "csv"]


def test_a_sheet_that_claims_to_be_endless_is_as_long_as_its_rows(reading):
    content = workbook(TALK)
    for change in (
        lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD99999999"', xml),
        lambda xml: xml.replace(b"</sheetData>", b'<row r="99999999999"><c r="XFD99999999999"><v>1</v></c></row></sheetData>'),
        lambda xml: xml.replace(b"</sheetData>", b'<row r="9"><c r="XFD9"><v>1</v></c></row></sheetData>'),
    ):  # fmt: skip
        kept, _ = reading(changed(content, SHEET, change), "a.xlsx")
        assert said(kept) == OPEN


def test_a_workbook_that_unpacks_to_far_more_than_it_is_a_bomb(reading):
    bomb = changed(shared(workbook(TALK)), STRINGS, lambda xml: xml + b" " * (64 << 20))
    _, aside = reading(bomb, "a.xlsx")
    assert [item.reason for item in aside] == ["zip-bomb"]


def test_a_workbook_whose_parts_are_too_much_to_hold_is_refused(reading, monkeypatch):
    monkeypatch.setattr(module, "HELD_LIMIT", 500)
    _, aside = reading(workbook(TALK), "a.xlsx")
    assert [item.reason for item in aside] == ["too-much-to-hold"]


def test_entities_that_grow_are_not_followed(reading):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    for declared in (bomb, outside):
        content = changed(
            shared(workbook(TALK)), STRINGS, lambda xml, d=declared: d + xml.replace(b"Until six", b"&a;")
        )
        kept, aside = reading(content, "a.xlsx")
        assert not kept
        assert [item.reason for item in aside] == ["bad-workbook"]


def test_rows_before_the_place_where_a_sheet_breaks_off_are_kept(reading):
    rows = [HEADER, *[[n // 2, None, ("Customer", "Agent")[n % 2], f"text {n}"] for n in range(3_000)]]
    content = changed(workbook(rows), SHEET, lambda xml: xml[: int(len(xml) * 0.9)])
    kept, aside = reading(content, "a.xlsx")
    assert [item.reason for item in aside] == ["bad-workbook"]
    assert 1_000 <= len(kept) < 1_500
    assert turns(kept)[0].content == "text 0"


def test_a_torn_workbook_and_one_without_its_parts_are_set_aside(reading):
    content = workbook(TALK)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    for torn, reason in ((content[: len(content) // 2], "bad-zip"), (held.getvalue(), "bad-workbook")):
        kept, aside = reading(torn, "a.xlsx")
        assert not kept
        assert [item.reason for item in aside] == [reason]


def test_what_a_bad_date_holds_is_not_warned_about(reading, recwarn, capfd):
    rows = [*TALK, [1, datetime(2025, 2, 1), "Agent", "x"]]
    content = changed(
        workbook(rows), SHEET, lambda xml: re.sub(rb'(<c r="B4"[^>]*><v>)[^<]*', rb"\g<1>987654321", xml)
    )
    kept, _ = reading(content, "a.xlsx")
    assert len(turns(kept)) == 3
    assert not list(recwarn)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("member", [SHEET, STRINGS, "xl/workbook.xml", "xl/styles.xml"])
def test_mutated_workbooks_never_raise_and_never_quote(reading, member: str):
    randomness = random.Random(member)
    good = shared(
        workbook([HEADER, [1, datetime(2025, 2, 1), "Customer", "zanahoria"], [1, None, "Agent", "ok"]])
    )
    nasty = [b"<", b">", b"&", b"\x00", b"\xff", b'"', b"9" * 300, b"</row>", b"<row>", b"-1", b"zanahoria"]

    def mutate(xml: bytes) -> bytes:
        content = bytearray(xml)
        for _ in range(randomness.randint(1, 4)):
            at = randomness.randrange(len(content))
            content[at : at + randomness.choice([0, 0, 1, 9])] = randomness.choice(nasty)
        return bytes(content)

    for _ in range(60):
        kept, aside = reading(changed(good, member, mutate), "a.xlsx", replace(OPTIONS))
        assert kept or aside
        assert all(item.reason != FAULT and "zanahoria" not in repr(item) for item in aside)


def test_a_member_is_judged_by_what_it_unpacks_to():
    member = zipfile.ZipInfo("a")
    member.file_size, member.compress_size = 16 << 20, 1 << 10
    assert sources_of.unpacks_to_more_than_allowed(member)
    member.compress_size = 1 << 20
    assert not sources_of.unpacks_to_more_than_allowed(member)


def test_a_workbook_that_asks_for_a_password_is_refused_by_what_it_is(reading):
    start = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    _, aside = reading(start, "a.xlsx")
    assert [item.reason for item in aside] == ["encrypted-workbook"]


def test_a_workbook_whose_styles_would_be_held_as_a_huge_tree_is_refused(reading, monkeypatch):
    assert said(reading(workbook(TALK), "a.xlsx")[0])
    monkeypatch.setattr(module, "_TREES_LIMIT", 500)
    kept, aside = reading(workbook(TALK), "a.xlsx")
    assert not kept
    assert [item.reason for item in aside] == ["too-much-to-hold"]
