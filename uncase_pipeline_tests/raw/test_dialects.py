"""JSON as products and corpora write it: keys in any spelling, turns under any name, answers beside prompts."""
# ruff: noqa: E501

import json

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, turns

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
    "LangChain": {"messages": [{"type": "human", "content": "hola"}, {"type": "ai", "content": "buenas"}]},
    "LangChain, written out": {"messages": [{"lc": 1, "type": "constructor", "kwargs": {"type": kind, "content": text}} for kind, text in (("human", "hola"), ("ai", "buenas"))]},
    "Rasa": {"events": [{"event": "user", "text": "hola"}, {"event": "slot", "name": "city", "value": "CDMX"}, {"event": "bot", "text": "buenas"}]},
    "Botpress": {"messages": [{"direction": "incoming", "payload": {"type": "text", "text": "hola"}}, {"direction": "outgoing", "payload": {"type": "text", "text": "buenas"}}]},
    "LivePerson": {"records": [{"messageRecords": [{"messageData": {"msg": {"text": "hola"}}, "sentBy": "Consumer"}, {"messageData": {"msg": {"text": "buenas"}}, "sentBy": "Agent"}]}]},
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


def test_what_chatgpt_sent_to_a_tool_is_a_call_and_its_answer_names_it(reading):
    def node(key, parent, child, role, text, **more):
        message = {"id": key, "author": {"role": role, "name": more.get("name")}, "content": {"content_type": "code", "text": text}, "recipient": more.get("recipient", "all")}  # fmt: skip
        return {"id": key, "parent": parent, "children": [child], "message": message}

    mapping = {
        "u": node("u", None, "c", "user", "hola"),
        "c": node("c", "u", "t", "assistant", '{"query": "versa"}', recipient="browser"),
        "t": node("t", "c", "p", "tool", "r1", name="browser"),
        "p": node("p", "t", "a", "assistant", "print(1)", recipient="python"),
        "a": node("a", "p", "", "assistant", "buenas"),
    }
    kept, _ = reading(json.dumps([{"mapping": mapping, "current_node": "a"}]), "conversations.json")
    _, search, result, code, answer = turns(kept)
    assert (search.tool_calls[0].name, search.tool_calls[0].arguments) == ("browser", {"query": "versa"})
    assert result.tool_call_id == search.tool_calls[0].id
    assert code.tool_calls[0].arguments == {"input": "print(1)"}
    assert answer.content == "buenas"


def test_what_meta_writes_itself_is_not_said_by_a_person(reading):
    texts = ["hola", "buenas", "Reacted ❤ to your message ", "Ana sent an attachment.", "Liked a message"]
    names = ["Ana", "Tienda", "Ana", "Ana", "Ana"]
    messages = [
        {
            "sender_name": name,
            "timestamp_ms": 1710342312000 + number,
            "content": text.encode().decode("latin-1"),
        }
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    kept, _ = reading(json.dumps({"messages": messages[::-1], "thread_path": "x"}), "message_1.json")
    assert [message.kind for message in turns(kept)] == ["text", "text", "system", "media", "system"]


def test_envelopes_of_signal_are_gathered_by_contact(reading):
    def envelope(**more):
        return json.dumps({"envelope": {"source": "+5255", "sourceName": "Ana", "timestamp": 1705309500000, **more}, "account": "+5200"})  # fmt: skip

    lines = [
        envelope(dataMessage={"timestamp": 1705309500000, "message": "hola"}),
        envelope(receiptMessage={"when": 1}),
        envelope(sourceName="Tienda", source="+5200", syncMessage={"sentMessage": {"destination": "+5255", "timestamp": 1705309560000, "message": "buenas"}}),
        envelope(dataMessage={"timestamp": 1705309570000, "attachments": [{"id": "x"}]}),
    ]  # fmt: skip
    kept, aside = reading("\n".join(lines), "signal.jsonl")
    assert not aside
    assert [(m.role, m.kind, m.content) for m in turns(kept)] == [("user", "text", "hola"), ("assistant", "text", "buenas"), ("user", "media", "attachment")]  # fmt: skip


def test_a_refusal_is_what_the_assistant_said(reading):
    record = {"messages": [ROLES[0], {"role": "assistant", "content": None, "refusal": "No puedo"}]}
    kept, _ = reading(json.dumps(record), "a.json")
    assert turns(kept)[1].content == "No puedo"


@pytest.mark.parametrize("name", ["Chat_de_WhatsApp_con_Rosa_Luna.txt", "Chat de WhatsApp - Rosa Luna.txt"])
def test_the_name_of_a_chat_tells_the_customer_however_it_was_saved(reading, name: str):
    kept, _ = reading("16/01/24, 9:05 - Paco: hola\n16/01/24, 9:06 - Rosa Luna: ok\n", name)
    assert kept[0].metadata["roles"]["assistant"] == ["Paco"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"messages": ROLES}, indent=1) + "\n" + json.dumps({"messages": ROLES, "id": "2"}, indent=1),
        json.dumps({"messages": ROLES}) + json.dumps({"messages": ROLES, "id": "2"}),
        json.dumps({"messages": ROLES}) + ",\n" + json.dumps({"messages": ROLES, "id": "2"}) + ",\n",
        json.dumps({"data": {"export": {"page": {"conversations": [{"messages": ROLES}, {"messages": ROLES, "id": "2"}]}}}}),
        json.dumps({"messages": [{"conversation_id": number, **turn} for number in (1, 2) for turn in ROLES]}),
        json.dumps({"c1": ROLES, "c2": [*ROLES, ROLES[0]]}),
    ],
)  # fmt: skip
def test_conversations_are_told_apart_however_they_are_laid_out(reading, content: str):
    kept, aside = reading(content, "export.json")
    assert not aside
    assert [(m.role, m.content) for m in turns(kept)][:4] == HELLO * 2
    assert len({item.conversation_id for item in kept}) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps({"items": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]})),
        ("a.json", json.dumps([{"event": "click", "user": "u1", "data": {"x": 1}}, {"event": "view", "user": "u1"}])),
        ("a.log", "2024-01-15 09:05:12 INFO server: started\n2024-01-15 09:05:13 WARN server: slow\n" * 5),
        ("a.txt", "De: Ana <a@x.mx>\nPara: Soporte\nAsunto: Falla\n\nHola,\nno funciona.\nSaludos\nAna\n"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:03,000\nThe city sleeps.\n\n2\n00:00:04,000 --> 00:00:06,000\nNo one knows.\n"),
    ],
)  # fmt: skip
def test_what_is_no_conversation_is_not_taken_for_one(reading, name: str, content: str):
    kept, aside = reading(content, name)
    assert not kept
    assert [rejection.reason for rejection in aside] == ["unknown-format"]


def test_a_table_of_products_is_no_conversation(reading):
    _, aside = reading("id,name,description,price\n1,Llanta,Buena,9\n2,Aceite,Malo,8\n", "a.csv")
    assert [rejection.reason for rejection in aside] == ["not-a-dialogue"]


def test_what_a_tracker_notes_beside_the_turns_is_not_said(reading):
    slots = [{"event": "slot", "name": f"s{number}", "value": "CDMX"} for number in range(9)]
    events = [{"event": "user", "text": "hola"}, *slots, {"event": "bot", "text": "buenas"}]
    kept, _ = reading(json.dumps({"events": events}), "tracker.json")
    assert [(message.role, message.content) for message in turns(kept)] == HELLO
