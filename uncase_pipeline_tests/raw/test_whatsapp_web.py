"""WhatsApp as programs read it: Baileys, Evolution, whatsapp-web.js, WhatsApp-Chat-Exporter."""

import json

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, said, turns

JID = "5215512345678@s.whatsapp.net"


def baileys(ours: bool, when: int, message: dict, jid: str = JID, **more) -> dict:
    """One message as Baileys and Evolution have it."""
    return {
        "key": {"remoteJid": jid, "fromMe": ours, "id": str(when)},
        "messageTimestamp": when,
        "message": message,
        **more,
    }


def web(ours: bool, when: int, body: str, sort: str = "chat") -> dict:
    """One message as whatsapp-web.js has it."""
    return {
        "id": {"fromMe": ours, "remote": JID, "id": str(when)},
        "body": body,
        "type": sort,
        "timestamp": when,
    }


def exported(ours: bool, when: int, data: str, **more) -> dict:
    """One message as WhatsApp-Chat-Exporter has it."""
    return {
        "from_me": ours,
        "timestamp": when,
        "media": False,
        "meta": False,
        "data": data,
        "caption": None,
        **more,
    }


HI = baileys(False, 1705309500, {"conversation": "hola"}, pushName="Ana")
ANSWERED = {"1": exported(False, 1705309500, "hola"), "2": exported(True, 1705309560, "buenas")}
BACK = baileys(True, 1705309560, {"extendedTextMessage": {"text": "buenas"}})
FILES = {
    "baileys": [HI, BACK],
    "evolution": {"messages": {"total": 2, "records": [HI, BACK]}},
    "whatsapp-web.js": [web(False, 1705309500, "hola"), web(True, 1705309560, "buenas")],
    "chat exporter": {JID: {"name": "Ana", "messages": ANSWERED}},
}


@pytest.mark.parametrize("name", FILES)
def test_a_chat_of_a_program_is_read(reading, name: str):
    kept, aside = reading(json.dumps(FILES[name]), "result.json")
    assert not aside
    assert said(kept) == HELLO
    assert turns(kept)[0].timestamp == "2024-01-15T09:05:00+00:00"
    assert kept[0].source.format == "whatsapp-web"
    assert "5215512345678" in kept[0].metadata["participants"]


def test_each_chat_is_a_conversation_of_its_own_and_its_customer_a_subject(reading):
    other = baileys(False, 1705309530, {"conversation": "otra"}, "5215500000000@s.whatsapp.net")
    kept, _ = reading("\n".join(map(json.dumps, [HI, other, BACK])), "messages.jsonl")
    assert [said([item]) for item in kept] == [HELLO, [("user", "otra")]]
    assert len({item.subject_id for item in kept}) == 2


@pytest.mark.parametrize(
    ("message", "text", "kind"),
    [
        ({"imageMessage": {"caption": "mira"}}, "mira", "text"),
        ({"imageMessage": {"mimetype": "image/jpeg"}}, "", "media"),
        ({"viewOnceMessageV2": {"message": {"imageMessage": {}}}}, "", "media"),
        ({"ephemeralMessage": {"message": {"extendedTextMessage": {"text": "hola"}}}}, "hola", "text"),
        ({"buttonsResponseMessage": {"selectedDisplayText": "Sí"}}, "Sí", "text"),
        ({"locationMessage": {"degreesLatitude": 1.0, "name": "Taller"}}, "Taller", "location"),
        ({"pollCreationMessage": {"name": "¿Qué día?"}}, "¿Qué día?", "poll"),
        ({"protocolMessage": {"type": 0}}, "", "system"),
    ],
)
def test_each_sort_of_message_has_its_kind(reading, message: dict, text: str, kind: str):
    kept, _ = reading("\n".join(map(json.dumps, [HI, baileys(False, 1705309530, message), BACK])), "m.jsonl")
    assert (turns(kept)[1].content, turns(kept)[1].kind) == (text, kind)
