"""Files whose messages have to be gathered are held up to a bound, and an odd message in them costs itself."""

import json

import pytest

from uncase_pipeline.raw.formats import gathered
from uncase_pipeline_tests.raw.conftest import HELLO, said, turns

JID = "5215512345678@s.whatsapp.net"
LONG = "hola " * 200


def web(text: object, *, ours: bool = False, **more) -> dict:
    """One message of WhatsApp's web client."""
    return {"key": {"remoteJid": JID, "fromMe": ours}, "message": {"conversation": text}, **more}


def event(number: int) -> dict:
    """One event of the Cloud webhook."""
    message = {"id": str(number), "from": "52155", "type": "text", "text": {"body": LONG}}
    return {"messaging_product": "whatsapp", "metadata": {}, "messages": [message]}


MAIL = "From ana@x.mx Mon Jan 15 09:05:00 2024\nFrom: ana@x.mx\nTo: b@x.mx\nMessage-ID: <{n}@x>\n\n{text}\n\n"
NUMBERS = range(20)
LINES = {
    "whatsapp-web": [json.dumps(web(LONG)) for _ in NUMBERS],
    "whatsapp-cloud": [json.dumps(event(n)) for n in NUMBERS],
    "signal-cli": [
        json.dumps({"envelope": {"source": "+52155", "dataMessage": {"message": LONG, "timestamp": n}}})
        for n in NUMBERS
    ],
    "slack": [
        json.dumps({"type": "message", "user": "U1", "text": LONG, "ts": f"{1705309500 + n}.0001"})
        for n in NUMBERS
    ],
    "bot-logs": [
        json.dumps({"sessionId": f"s{n}", "inputTranscript": LONG, "messages": [{"content": "ok"}]})
        for n in NUMBERS
    ],
    "open-assistant": [
        json.dumps(
            {"message_tree_id": "t", "message_id": n, "parent_id": n - 1, "role": "prompter", "text": LONG}
        )
        for n in NUMBERS
    ],
    "email": [MAIL.format(n=n, text=LONG) for n in NUMBERS],
    "stamped": [f"{'Ana' if n % 2 else 'Luis'} 15/01/2024 9:{n:02d}\n{LONG}" for n in NUMBERS],
}


@pytest.mark.parametrize("name", LINES)
def test_a_file_that_would_have_to_be_held_beyond_the_bound_is_refused_as_one(
    reading, monkeypatch: pytest.MonkeyPatch, name: str
):
    content = "\n".join(LINES[name])
    kept, aside = reading(content, "export")
    assert not aside
    assert {item.source.format for item in kept} == {name}
    assert sum(LONG.strip() in message.content for message in turns(kept)) == len(NUMBERS)
    monkeypatch.setattr(gathered, "HELD_LIMIT", len(content) // 2)
    kept, aside = reading(content, "export")
    assert not kept
    assert [rejection.reason for rejection in aside] == ["too-much-to-hold"]


def test_an_odd_message_of_a_document_costs_itself_and_not_those_behind_it(reading):
    odd = {**web("x"), "message": [1]}
    messages = [web("hola", pushName="Ana"), odd, odd, web("buenas", ours=True)]
    kept, aside = reading(json.dumps({"messages": {"records": messages}}), "result.json")
    assert said(kept) == HELLO
    assert [rejection.reason for rejection in aside] == ["bad-shape", "bad-shape"]


def test_a_log_whose_name_is_no_text_is_read(reading):
    log = {"name": {"x": 1}, "logs": [{"inputTranscript": "hola", "messages": [{"content": "buenas"}]}]}
    kept, aside = reading(json.dumps(log), "log.json")
    assert not aside
    assert said(kept) == HELLO
