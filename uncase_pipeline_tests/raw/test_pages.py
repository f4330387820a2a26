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
    kept, aside = reading(page(*OPEN) + "<a href='" + "x" * 5_000_000, "messages.html")
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


def box(author: str, body: str, at: str, name: str = "h2") -> str:
    """One message of a page of Meta."""
    return (
        f'<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><{name} class="_3-95 _2pim _a6-h _a6-i">{author}</{name}>'
        f'<div class="_3-95 _a6-p"><div><div></div><div>{body}</div><div></div><div></div></div></div><div class="_3-94 _a6-o">{at}</div></div>'
    )  # fmt: skip


def meta(*boxes: str) -> str:
    """A page of Meta, newest first."""
    return f'<html><head><base href="../../../"/><style type="text/css">.x{{}}</style><title>Mei</title></head><body class="_5vb_ _2yq _a7o5"><main class="_a706" role="main">{"".join(boxes)}</main></body></html>'


@pytest.mark.parametrize("name", ["h2", "div"])
def test_a_page_of_messenger_or_instagram_is_read_oldest_first(reading, name: str):
    liked = '<ul class="_a6-q"><li><span>❤Mei Tanaka (Sep 24, 2025 10:44 pm)</span></li></ul>'
    kept, aside = reading(
        meta(
            box("Tienda Sol", f"Sí, mañana &amp; tarde{liked}", "Sep 24, 2025, 10:46:12 PM", name),
            box("Mei Tanaka", "<a href='photos/1.jpg'><img src='photos/1.jpg' class='_a6_o _3-96'/></a>", "Sep 24, 2025, 10:45:00 PM", name),
            box("Mei Tanaka", "Liked a message", "Sep 24, 2025, 10:44:30 PM", name),
            box("Mei Tanaka", "¿Abren?<br>¿Mañana?", "Sep 24, 2025, 10:44:12 PM", name),
        ),
        "message_1.html",
    )  # fmt: skip
    assert not aside
    assert [(m.role, m.kind, m.content) for m in turns(kept)] == [
        ("user", "text", "¿Abren?\n¿Mañana?"),
        ("system", "system", "Liked a message"),
        ("user", "media", "photo"),
        ("assistant", "text", "Sí, mañana & tarde"),
    ]
    assert turns(kept)[0].timestamp == "2025-09-24T22:44:12"


def test_pages_of_meta_in_other_languages_say_when(reading):
    for at in ("24 sept. 2025, 22:44:12", "24.09.2025, 22:44:12", "24 de set. de 2025 22:44:12", "Sept. 24, 2025 10:44:12 pm"):  # fmt: skip
        kept, _ = reading(meta(box("A", "hola", at), box("B", "buenas", at)), "message_1.html")
        assert [m.timestamp for m in turns(kept)] == ["2025-09-24T22:44:12"] * 2


def test_a_page_of_meta_that_holds_posts_is_no_chat(reading):
    posts = [box(f"caption {n}", "x", "Sep 24, 2025 10:44 pm") for n in range(9)]
    kept, aside = reading(meta(*posts), "posts_1.html")
    assert not kept
    assert [item.reason for item in aside] == ["html"]


def chatlog(*groups: str) -> str:
    """A page of DiscordChatExporter; it leaves out quotes where it can."""
    return (
        "<!DOCTYPE html><html lang=en><head><title>Acme - help</title><meta charset=utf-8><style>.chatlog__message-group{margin:0}</style></head>"
        f"<body><div class=preamble><div class=preamble__entry>Acme</div></div><div class=chatlog>{''.join(groups)}</div>"
        "<div class=postamble><div class=postamble__entry>Exported 4 message(s)</div></div></body></html>"
    )


def post(number: int, content: str, author: str | None = None, at: str = "10:00 AM", more: str = "") -> str:
    """One message of it."""
    full = f"Monday, September 1, 2025 {at}"
    head = (
        f'<div class=chatlog__header><span class=chatlog__author style=color:red title={author} data-user-id=7>{author}</span> <span class=chatlog__timestamp title="{full}"><a href=#c-{number}>9/1/2025 {at}</a></span></div>'
        if author
        else f'<div class=chatlog__short-timestamp title="{full}">{at}</div>'
    )
    return (
        f"<div id=chatlog__message-container-{number} class=chatlog__message-container data-message-id={number}><div class=chatlog__message><div class=chatlog__message-aside>"
        f"{'<img class=chatlog__avatar src=x alt=Avatar loading=lazy>' if author else ''}</div><div class=chatlog__message-primary>{head}{content}{more}</div></div></div>"
    )


def words(said: str) -> str:
    """The words of such a message."""
    return f'<div class="chatlog__content chatlog__markdown"><span class=chatlog__markdown-preserve>{said}</span></div>'


def test_a_page_of_discord_is_read_with_groups_replies_and_notices(reading):
    reply = "<div class=chatlog__reply><div class=chatlog__reply-author>mika</div><div class=chatlog__reply-content><span class=chatlog__reply-link>my printer</span></div></div>"
    edited = (
        '<span class=chatlog__edited-timestamp title="Monday, September 1, 2025 10:09 AM">(edited)</span>'
    )
    kept, aside = reading(
        chatlog(
            f"<div class=chatlog__message-group>{post(1, words('my printer says <em>E05</em> <img class=chatlog__emoji alt=😢 title=cry src=x>'), 'mika')}{post(2, words('it blinks'), at='10:01 AM')}</div>",
            f"<div class=chatlog__message-group>{post(3, reply + words('reseat it' + edited), 'helper', '10:02 AM')}{post(4, '<div class=chatlog__attachment><a href=a.png><img class=chatlog__attachment-media src=a.png></a></div>', at='10:03 AM')}</div>",
            "<div class=chatlog__message-group><div class=chatlog__message-container><div class=chatlog__message><div class=chatlog__message-primary><div class=chatlog__header><span class=chatlog__system-notification-author title=helper>helper</span> "
            '<span class=chatlog__system-notification-content>pinned a message to this channel.</span> <span class=chatlog__system-notification-timestamp title="Monday, September 1, 2025 10:04 AM">x</span></div></div></div></div></div>',
        ),
        "Acme - help.html",
    )  # fmt: skip
    assert not aside
    assert [(m.metadata.get("author"), m.kind, m.content) for m in turns(kept)] == [
        ("mika", "text", "my printer says E05 😢"),
        ("mika", "text", "it blinks"),
        ("helper", "edited", "reseat it"),
        ("helper", "media", "attachment"),
        (None, "system", "helper pinned a message to this channel."),
    ]
    assert [m.timestamp for m in turns(kept)][:2] == ["2025-09-01T10:00:00", "2025-09-01T10:01:00"]


MESSAGES = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<?xml-stylesheet type="text/xsl" href="sms.xsl"?>
<smses count="6" backup_set="839ed921" backup_date="1611162725896" type="full">
  <sms protocol="0" address="+15550100" date="1736935500000" type="1" subject="null" body="Can you come &quot;Tuesday&quot;?&#10;At 9 &lt;or later&gt; &#55357;&#56832;" toa="null" read="1" status="-1" readable_date="Jan 15, 2025 10:05:00 AM" contact_name="Pat Example" />
  <sms protocol="0" address="+15550200" date="1736935560000" type="1" body="hello" contact_name="(Unknown)" />
  <sms protocol="0" address="+15550100" date="1736935620000" type="2" body="Yes" contact_name="Pat Example" />
  <sms protocol="0" address="+15550100" date="1736935680000" type="3" body="a draft" contact_name="Pat Example" />
  <mms date="1736935740000" msg_box="1" address="+15550100" m_type="132" contact_name="Pat Example">
    <parts><part seq="-1" ct="application/smil" text="&lt;smil/&gt;" /><part seq="0" ct="image/png" name="pic.png" text="null" data="AAAA" /><part seq="1" ct="text/plain" text="see picture" /></parts>
    <addrs><addr address="+15550100" type="137" charset="106" /></addrs>
  </mms>
  <mms date="1736935800" msg_box="2" address="+15550200"><parts><part seq="0" ct="image/png" text="null" data="AAAA" /></parts></mms>
</smses>
"""


def test_the_text_messages_of_a_phone_are_read_by_number(reading):
    kept, aside = reading(MESSAGES, "sms-20250115.xml")
    assert [item.reason for item in aside] == ["not-sent"]
    assert [[(m.role, m.content) for m in item.messages] for item in kept] == [
        [
            ("user", 'Can you come "Tuesday"?\nAt 9 <or later> 😀'),
            ("assistant", "Yes"),
            ("user", "see picture"),
        ],
        [("user", "hello"), ("assistant", "")],
    ]
    assert turns(kept)[0].timestamp == "2025-01-15T10:05:00+00:00"
    assert turns(kept)[0].metadata["author"] == "Pat Example"
    assert len({item.subject_id for item in kept}) == 2


def test_a_backup_of_text_messages_that_breaks_off_keeps_what_it_has(reading):
    for end in range(MESSAGES.index("+15550200"), len(MESSAGES), 61):
        kept, aside = reading(MESSAGES[:end], "sms.xml")
        assert turns(kept)[0].content.startswith("Can you come")
        assert {item.reason for item in aside} <= {"not-sent", "no-number"}


SEEDS = (
    page(*OPEN),
    imessages(sent(bubble("zanahoria"), "Ana"), sent(bubble("ok"))),
    TEXT,
    meta(box("A", "zanahoria", "Sep 24, 2025 10:44 pm"), box("B", "ok", "Sep 24, 2025 10:43 pm")),
    chatlog(
        f"<div class=chatlog__message-group>{post(1, words('zanahoria'), 'mika')}{post(2, words('ok'))}</div>"
    ),
    MESSAGES,
)


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
