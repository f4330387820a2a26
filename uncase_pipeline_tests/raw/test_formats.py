"""Every format in the shapes that its product really writes."""
# ruff: noqa: E501

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uncase_pipeline.records.native import dumps
from uncase_pipeline_tests.raw.conftest import HELLO, OPTIONS, read_all, said, turns


@pytest.mark.parametrize(
    "content",
    [
        "conversation_id,role,content\nc1,user,hola\nc1,assistant,buenas\n",
        "ticket_id;rol;mensaje\nT-1;cliente;hola\nT-1;asesor;buenas\n",
        "sesión\thablante\ttexto\ns1\tCliente\thola\ns1\tAgente\tbuenas\n",
        "id|speaker|message\n1|customer|hola\n1|agent|buenas\n",
        "sep=;\nchat_id;sender_type;text\n1;end-user;hola\n1;agent;buenas\n",
        '"Conversation ID","Author Type","Body"\r\n"1","contact","hola"\r\n"1","admin","buenas"\r\n',
        "conversationId,isFromMe,body\n1,false,hola\n1,true,buenas\n",
        "thread_id,direction,content\n1,inbound,hola\n1,outbound,buenas\n",
        "turn,conversation_id,role,content\n2,c1,assistant,buenas\n1,c1,user,hola\n",
        "pregunta,respuesta\nhola,buenas\n",
        "prompt,completion\nhola,buenas\n",
        'id,messages\n1,"[{""role"": ""user"", ""content"": ""hola""}, {""role"": ""assistant"", ""content"": ""buenas""}]"\n',
        'encounter_id,dialogue\n1,"[patient] hola\n[doctor] buenas"\n',
        'ID,transcript\n1,"Cliente: hola\nAsesor: buenas"\n',
        "role,content\nuser,hola\nassistant,buenas\n",
    ],
)
def test_a_table_is_understood_by_its_header(reading, content: str):
    kept, aside = reading(content, "export.csv")
    assert not aside
    assert said(kept) == HELLO


def test_quotes_newlines_and_delimiters_inside_a_field_stay(reading):
    kept, _ = reading('conversation_id;role;content\n1;user;"dijo ""sí"";\nluego no"\n1;agent;ok\n', "a.csv")
    assert turns(kept)[0].content == 'dijo "sí";\nluego no'


def test_a_quote_that_is_never_closed_costs_one_record(reading):
    rows = "".join(f"c{n},user,hola {n}\nc{n},agent,buenas\n" for n in range(50))
    kept, aside = reading(
        f'conversation_id,role,content\n{rows}x,user,"never closed\n{rows.replace("c", "d", 100)}', "a.csv"
    )
    assert len(kept) == 100
    assert [rejection.reason for rejection in aside] == ["bad-csv-record"]


def test_a_record_with_too_few_columns_is_set_aside_alone(reading):
    kept, aside = reading("conversation_id,role,content\n1,user,hola\n1,agent\n1,agent,buenas\n", "a.csv")
    assert said(kept) == HELLO
    assert [rejection.reason for rejection in aside] == ["wrong-number-of-columns"]


@pytest.mark.parametrize(("later", "first"), [("13/04/2024", "2024-04-03"), ("04/13/2024", "2024-03-04")])
def test_the_order_of_dates_in_a_table_is_decided_by_one_that_can(reading, later: str, first: str):
    rows = f"1,user,hola,03/04/2024 09:00\n2,user,hola,{later} 09:00\n"
    kept, _ = reading(f"conversation_id,role,content,date\n{rows}", "a.csv")
    assert turns(kept)[0].timestamp == f"{first}T09:00:00"
    assert kept[0].metadata["dates"]["decided_by"] == "file"


def test_rows_of_one_conversation_that_lie_apart_are_gathered(reading):
    rows = [f"c{n % 7},{'user' if n < 7 else 'agent'},m{n}" for n in range(14)]
    kept, _ = reading("\n".join(["conversation_id,role,content", *rows]), "a.csv")
    assert sorted(len(item.messages) for item in kept) == [2] * 7
    assert {tuple(message.content for message in item.messages) for item in kept} == {
        (f"m{n}", f"m{n + 7}") for n in range(7)
    }


@pytest.mark.parametrize("framing", ["lines", "array", "wrapped", "pretty", "single"])
def test_json_records_are_found_however_they_lie_in_the_file(reading, framing: str):
    record = {"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]}
    two = [record, {**record, "id": "2"}]
    content = {
        "lines": "\n".join(json.dumps(item) for item in two) + "\n\n",
        "array": json.dumps(two),
        "wrapped": json.dumps({"data": {"items": two}}),
        "pretty": json.dumps(two, indent=2),
        "single": json.dumps(record, indent=2),
    }[framing]
    kept, aside = reading(content, "export.json")
    assert not aside
    assert said(kept) == HELLO * (1 if framing == "single" else 2)


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [{"from": "human", "value": "hola"}, {"from": "gpt", "value": "buenas"}]},
        {"conversations": [{"turns": [{"role": "customer", "content": "hola"}, {"role": "agent", "content": "buenas"}]}]},
        {"instruction": "hola", "input": "", "output": "buenas"},
        {"prompt": "hola", "completion": "buenas"},
        {"dialogue_id": "1", "turns": [{"speaker": "USER", "utterance": "hola"}, {"speaker": "SYSTEM", "utterance": "buenas"}]},
        {"utterances": [{"speaker": "user", "text": "hola"}, {"speaker": "assistant", "text": "buenas"}]},
        {"chat": [["cliente", "hola"], ["agente", "buenas"]]},
        {"transcript": "Cliente: hola\nAsesor: buenas"},
        {"custom_id": "r1", "body": {"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}]}},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hola"}]}, {"role": "assistant", "content": "buenas"}]},
        {"input": {"messages": [{"role": "user", "content": "hola"}]}, "preferred_output": [{"role": "assistant", "content": "buenas"}]},
        {"contents": [{"role": "user", "parts": [{"text": "hola"}]}, {"role": "model", "parts": [{"text": "buenas"}]}]},
        {"chat_messages": [{"sender": "human", "text": "hola"}, {"sender": "assistant", "text": "buenas"}]},
        {"request": {"messages": [{"role": "user", "content": "hola"}]}, "response": {"choices": [{"message": {"role": "assistant", "content": "buenas"}}]}},
        {"messages": [{"content": "hola", "message_type": 0, "sender": {"name": "Ana"}}, {"content": "buenas", "message_type": 1, "sender": {"name": "Luis"}}]},
        {"history": [{"name": "Ana", "sender_type": "Visitor", "msg": "hola"}, {"name": "Luis", "sender_type": "Agent", "msg": "buenas"}]},
        {"chosen": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}], "rejected": []},
        {"mensajes": [{"rol": "cliente", "texto": "hola"}, {"rol": "asesora", "texto": "buenas"}]},
    ],
)  # fmt: skip
def test_a_record_is_recognised_by_its_content(reading, record: dict):
    kept, aside = reading(json.dumps(record), "export.json")
    assert not aside
    assert said(kept) == HELLO


def test_flat_turns_in_json_lines_are_grouped(reading):
    rows = [
        {"conversationId": 1, "sender": {"type": "user"}, "author": "customer", "body": "hola"},
        {"conversationId": 1, "author": "agent", "body": "buenas"},
    ]
    kept, _ = reading("\n".join(json.dumps(row) for row in rows), "messages.jsonl")
    assert said(kept) == HELLO


def test_tool_calls_of_openai_keep_their_arguments_as_objects(reading):
    call = {"id": "c1", "type": "function", "function": {"name": "price", "arguments": '{"model": "Versa"}'}}
    record = {
        "messages": [
            {"role": "user", "content": "hola"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "279900"},
        ],
        "tools": [{"type": "function", "function": {"name": "price"}}],
    }
    kept, _ = reading(json.dumps(record), "a.json")
    _, asked, answered = turns(kept)
    assert asked.tool_calls[0].arguments == {"model": "Versa"}
    assert answered.tool_call_id == "c1"
    assert kept[0].tools == record["tools"]


def test_content_blocks_of_anthropic_become_calls_and_answers(reading):
    use = {"type": "tool_use", "id": "t1", "name": "price", "input": {"model": "Versa"}}
    record = {
        "system": "Sé breve.",
        "messages": [
            {"role": "user", "content": "hola"},
            {"role": "assistant", "content": [{"type": "text", "text": "miro"}, use]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "279900"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "279,900"}]},
        ],
    }
    kept, _ = reading(json.dumps(record), "a.json")
    assert [message.role for message in turns(kept)] == ["system", "user", "assistant", "tool", "assistant"]
    assert turns(kept)[2].tool_calls[0].arguments == {"model": "Versa"}
    assert turns(kept)[3].tool_call_id == "t1"


def test_private_notes_in_a_table_of_messages_stay_out(reading):
    rows = [
        {"ticket_id": 9, "body_text": "hola", "incoming": True, "private": False},
        {"ticket_id": 9, "body_text": "buenas", "incoming": False, "private": False},
        {"ticket_id": 9, "body_text": "cliente VIP", "incoming": False, "private": True},
        {"ticket_id": 10, "body_text": "solo interno", "incoming": False, "private": True},
    ]
    kept, aside = reading(json.dumps(rows), "conversations.json")
    assert said(kept) == HELLO
    assert kept[0].metadata["internal_notes_left_out"] == 1
    assert [rejection.reason for rejection in aside] == ["only-internal-notes"]


def test_a_chat_in_unknown_json_is_split_at_silences(reading):
    def message(day, name, text):
        return {"timestamp": f"2024-03-{day}T09:00:00+00:00", "content": text, "author": {"name": name}}

    record = {
        "messages": [
            message(13, "ana", "hola"),
            message(13, "luis", "buenas"),
            message(15, "ana", "otra vez"),
        ]
    }
    kept, _ = reading(json.dumps(record), "discord.json")
    assert [len(item.messages) for item in kept] == [2, 1]


def test_tool_turns_of_sharegpt_become_calls_and_answers(reading):
    record = {
        "conversations": [
            {"from": "human", "value": "hola"},
            {"from": "function_call", "value": '{"name": "price", "arguments": {"model": "Versa"}}'},
            {"from": "observation", "value": "279900"},
            {"from": "gpt", "value": "279,900"},
        ],
        "system": "Eres un asesor.",
        "tools": '[{"name": "price", "parameters": {}}]',
    }
    kept, _ = reading(json.dumps([record]), "a.json")
    system, _, call, answer, _ = turns(kept)
    assert system.role == "system"
    assert call.tool_calls[0].id == answer.tool_call_id
    assert kept[0].tools == [{"type": "function", "function": {"name": "price", "parameters": {}}}]


def test_the_branch_of_chatgpt_that_was_shown_last_is_read(reading):
    def node(name, parent, children, role, text):
        message = {
            "author": {"role": role},
            "content": {"content_type": "text", "parts": [text]},
            "create_time": 1712188800,
        }
        return {"id": name, "parent": parent, "children": children, "message": message if role else None}

    mapping = {
        "root": node("root", None, ["u"], None, ""),
        "u": node("u", "root", ["a1", "a2"], "user", "hola"),
        "a1": node("a1", "u", [], "assistant", "first try"),
        "a2": node("a2", "u", [], "assistant", "buenas"),
    }
    for current, answer in (("a1", "first try"), ("a2", "buenas"), (None, "buenas")):
        kept, _ = reading(
            json.dumps([{"title": "t", "mapping": mapping, "current_node": current}]), "conversations.json"
        )
        assert said(kept) == [("user", "hola"), ("assistant", answer)]


def test_a_full_telegram_export_is_read_chat_by_chat(reading):
    def message(number, author, text):
        return {"id": number, "type": "message", "date": f"2024-03-13T09:0{number}:00", "date_unixtime": "1710342312",
                "from": author, "from_id": f"user{len(author)}", "text": text, "text_entities": []}  # fmt: skip

    chats = [
        {"name": name, "type": "personal_chat", "id": number,
         "messages": [message(1, name, "hola"), message(2, "Paco", ["bue", {"type": "bold", "text": "nas"}])]}
        for number, name in enumerate(["Ana", "Pedro"])
    ]  # fmt: skip
    kept, aside = reading(json.dumps({"about": "…", "chats": {"about": "…", "list": chats}}), "result.json")
    assert not aside
    assert said(kept) == HELLO * 2
    assert len({item.subject_id for item in kept}) == 2
    assert {item.metadata["roles"]["rule"] for item in kept} == {"export-is-named-after-customer"}


def test_text_that_meta_escaped_byte_by_byte_is_repaired(reading):
    broken = "¿Cuánto cuesta? 😀".encode().decode("latin-1")
    document = {
        "participants": [{"name": "Lucía".encode().decode("latin-1")}, {"name": "Tienda"}],
        "messages": [
            {"sender_name": "Tienda", "timestamp_ms": 1710342372000, "content": "buenas"},
            {
                "sender_name": "Lucía".encode().decode("latin-1"),
                "timestamp_ms": 1710342312000,
                "content": broken,
            },
        ],
        "title": "Lucía".encode().decode("latin-1"),
        "thread_path": "inbox/lucia_1",
    }
    kept, _ = reading(json.dumps(document), "message_1.json")
    assert said(kept) == [("user", "¿Cuánto cuesta? 😀"), ("assistant", "buenas")]
    assert kept[0].metadata["participants"] == ["Lucía", "Tienda"]


def test_internal_notes_of_helpdesks_stay_out_and_are_counted(shared: Path):
    for name in ("zendesk_tickets", "freshdesk_ticket"):
        kept, _ = read_all(shared / f"exports/helpdesk/{name}.json")
        assert kept[0].metadata["internal_notes_left_out"] == 1
        assert "interna" not in " ".join(message.content for message in turns(kept))


def test_webhook_events_are_gathered_by_customer(reading):
    def event(number, text, field="messages", key="from"):
        message = {key: "5215555550100", "id": f"wamid.{number}", "timestamp": str(1710342312 + number),
                   "type": "text", "text": {"body": text}}  # fmt: skip
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "1555"},
            field: [message],
        }
        return {
            "object": "whatsapp_business_account",
            "entry": [{"changes": [{"field": field, "value": value}]}],
        }

    events = [event(1, "hola"), event(1, "hola"), event(2, "buenas", "message_echoes", "to")]
    kept, _ = reading("\n".join(json.dumps(item) for item in events), "events.jsonl")
    assert said(kept) == HELLO


@pytest.mark.parametrize(
    "content",
    [
        "Cliente: hola\nAsesor: buenas\n",
        "1. Cliente: hola\n2. Asesor: buenas\n",
        "[cliente] hola\n[asesor] buenas\n",
        "**User:** hola\n**Assistant:** buenas\n",
        "10:02 Cliente: hola\n10:03 Asesor: buenas\n",
        "[10:02:11] Customer: hola\n[10:03:00] Agent: buenas\n",
        "Human: hola\n\nAssistant: buenas\n",
        "Cliente (10:02): hola\nAgente (10:03): buenas\n",
        "Marta Ruiz: hola\nTaller Pérez: buenas\nMarta Ruiz: \nTaller Pérez: \n",
    ],
)
def test_a_plain_transcript_is_read(reading, content: str):
    kept, aside = reading(content, "call.txt")
    assert not aside
    assert said(kept)[:2] == HELLO


def test_prose_is_not_taken_for_a_transcript(reading):
    kept, aside = reading(
        "Estimado cliente: le escribo.\nNota: nada.\nSaludos cordiales\nLa empresa\n" * 3, "carta.txt"
    )
    assert not kept
    assert aside[0].reason == "unknown-format"


@pytest.mark.parametrize("column", ["messages", "conversations", "turns"])
def test_parquet_with_nested_or_flat_turns_is_read(tmp_path: Path, column: str):
    path = tmp_path / "export.parquet"
    if column == "turns":
        table = pa.table(
            {"conversation_id": ["1", "1"], "role": ["user", "assistant"], "content": ["hola", "buenas"]}
        )
    else:
        keys = ("role", "content") if column == "messages" else ("from", "value")
        names = ("user", "assistant") if column == "messages" else ("human", "gpt")
        rows = [dict(zip(keys, pair, strict=True)) for pair in zip(names, ("hola", "buenas"), strict=True)]
        table = pa.table({column: [rows]})
    pq.write_table(table, path)
    kept, aside = read_all(path)
    assert not aside
    assert said(kept) == HELLO


def test_native_conversations_come_back_as_they_were(reading, tmp_path: Path):
    kept, _ = reading("Cliente: hola\nAsesor: buenas\n", "call.txt")
    again, aside = reading(b"\n".join(dumps(item) for item in kept), "native.jsonl")
    assert not aside
    assert [(item.conversation_id, said([item])) for item in again] == [
        (item.conversation_id, said([item])) for item in kept
    ]


def test_a_format_can_be_chosen_against_the_look_of_a_file(reading):
    kept, aside = reading("a: hola\nb: buenas\n", "x.txt", replace(OPTIONS, format="csv"))
    assert not kept
    assert aside


def test_signal_is_told_from_whatsapp(reading):
    kept, _ = reading("[2024-03-13, 09:05] Ana: hola\n[2024-03-13, 09:06] Me: buenas\n")
    assert said(kept) == HELLO
    assert kept[0].source.format == "signal"
    assert kept[0].metadata["roles"]["rule"] == "exported-by"
