"""JSON as products and corpora write it: keys in any spelling, turns under any name, answers beside prompts."""
# ruff: noqa: E501

import json

import pytest

from uncase_pipeline_tests.raw.conftest import turns

HELLO = [("user", "hola"), ("assistant", "buenas")]
ROLES = [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]
AT = ("2024-01-15T09:05:00Z", "2024-01-15T09:06:00Z")
RECORDS = {
    "preference with a prompt": {"prompt": ROLES[:1], "chosen": ROLES[1:], "rejected": [{"role": "assistant", "content": "no"}]},
    "prompt and completion as turns": {"prompt": ROLES[:1], "completion": ROLES[1:]},
    "logged reply": {"input": ROLES[:1], "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "buenas"}]}]},
    "exchanges": {"conversation_id": 1, "conversation": [{"human": "hola", "assistant": "buenas"}]},
    "question and response": {"id": "1", "question": "hola", "response": "buenas"},
    "turns without speakers": {"SNG1.json": {"goal": {}, "log": [{"text": "hola", "metadata": {}}, {"text": "buenas", "metadata": {"taxi": {}}}]}},
    "lines without speakers": {"dialog": ["hola", "buenas"], "act": [1, 1]},
    "lines with speakers": {"conversation": ["Cliente: hola", "Asesor: buenas"]},
    "a text that is a transcript": {"id": 1, "text": "Cliente: hola\nAsesor: buenas"},
    "turns that name who has the turn": {"dialogue": [{"turn": "driver", "data": {"utterance": "hola"}}, {"turn": "assistant", "data": {"utterance": "buenas"}}]},
    "camel case": {"conversationId": "1", "messages": [{"senderRole": "customer", "messageText": "hola", "sentAt": AT[0]}, {"senderRole": "agent", "messageText": "buenas", "sentAt": AT[1]}]},
    "capitals": {"Messages": [{"Sender": "Customer", "Text": "hola"}, {"Sender": "Agent", "Text": "buenas"}]},
    "Portuguese": {"mensagens": [{"remetente": "cliente", "mensagem": "hola"}, {"remetente": "agente", "mensagem": "buenas"}]},
    "Spanish": {"id_conversacion": 3, "intervenciones": [{"hablante": "Cliente", "frase": "hola"}, {"hablante": "Agente", "frase": "buenas"}]},
    "Teams": {"value": [{"createdDateTime": at, "from": {"user": {"displayName": name}}, "body": {"contentType": "html", "content": f"<p>{text}</p>"}} for at, name, text in zip(AT, ("Ana", "Soporte"), ("hola", "buenas"), strict=True)]},
    "HubSpot": {"results": [{"type": "MESSAGE", "text": "hola", "direction": "INCOMING"}, {"type": "MESSAGE", "text": "buenas", "direction": "OUTGOING"}]},
    "Front": {"_results": [{"is_inbound": True, "body": "<p>hola</p>", "text": "hola", "author": None}, {"is_inbound": False, "body": "<p>buenas</p>", "author": {"email": "p@t.mx"}}]},
    "Gorgias": {"messages": [{"from_agent": False, "body_text": "hola", "public": True}, {"from_agent": True, "body_text": "buenas", "public": True}, {"from_agent": True, "body_text": "nota", "public": False}]},
    "LiveChat": {"chats": [{"id": "x", "users": [{"id": "a@x", "type": "customer", "name": "Ana"}, {"id": "p@t", "type": "agent", "name": "Paco"}], "thread": {"events": [{"type": "message", "text": "hola", "author_id": "a@x"}, {"type": "message", "text": "buenas", "author_id": "p@t"}]}}]},
    "Amazon Connect": {"Transcript": [{"ParticipantRole": "CUSTOMER", "DisplayName": "Ana", "Content": "hola", "AbsoluteTime": AT[0]}, {"ParticipantRole": "AGENT", "DisplayName": "Paco", "Content": "buenas", "AbsoluteTime": AT[1]}]},
    "Freshchat": {"messages": [{"message_parts": [{"text": {"content": "hola"}}], "actor_type": "user"}, {"message_parts": [{"text": {"content": "buenas"}}], "actor_type": "agent"}, {"message_parts": [{"text": {"content": "nota"}}], "actor_type": "agent", "message_type": "private"}]},
    "Google Chat": {"messages": [{"creator": {"name": name}, "created_date": f"Monday, January 15, 2024 at 9:0{minute}:00 AM UTC", "text": text} for name, minute, text in (("Ana", 5, "hola"), ("Soporte", 6, "buenas"))]},
    "Sunshine": {"messages": [{"received": AT[0], "author": {"type": "user", "displayName": "Ana"}, "content": {"type": "text", "text": "hola"}}, {"received": AT[1], "author": {"type": "business"}, "content": {"type": "text", "text": "buenas"}}]},
    "a list of lists": [ROLES, []],
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_a_dialect_is_read_without_being_told(reading, name: str):
    kept, _ = reading(json.dumps(RECORDS[name]), "export.json")
    assert [(message.role, message.content) for message in turns(kept)] == HELLO


def test_turns_that_name_no_speaker_say_by_which_rule_they_have_roles(reading):
    kept, _ = reading(json.dumps({"dialog": ["hola", "buenas"]}), "export.json")
    assert kept[0].metadata["roles"]["rule"] == "alternating-turns"


def test_names_and_times_of_a_dialect_are_kept(reading):
    kept, _ = reading(json.dumps(RECORDS["Amazon Connect"]), "export.json")
    assert kept[0].metadata["participants"] == ["Ana", "Paco"]
    assert turns(kept)[0].timestamp == "2024-01-15T09:05:00+00:00"
    again, _ = reading(json.dumps(RECORDS["Google Chat"]), "export.json")
    assert turns(again)[0].timestamp == "2024-01-15T09:05:00+00:00"


def test_a_list_of_products_is_no_conversation(reading):
    kept, aside = reading(
        json.dumps({"orders": [{"name": "llanta", "value": "900"}, {"name": "aceite", "value": "90"}]}),
        "a.json",
    )
    assert not kept
    assert [rejection.reason for rejection in aside] == ["unknown-format"]


@pytest.mark.parametrize(
    "content", [f"{json.dumps(ROLES)}\n{json.dumps(ROLES)}\n", json.dumps([ROLES, ROLES])]
)
def test_each_list_of_turns_is_a_conversation(reading, content: str):
    kept, aside = reading(content, "export.jsonl")
    assert not aside
    assert [len(item.messages) for item in kept] == [2, 2]


def test_what_follows_an_array_is_not_lost_in_silence(reading):
    record = {"messages": ROLES}
    _, aside = reading(json.dumps([record]) + json.dumps([record]), "export.json")
    assert [rejection.reason for rejection in aside] == ["trailing-data"]


def test_calls_and_answers_of_gemini_are_kept(reading):
    record = {
        "systemInstruction": {"parts": [{"text": "Sé breve."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "hola"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "price", "args": {"model": "Versa"}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "price", "response": {"mxn": 1}}}]},
            {"role": "model", "parts": [{"text": "buenas"}]},
        ],
    }
    kept, _ = reading(json.dumps(record), "export.json")
    assert [message.role for message in turns(kept)] == ["system", "user", "assistant", "tool", "assistant"]
    assert turns(kept)[2].tool_calls[0].arguments == {"model": "Versa"}
    assert turns(kept)[3].content == '{"mxn":1}'


def test_an_answer_that_is_calls_becomes_calls(reading):
    record = {
        "query": "hola",
        "answers": '[{"name": "price", "arguments": {"model": "Versa"}}]',
        "tools": "[]",
    }
    kept, _ = reading(json.dumps(record), "export.json")
    assert turns(kept)[1].tool_calls[0].arguments == {"model": "Versa"}


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("Mon, 15 Jan 2024 09:05:00 +0000", "2024-01-15T09:05:00+00:00"),
        ("Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47+00:00"),
        ("Jan 15, 2024, 9:05 PM", "2024-01-15T21:05:00"),
        ("15 de enero de 2024 09:05", "2024-01-15T09:05:00"),
        ("15 ene. 2024, 9:05 p. m.", "2024-01-15T21:05:00"),
        ("15-Jan-2024 09:05", "2024-01-15T09:05:00"),
        ("2024-01-15 09:05:00 UTC", "2024-01-15T09:05:00+00:00"),
        ("2024-01-15 09:05:00 -0600", "2024-01-15T09:05:00-06:00"),
        ("mañana 15 de enero", None),
        ("32 Jan 2024", None),
    ],
)
def test_a_time_is_read_as_people_write_it(reading, written: str, iso: str | None):
    kept, _ = reading(json.dumps({"messages": [{**turn, "timestamp": written} for turn in ROLES]}), "a.json")
    assert turns(kept)[0].timestamp == iso
