"""Telegram Desktop's pages."""
# ruff: noqa: E501

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from uncase_pipeline_tests.raw.conftest import OPTIONS, read_all, said, turns
from uncase_pipeline_tests.raw.page_shapes import OPEN, day, message, page, text


def test_a_page_of_telegram_is_read_with_joined_messages_under_the_name_above(reading):
    kept, aside = reading(page(day(-1, "3 February 2025"), *OPEN), "messages.html")
    assert not aside
    assert said(kept) == [
        ("user", "¿Abren hoy?"),
        ("user", "Necesito un turno"),
        ("assistant", "Sí, hasta las 6"),
    ]
    assert [m.timestamp for m in turns(kept)][::2] == [
        "2025-02-03T10:00:00+01:00",
        "2025-02-03T10:01:00+01:00",
    ]
    assert kept[0].source is not None
    assert kept[0].source.format == "telegram-html"


def test_breaks_links_entities_and_blanks_are_read_as_people_see_them(reading):
    words = 'uno<br>dos &amp; <a href="https://x.mx/q?a=1">aquí</a>  &lt;3<br><br><span class="spoiler">tres</span><pre>a\nb</pre>'
    kept, _ = reading(page(message(1, text(words), "Ana"), message(2, text("ok"), "Luis")), "messages.html")
    assert turns(kept)[0].content == "uno\ndos & aquí <3\n\ntres\na b"


def test_what_happened_is_a_notice_and_the_days_between_are_nothing(reading):
    kept, _ = reading(
        page(day(-1, "3 February 2025"), day(7, "Ana Cruz created group «Turnos» with members Luis"), *OPEN, day(-2, "4 February 2025")),
        "messages.html",
    )  # fmt: skip
    assert [(m.role, m.content) for m in turns(kept) if m.kind == "system"] == [
        ("system", "Ana Cruz created group «Turnos» with members Luis")
    ]


def test_what_is_answered_passed_on_or_reacted_to_does_not_take_the_place_of_what_was_said(reading):
    answer = '\n  <div class="reply_to details">\nIn reply to <a href="#go_to_message1" onclick="return GoToMessage(1)">this message</a>\n  </div>\n'
    passed_on = (
        '<div class="pull_left forwarded userpic_wrap"><div class="userpic userpic5"><div class="initials">B</div></div></div>'
        '<div class="forwarded body"><div class="from_name">\nBanco <span class="date details" title="01.02.2025 09:00:00 UTC+01:00"> 01.02.2025 09:00:00</span>\n</div>'
        + text("Su tarjeta llegó")
        + "</div>"
    )
    liked = '<span class="reactions"><span class="reaction"><span class="emoji">👍</span><span class="count">2</span></span></span>'
    kept, aside = reading(
        page(message(1, text("hola"), "Ana"), message(2, answer + text("buenas") + liked, "Luis"), message(3, passed_on, "Ana"), message(4, text("¿es cierto?"))),
        "messages.html",
    )  # fmt: skip
    assert not aside
    assert [(m.metadata["author"], m.content) for m in turns(kept)] == [
        ("Ana", "hola"), ("Luis", "buenas"), ("Ana", "Su tarjeta llegó"), ("Ana", "¿es cierto?"),
    ]  # fmt: skip
    assert turns(kept)[2].timestamp == "2025-02-03T10:00:00+01:00"


@pytest.mark.parametrize(
    ("body", "kind", "content"),
    [
        ('<div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/photo_1.jpg"><img class="photo" src="photos/photo_1_thumb.jpg" style="width: 260px"/></a></div>', "media", "photo"),
        ('<div class="media_wrap clearfix"><div class="media clearfix pull_left media_voice_message"><div class="fill pull_left"></div><div class="body"><div class="title bold">Voice message</div><div class="status details">00:05, 12 KB</div></div></div></div>', "media", "Voice message"),
        ('<div class="media_wrap clearfix"><a class="media clearfix pull_left block_link media_location" href="https://maps.google.com/maps?q=1,2"><div class="fill pull_left"></div><div class="body"><div class="title bold">Location</div><div class="status details">1.0, 2.0</div></div></a></div>', "location", "Location"),
        ('<div class="media_wrap clearfix"><div class="media clearfix pull_left media_call success"><div class="fill pull_left"></div><div class="body"><div class="title bold">Ana Cruz</div><div class="status details">Outgoing (12 seconds)</div></div></div></div>', "call", "Outgoing (12 seconds)"),
        ('<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">¿Cuándo?</div><div class="details">Anonymous poll</div><div class="answer">- Hoy</div></div></div>', "poll", "¿Cuándo?"),
        ('<div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="p.jpg"><img class="photo" src="p.jpg"/></a></div><div class="text">la póliza</div>', "text", "la póliza"),
    ],
)  # fmt: skip
def test_what_is_sent_without_words_has_its_kind(reading, body: str, kind: str, content: str):
    kept, _ = reading(page(message(1, text("hola"), "Ana"), message(2, body, "Luis")), "messages.html")
    assert (turns(kept)[1].kind, turns(kept)[1].content) == (kind, content)


def test_the_pages_of_one_export_are_read_from_its_archive(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "ChatExport_2025-02-03.zip", "w") as archive:
        archive.writestr("ChatExport/messages.html", page(*OPEN))
        archive.writestr(
            "ChatExport/messages2.html", page(message(4, text("gracias"), "Ana Cruz", at="10:05:00"))
        )
        archive.writestr("ChatExport/css/style.css", "div {}")
        archive.writestr("ChatExport/js/script.js", "x")
    kept, aside = read_all(tmp_path / "ChatExport_2025-02-03.zip")
    assert not aside
    assert [m.content for m in turns(kept)][-1] == "gracias"


def test_a_silence_divides_the_conversations_of_a_page(reading):
    later = message(9, text("otra duda"), "Ana Cruz").replace("03.02.2025", "09.02.2025")
    kept, _ = reading(page(*OPEN, later), "messages.html")
    assert [len(item.messages) for item in kept] == [3, 1]


def test_a_page_that_breaks_off_keeps_what_it_has(reading):
    whole = page(*OPEN)
    for end in range(whole.index('id="message3'), len(whole), 37):
        kept, _ = reading(whole[:end], "messages.html")
        assert [m.content for m in turns(kept)][:2] == ["¿Abren hoy?", "Necesito un turno"]


def test_a_message_beyond_the_limit_is_set_aside_alone(reading):
    long = message(4, text("<b>x</b>" * 6_000), "Luis")
    kept, aside = reading(
        page(*OPEN, long, message(5, text("fin"), "Ana Cruz", at="10:02:00")),
        "messages.html",
        replace(OPTIONS, max_record_bytes=100_000),
    )
    assert [item.reason for item in aside] == ["record-too-long"]
    assert [m.content for m in turns(kept)][-1] == "fin"


def test_a_page_that_nests_without_end_or_opens_a_tag_without_end_costs_itself(reading):
    nested = message(1, text("<div>" * 20_000 + "hola"), "Ana")
    kept, _ = reading(page(nested, *OPEN), "messages.html")
    assert turns(kept)
    kept, aside = reading(page(*OPEN) + "<a href='" + "x" * 5_000_000, "messages.html")
    assert [item.reason for item in aside] == ["bad-html"]
    assert len(turns(kept)) == 3


def test_a_page_of_something_else_is_refused_by_what_it_is(reading):
    _, aside = reading("<!DOCTYPE html><html><body><div class='message'>hola</div></body></html>", "a.html")
    assert [item.reason for item in aside] == ["html"]
