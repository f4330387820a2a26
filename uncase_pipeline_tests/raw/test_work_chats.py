"""Chats of teams as their products export them: Google Chat by Takeout, Microsoft Teams by Graph, Skype."""
# ruff: noqa: E501

import json
from typing import Any

import pytest

from uncase_pipeline_tests.raw.conftest import said, turns


def google(
    number: int, text: str | None, topic: str = "t1", who: str = "Ana Ruiz", **more: Any
) -> dict[str, Any]:
    """A message as Takeout has it."""
    return {
        "creator": {"name": who, "email": f"{who.split()[0].lower()}@x.example", "user_type": "Human"},
        "created_date": f"Monday, March 3, 2025 at 10:{number:02d}:30\u202fAM UTC",
        **({} if text is None else {"text": text}),
        "topic_id": topic,
        "message_id": f"space/{topic}/{number}",
        **more,
    }


def takeout(*messages: dict[str, Any]) -> str:
    """One room of Takeout."""
    return json.dumps({"messages": list(messages)})


def test_a_room_of_google_chat_is_read_with_a_thread_apart(reading):
    kept, aside = reading(
        takeout(
            google(1, "¿abre el laboratorio?"),
            google(2, "sí, hasta las 6", who="Helpdesk"),
            google(3, "feliz lunes", "t2"),
            google(4, "igualmente", "t3", "Helpdesk"),
        ),
        "messages.json",
    )  # fmt: skip
    assert not aside
    assert [[m.content for m in item.messages] for item in kept] == [
        ["¿abre el laboratorio?", "sí, hasta las 6"],
        ["feliz lunes", "igualmente"],
    ]
    assert turns(kept)[0].timestamp == "2025-03-03T10:01:30+00:00"
    assert kept[0].source is not None
    assert kept[0].source.format == "google-chat"
    assert kept[0].subject_id


def test_what_google_chat_deleted_edited_or_attached_has_its_kind(reading):
    kept, _ = reading(
        takeout(
            google(1, "hola"),
            google(2, "listo", updated_date="Monday, March 3, 2025 at 10:30:00\u202fAM UTC"),
            google(3, None, attached_files=[{"original_name": "a.png", "export_name": "File-a.png"}]),
            google(4, None, message_state="DELETED", deletion_metadata={"deletion_type": "CREATOR"}),
        ),
        "messages.json",
    )
    assert [m.kind for m in turns(kept)] == ["text", "edited", "media", "deleted"]


def graph(
    number: int, content: str, who: str | None = "Lena Roth", html: bool = False, **more: Any
) -> dict[str, Any]:
    """A message as Graph returns it."""
    return {
        "id": str(number), "replyToId": None, "etag": str(number), "messageType": "message",
        "createdDateTime": f"2025-02-03T10:{number:02d}:00.123Z", "lastEditedDateTime": None, "deletedDateTime": None,
        "chatId": "19:a@thread.v2", "channelIdentity": None, "attachments": [], "mentions": [], "reactions": [],
        "from": {"application": None, "device": None, "user": {"id": who.lower(), "displayName": who}} if who else None,
        "body": {"contentType": "html" if html else "text", "content": content},
        **more,
    }  # fmt: skip


CHAT = [
    graph(4, "<div><div>Reset it <strong>twice</strong>&nbsp;</div></div>", "Service Desk", html=True),
    graph(3, "The badge reader is dead"),
    graph(2, "<systemEventMessage/>", None, messageType="systemEventMessage", eventDetail={"@odata.type": "#microsoft.graph.membersAddedEventMessageDetail"}),
]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#chats('19')/messages", "@odata.count": 3, "value": CHAT}),
        json.dumps(CHAT),
        "\n".join(map(json.dumps, CHAT)),
        "\n".join(json.dumps({"value": [item]}) for item in CHAT),
    ],
)  # fmt: skip
def test_a_chat_of_teams_is_read_oldest_first_from_pages_arrays_and_lines(reading, content: str):
    kept, aside = reading(content, "messages.json")
    assert not aside
    assert said(kept) == [
        ("system", "membersAdded"), ("user", "The badge reader is dead"), ("assistant", "Reset it twice"),
    ]  # fmt: skip
    assert turns(kept)[1].timestamp == "2025-02-03T10:03:00.123000+00:00"
    assert kept[0].source is not None
    assert kept[0].source.format == "teams"


def test_in_a_channel_a_post_and_its_answers_are_a_conversation(reading):
    channel = {"teamId": "t", "channelId": "c"}
    posts = [
        graph(1, "¿quién tiene la llave?", channelIdentity=channel, chatId=None, replies=[graph(5, "yo", "Tom", channelIdentity=channel, chatId=None, replyToId="1")]),
        graph(2, "se cayó la red", channelIdentity=channel, chatId=None),
        graph(3, "ya volvió", "Tom", channelIdentity=channel, chatId=None, replyToId="2"),
    ]  # fmt: skip
    kept, aside = reading(json.dumps({"value": posts}), "channel.json")
    assert not aside
    assert [[m.content for m in item.messages] for item in kept] == [
        ["¿quién tiene la llave?", "yo"],
        ["se cayó la red", "ya volvió"],
    ]


def test_what_teams_deleted_edited_or_attached_has_its_kind(reading):
    posts = [
        graph(1, "hola"),
        graph(2, "listo", "Tom", lastEditedDateTime="2025-02-03T11:00:00Z"),
        graph(3, '<attachment id="x"></attachment>', html=True, attachments=[{"id": "x"}]),
        graph(4, "", "Tom", deletedDateTime="2025-02-03T11:00:00Z"),
    ]
    kept, _ = reading(json.dumps({"value": posts}), "a.json")
    assert [m.kind for m in turns(kept)] == ["text", "edited", "media", "deleted"]


def test_an_odd_message_of_teams_costs_itself(reading):
    for odd in (7, graph(9, "x", **{"from": [1]}), {"messageType": "message"}):
        kept, aside = reading(json.dumps({"value": [*CHAT, odd]}), "a.json")
        assert len(turns(kept)) == 3
        assert len(aside) == 1


def skype(
    number: int, content: str, who: str = "8:live:kim", sort: str = "RichText", **more: Any
) -> dict[str, Any]:
    """A message as Skype exports it."""
    return {
        "id": str(number), "displayName": None, "originalarrivaltime": f"2024-05-01T10:{number:02d}:00.5Z", "messagetype": sort, "version": 1.0,
        "content": content, "conversationid": "8:live:kim", "from": who, "properties": None, "amsreferences": None, **more,
    }  # fmt: skip


def account(*messages: dict[str, Any]) -> str:
    """The export of an account with one conversation."""
    talk = {"id": "8:live:kim", "displayName": "Kim Lee", "version": 1.0, "properties": {}, "threadProperties": None, "MessageList": list(messages)}  # fmt: skip
    empty = {"id": "48:notes", "displayName": None, "MessageList": []}
    return json.dumps(
        {"userId": "8:live:desk", "exportDate": "2025-01-01T10:00", "conversations": [talk, empty]}
    )


def test_a_conversation_of_skype_is_read_as_people_saw_it(reading):
    kept, aside = reading(
        account(
            skype(4, '<quote author="8:live:kim" timestamp="1"><legacyquote>[1] Kim: </legacyquote>Can you<legacyquote>&lt;&lt;&lt; </legacyquote></quote>at 9', "8:live:desk"),
            skype(3, 'Sure, see <a href="https://x.example">https://x.example</a> <ss type="smile">:)</ss>', "8:live:desk"),
            skype(2, "Can you come &amp; repair it?"),
        ),
        "messages.json",
    )  # fmt: skip
    assert not aside
    assert said(kept) == [
        ("user", "Can you come & repair it?"),
        ("assistant", "Sure, see https://x.example :)"),
        ("assistant", "at 9"),
    ]
    assert turns(kept)[0].metadata["author"] == "Kim Lee"
    assert turns(kept)[0].timestamp == "2024-05-01T10:02:00.500000+00:00"


def test_what_skype_sent_called_changed_and_took_back_has_its_kind(reading):
    kept, _ = reading(
        account(
            skype(7, "", properties={"deletetime": "1"}),
            skype(6, 'ok<e_m ts="1" a="live:kim" t="61"></e_m>', properties={"edittime": "1"}),
            skype(5, '<partlist type="ended" alt=""><part identity="kim"><name>Kim</name><duration>12</duration></part></partlist>', sort="Event/Call"),
            skype(4, '<URIObject type="File.1" uri="https://x"><Title/><OriginalName v="a&amp;b.pdf"/></URIObject>', sort="RichText/Media_GenericFile"),
            skype(3, "<addmember><eventtime>1</eventtime></addmember>", sort="ThreadActivity/AddMember"),
            skype(2, "hi", "8:live:desk"),
        ),
        "messages.json",
    )  # fmt: skip
    assert [(m.kind, m.content) for m in turns(kept)] == [
        ("text", "hi"), ("system", "AddMember"), ("media", "a&b.pdf"), ("call", "call"), ("edited", "ok"), ("deleted", ""),
    ]  # fmt: skip


def test_odd_values_in_a_message_cost_neither_it_nor_its_file(reading):
    kept, _ = reading(
        account(skype(3, "b", properties=[1]), skype(2, "a", "8:live:desk", displayName=7)), "a.json"
    )
    assert [m.content for m in turns(kept)] == ["a", "b"]
    kept, _ = reading(takeout(google(1, "a", topic_id=[1]), google(2, "b", topic_id=[1], created_date=[7])), "a.json")  # fmt: skip
    assert [m.content for m in turns(kept)] == ["a", "b"]


def post(number: int, text: str, user: str = "ana", **more: Any) -> dict[str, Any]:
    """A post of Mattermost."""
    return {"user": user, "message": text, "create_at": 1705309500000 + number * 1000, **more}


def entry(kind: str, inside: dict[str, Any]) -> str:
    """A line of Mattermost's export."""
    return json.dumps({"type": kind, kind: inside})


def test_the_lines_of_a_mattermost_export_are_read_with_threads_apart(reading):
    room = {"team": "t", "channel": "help"}
    lines = [
        '{"type": "version", "version": 1}',
        entry("channel", {"name": "help", "team": "t"}),
        entry("user", {"username": "ana"}),
        entry("post", post(1, "se cayó la red", replies=[post(3, "reinicie", "bo")], **room)),
        entry("post", post(2, "feliz lunes", "eva", **room)),
        entry("post", post(4, "igualmente", "bo", edit_at=1705309600000, **room)),
        entry("post", post(5, "bo joined the channel.", "bo", type="system_join_channel", **room)),
        entry("direct_post", post(6, "¿tienes un minuto?", channel_members=["ana", "bo"])),
        entry("direct_post", post(7, "", "bo", channel_members=["bo", "ana"])),
        '{"type": "gossip"}',
    ]
    kept, aside = reading("\n".join(lines), "bulk.jsonl")
    assert [item.reason for item in aside] == ["not-a-message"]
    assert [[m.content for m in item.messages] for item in kept] == [
        ["se cayó la red", "reinicie"],
        ["feliz lunes", "igualmente", "bo joined the channel."],
        ["¿tienes un minuto?", ""],
    ]
    assert [m.kind for m in turns(kept)][3:] == ["edited", "system", "text", "media"]


def test_rooms_of_rocket_chat_and_webex_are_read(reading):
    rocket = [
        {"_id": "b", "rid": "R", "msg": "diga", "ts": "2025-01-01T10:01:00.000Z", "u": {"username": "bo", "name": "Bo"}},
        {"_id": "a", "rid": "R", "msg": "hola", "ts": "2025-01-01T10:00:00.000Z", "u": {"username": "g", "name": "Kim"}},
        {"_id": "j", "rid": "R", "t": "livechat-started", "msg": "", "ts": "2025-01-01T09:59:00.000Z", "u": {"username": "g"}},
    ]  # fmt: skip
    kept, _ = reading(json.dumps({"messages": rocket, "success": True}), "history.json")
    assert said(kept) == [("system", ""), ("user", "hola"), ("assistant", "diga")]
    webex = [
        {"id": "2", "roomId": "r", "text": "diga", "personEmail": "soporte@x.example", "created": "2025-01-01T10:01:00Z"},
        {"id": "1", "roomId": "r", "text": "hola", "personEmail": "kim@y.example", "created": "2025-01-01T10:00:00Z"},
    ]  # fmt: skip
    kept, _ = reading(json.dumps({"items": webex}), "messages.json")
    assert said(kept) == [("user", "hola"), ("assistant", "diga")]
