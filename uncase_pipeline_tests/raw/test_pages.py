"""Chats that are exported as pages: Telegram Desktop's and imessage-exporter's, and its text files."""
# ruff: noqa: E501

import html
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from uncase_pipeline.raw.reader import FAULT
from uncase_pipeline_tests.raw.conftest import OPTIONS, read_all, said, turns

USERPIC = '<div class="pull_left userpic_wrap"><div class="userpic userpic3"><div class="initials" style="line-height: 42px">\nA\n</div></div></div>'


def message(
    number: int, body: str, author: str | None = None, at: str = "10:00:00", zone: str = " UTC+01:00"
) -> str:
    """One message as Telegram Desktop writes it; joined to the one above where it names nobody."""
    name = f'\n  <div class="from_name">\n{author} \n  </div>\n' if author else ""
    joined = "" if author else " joined"
    return (
        f'\n<div class="message default clearfix{joined}" id="message{number}">\n {USERPIC if author else ""}\n <div class="body">\n'
        f'\n  <div class="pull_right date details" title="03.02.2025 {at}{zone}">\n{at[:5]}\n  </div>\n{name}{body}\n </div>\n\n</div>\n'
    )


def text(said: str) -> str:
    """The words of a message."""
    return f'\n  <div class="text">\n{said}\n  </div>\n'


def day(number: int, shown: str) -> str:
    """What divides the days of a page, and tells what happened."""
    return f'\n<div class="message service" id="message{number}">\n\n <div class="body details">\n{shown}\n </div>\n\n</div>\n'


def page(*parts: str, title: str = "Ana Cruz") -> str:
    """A page of messages."""
    return (
        '<!DOCTYPE html>\n<html>\n <head>\n  <meta charset="utf-8"/>\n<title>Exported Data</title>\n  <script src="js/script.js" type="text/javascript"></script>\n'
        f' </head>\n <body onload="CheckLocation();">\n  <div class="page_wrap">\n   <div class="page_header">\n    <div class="content">\n     <div class="text bold">\n{title}\n     </div>\n    </div>\n   </div>\n'
        f'   <div class="page_body chat_page">\n    <div class="history">\n{"".join(parts)}\n    </div>\n   </div>\n  </div>\n </body>\n</html>\n'
    )  # fmt: skip


OPEN = (
    message(1, text("¿Abren <strong>hoy</strong>?"), "Ana Cruz"),
    message(2, text("Necesito un turno"), at="10:00:20"),
    message(3, text("Sí, hasta las 6"), "Clínica Sol", at="10:01:00"),
)


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
    kept, aside = reading(page(*OPEN) + "<a href='" + "x" * 3_000_000, "messages.html")
    assert [item.reason for item in aside] == ["bad-html"]
    assert len(turns(kept)) == 3


def test_a_page_of_something_else_is_refused_by_what_it_is(reading):
    _, aside = reading("<!DOCTYPE html><html><body><div class='message'>hola</div></body></html>", "a.html")
    assert [item.reason for item in aside] == ["html"]


def sent(body: str, sender: str = "Me", at: str = "5:29:42 PM", more: str = "") -> str:
    """One message of a page of imessage-exporter."""
    side = "sent" if sender == "Me" else "received"
    return (
        f'<div class="message">\n    <div class="{side} iMessage">\n        <p>\n            <span class="timestamp">\n                <a title="Reveal in Messages app" href="sms://open?message-guid=X">May 17, 2025  {at}</a>\n                (Read by them after 1 hour)\n            </span>\n            \n'
        f'            <span class="sender">{sender}</span>\n        </p>\n        <hr>\n<div class="message_part">\n    {body}\n    </div>\n\n        {more}\n    </div>\n</div>\n'
    )  # fmt: skip


def bubble(said: str) -> str:
    """The words of such a message."""
    return f'<span class="bubble">{html.escape(said)}</span>'


def imessages(*parts: str) -> str:
    """A page of imessage-exporter."""
    return f'<html>\n<head>\n<meta charset="UTF-8">\n<style>.message {{ margin: 1%; }}</style>\n</head>\n<body>\n{"".join(parts)}</body></html>'


def test_a_page_of_imessage_exporter_is_read(reading):
    kept, aside = reading(
        imessages(
            '<div class="announcement"><p><span class="timestamp">May 17, 2025  5:00:00 PM</span> You named the conversation Taller</p></div>',
            sent(bubble("¿Está listo <el auto>?"), "+15555550123"),
            sent(bubble("Sí, venga"), at="5:30:00 PM", more='<div class="tapbacks"><p>Tapbacks:</p><div class="tapback"><b>Loved</b> by +15555550123</div></div>'),
            sent('<div class="attachment"><img src="attachments/1/2.jpeg"></div>', "+15555550123", at="5:31:00 PM"),
        ),
        "+15555550123.html",
    )  # fmt: skip
    assert not aside
    assert [(m.role, m.kind, m.content) for m in turns(kept)] == [
        ("system", "system", "You named the conversation Taller"),
        ("user", "text", "¿Está listo <el auto>?"),
        ("assistant", "text", "Sí, venga"),
        ("user", "media", ""),
    ]
    assert turns(kept)[1].timestamp == "2025-05-17T17:29:42"


def test_an_answer_that_stands_below_what_it_answers_too_is_read_once(reading):
    thread = f'<div class="replies"><div class="reply" id="r-1">{sent(bubble("mañana"), at="6:00:00 PM")}</div></div>'
    kept, _ = reading(
        imessages(
            sent(bubble("¿cuándo?"), "Ana", more=thread),
            sent(bubble("mañana"), at="6:00:00 PM", more='<span class="reply_context">This message responded to an earlier message.</span>'),
        ),
        "Ana.html",
    )  # fmt: skip
    assert [m.content for m in turns(kept)] == ["¿cuándo?", "mañana"]


TEXT = """May 17, 2025  5:29:42 PM (Read by them after 1 hour, 49 seconds)
Me
¿Sigue en pie la cita?

Y otra cosa: traiga la póliza
Tapbacks:
    Loved by Lena Whitford

    May 17, 2025  6:02:10 PM
    Lena Whitford
    Sí, allí estaré

May 17, 2025  6:02:10 PM
Lena Whitford
Sí, allí estaré
This message responded to an earlier message.

May 17, 2025  6:03:00 PM Lena Whitford added Raj Patel to the conversation.

May 17, 2025  6:04:00 PM
Raj Patel
attachments/AB/CD/IMG_1234.HEIC

May 17, 2025 11:04:00 PM
Me
Me unsent a message!

"""


def test_a_text_file_of_imessage_exporter_is_read(reading):
    for content in (TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT):
        kept, aside = reading(content, "Lena Whitford, Raj Patel.txt")
        assert not aside
        assert [(m.metadata.get("author"), m.kind, m.content) for m in turns(kept)] == [
            ("Me", "text", "¿Sigue en pie la cita?\n\nY otra cosa: traiga la póliza"),
            ("Lena Whitford", "text", "Sí, allí estaré"),
            (None, "system", "Lena Whitford added Raj Patel to the conversation."),
            ("Raj Patel", "media", "attachments/AB/CD/IMG_1234.HEIC"),
            ("Me", "deleted", "Me unsent a message!"),
        ]
        assert [m.timestamp for m in turns(kept)][-1] == "2025-05-17T23:04:00"
        assert kept[0].source is not None
        assert kept[0].source.format == "imessage"


def test_a_text_file_that_breaks_off_anywhere_keeps_what_it_has(reading):
    for end in range(TEXT.index("Y otra"), len(TEXT), 23):
        kept, aside = reading(TEXT[:end], "a.txt")
        assert not aside
        assert turns(kept)[0].content.startswith("¿Sigue en pie la cita?")


SEEDS = (page(*OPEN), imessages(sent(bubble("zanahoria"), "Ana"), sent(bubble("ok"))), TEXT)


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_pages_never_raise_and_never_quote(reading, seed: str):
    randomness = random.Random(seed)
    nasty = [
        "<",
        ">",
        "</div>",
        "<div>",
        "<!--",
        "&#x110000;",
        "&#0;",
        '"',
        "\x00",
        "<![CDATA[",
        "<?",
        "zanahoria",
        "\n",
    ]
    for _ in range(60):
        content = seed
        for _ in range(randomness.randint(1, 5)):
            at = randomness.randrange(len(content))
            content = (
                content[:at] + randomness.choice(nasty) + content[at + randomness.choice([0, 0, 3, 40]) :]
            )
        kept, aside = reading(content, "messages.html")
        assert kept or aside
        assert all(item.reason != FAULT and "zanahoria" not in repr(item) for item in aside)
