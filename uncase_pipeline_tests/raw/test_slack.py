"""Slack's export of a channel: threads, notices, names, what people see of links and marks."""

import json

from uncase_pipeline_tests.raw.conftest import said, turns


def message(second: int, user: str, text: str, **more) -> dict:
    """One message of the export."""
    return {"type": "message", "user": user, "text": text, "ts": f"{1705309500 + second}.000100", **more}


def day(*messages: dict) -> str:
    """One file of the export."""
    return json.dumps(messages)


def test_a_thread_is_a_conversation_apart_from_the_channel(reading):
    root = "1705309500.000100"
    kept, aside = reading(
        day(
            message(0, "U1", "no imprime", thread_ts=root, user_profile={"real_name": "Ana Cruz"}),
            message(10, "U3", "feliz lunes"),
            message(20, "U2", "ya lo vemos", thread_ts=root),
            message(30, "U4", "igualmente"),
        ),
        "2024-01-15.json",
    )
    assert not aside
    assert [[m.content for m in item.messages] for item in kept] == [
        ["no imprime", "ya lo vemos"],
        ["feliz lunes", "igualmente"],
    ]
    assert said([kept[0]]) == [("user", "no imprime"), ("assistant", "ya lo vemos")]
    assert turns(kept)[0].metadata["author"] == "Ana Cruz"


def test_who_joined_is_a_notice_and_what_was_sent_edited_or_taken_back_has_its_kind(reading):
    kept, _ = reading(
        day(
            message(0, "U1", "<@U1> has joined the channel", subtype="channel_join"),
            message(1, "U1", "hola"),
            message(2, "U2", "", files=[{"name": "a.pdf"}]),
            message(3, "U2", "listo", edited={"user": "U2"}),
            message(4, "U1", "This message was deleted.", subtype="tombstone"),
        ),
        "2024-01-15.json",
    )
    assert [m.kind for m in turns(kept)] == ["system", "text", "media", "edited", "deleted"]
    assert turns(kept)[0].role == "system"


def test_marks_and_links_are_read_as_people_see_them(reading):
    text = "mira <https://x.mx/a|la guía> o <https://y.mx>, <@U2|paco> &amp; <#C1|ayuda> &lt;3 <!here>"
    kept, _ = reading(day(message(0, "U1", text), message(1, "U2", "ok")), "2024-01-15.json")
    assert turns(kept)[0].content == "mira la guía o https://y.mx, @paco & #ayuda <3 !here"


def test_a_record_that_is_no_message_is_set_aside_alone(reading):
    kept, aside = reading(day(message(0, "U1", "a"), {"type": "goodbye"}, message(1, "U2", "b")), "d.json")
    assert [m.content for m in turns(kept)] == ["a", "b"]
    assert [rejection.reason for rejection in aside] == ["not-a-message"]
