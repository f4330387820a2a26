"""What imessage-exporter writes: pages and text files."""
# ruff: noqa: E501

from uncase_pipeline_tests.raw.conftest import turns
from uncase_pipeline_tests.raw.page_shapes import TEXT, bubble, imessages, sent


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
