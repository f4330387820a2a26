"""Help desks and their exports: notes, events, directions, tables with two sides, transcripts in a field."""
# ruff: noqa: E501
# ruff: noqa: E501

import json

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, said, turns

AT = ("2024-01-15T09:05:00Z", "2024-01-15T09:06:00Z", "2024-01-15T09:07:00Z")
RECORDS = {
    "livechat": {
        "users": [{"id": "c1", "type": "customer", "name": "Ana"}, {"id": "a1", "type": "agent", "name": "Paco"}],
        "thread": {"events": [
            {"type": "message", "text": "hola", "author_id": "c1", "created_at": AT[0], "visibility": "all"},
            {"type": "message", "text": "nota", "author_id": "a1", "created_at": AT[0], "visibility": "agents"},
            {"type": "message", "text": "buenas", "author_id": "a1", "created_at": AT[1], "visibility": "all"},
            {"type": "system_message", "text": "Chat archived", "created_at": AT[2]},
        ]},
    },
    "tawk": {"messages": [
        {"sender": {"t": "v", "n": "Ana"}, "type": "msg", "msg": "hola", "time": AT[0]},
        {"sender": {"t": "a", "n": "Paco", "id": "1"}, "type": "msg", "msg": "buenas", "time": AT[1]},
        {"sender": {"t": "s"}, "type": "event", "msg": "Chat archived", "time": AT[2]},
    ]},
    "chatwoot": {"payload": {"messages": [
        {"content": "hola", "message_type": 0, "created_at": 1705309500, "sender": {"name": "Ana", "type": "contact"}},
        {"content": "buenas", "message_type": 1, "created_at": 1705309560, "sender": {"name": "Paco", "type": "user"}},
        {"content": "Chat archived", "message_type": 2, "created_at": 1705309570},
    ]}},
    "kustomer": {"data": [
        {"type": "message", "id": "1", "attributes": {"direction": "in", "preview": "hola", "sentAt": AT[0]}},
        {"type": "message", "id": "2", "attributes": {"direction": "out", "preview": "buenas", "sentAt": AT[1]}},
    ]},
    "zoho": {"data": [
        {"direction": "in", "content": "<div>hola</div>", "contentType": "text/html", "author": {"name": "Ana", "type": "END_USER"}},
        {"direction": "out", "content": "<div>buenas</div>", "contentType": "text/html", "author": {"name": "Paco", "type": "AGENT"}},
    ]},
    "help scout": {"_embedded": {"threads": [
        {"type": "message", "body": "buenas<br>", "createdBy": {"type": "user", "first": "Paco", "email": "p@t.mx"}, "createdAt": AT[1]},
        {"type": "customer", "body": "hola<br>", "createdBy": {"type": "customer", "email": "a@x.mx"}, "createdAt": AT[0]},
        {"type": "note", "body": "nota", "createdBy": {"type": "user", "first": "Paco"}, "createdAt": AT[2]},
    ]}},
    "genesys": {"transcripts": [{"phrases": [
        {"text": "hola", "participantPurpose": "external", "startTimeMs": 1705309500000},
        {"text": "buenas", "participantPurpose": "internal", "startTimeMs": 1705309560000},
    ]}]},
    "diarized by letters": {"utterances": [
        {"speaker": "A", "text": "hola", "start": 0}, {"speaker": "B", "text": "buenas", "start": 200},
    ]},
    "discord": {"guild": {"name": "x"}, "messages": [
        {"type": "Default", "timestamp": AT[0], "content": "hola", "author": {"id": "5", "name": "ana"}, "attachments": []},
        {"type": "Reply", "timestamp": AT[1], "content": "buenas", "author": {"id": "6", "name": "soporte"}, "attachments": []},
        {"type": "GuildMemberJoin", "timestamp": AT[2], "content": "Chat archived", "author": {"id": "7", "name": "x"}},
    ]},
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_a_help_desk_is_read_without_its_notes_and_with_its_events_apart(reading, name: str):
    kept, aside = reading(json.dumps(RECORDS[name]), "export.json")
    assert not aside
    assert [turn for turn in said(kept) if turn[0] != "system"] == HELLO
    assert [m.content for m in turns(kept) if m.role == "system"] in ([], ["Chat archived"])
    assert {"in", "out"}.isdisjoint(kept[0].metadata.get("participants", []))


TABLES = {
    "date and time apart": "Date,Time,From,Message\n15/01/2024,9:05:12,Cliente,hola\n15/01/2024,9:06:12,Agente,buenas\n",
    "intercom": "conversation_id,created_at,author_type,author_name,part_type,body\n1,2024-01-15 09:05:12,user,Ana,comment,<p>hola</p>\n1,2024-01-15 09:06:12,admin,Paco,comment,<p>buenas</p>\n1,2024-01-15 09:06:30,admin,Paco,note,<p>nota</p>\n",
    "a way beside the sender": "Date,Sender Type,Contact ID,Message Type,Content\n2024-01-15 09:05:12,contact,55,incoming,hola\n2024-01-15 09:06:12,user,55,outgoing,buenas\n",
    "iMazing": "Chat Session,Message Date,Type,Sender Name,Text\nAna,2024-01-15 09:05:12,Incoming,Ana,hola\nAna,2024-01-15 09:06:12,Outgoing,,buenas\nAna,2024-01-15 09:07:12,Notification,,cifrado\n",
    "Salesforce mails": "Id,ParentId,FromName,ToAddress,TextBody,Incoming,MessageDate\n02s1,500x,Ana,s@t.mx,hola,true,2024-01-15T09:05:12\n02s2,500x,Soporte,a@x.mx,buenas,false,2024-01-15T09:06:12\n",
    "Salesforce comments": "Id,ParentId,CommentBody,CreatedById,CreatedDate\n00a1,500x,hola,005A,2024-01-15T09:05:12\n00a2,500x,buenas,005B,2024-01-15T09:06:12\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_a_help_desk_is_one_conversation(reading, name: str):
    kept, aside = reading(TABLES[name], "export.csv")
    assert not aside
    assert len(kept) == 1
    assert [turn for turn in said(kept) if turn[0] != "system"] == HELLO
    assert [m.timestamp for m in turns(kept)][:2] == ["2024-01-15T09:05:12", "2024-01-15T09:06:12"]


def test_the_log_of_a_number_is_a_conversation_for_each_customer(reading):
    kept, aside = reading(
        "From,To,Body,SentDate,Direction\n"
        "+52155111111,+52155000000,hola,2024-01-15T09:05:00,inbound\n"
        "+52155222222,+52155000000,hola,2024-01-15T09:05:30,inbound\n"
        "+52155000000,+52155111111,buenas,2024-01-15T09:06:00,outbound-api\n"
        "+52155000000,+52155222222,buenas,2024-01-15T09:06:30,outbound-api\n",
        "sms.csv",
    )
    assert not aside
    assert [said([item]) for item in kept] == [HELLO, HELLO]
    assert len({item.subject_id for item in kept}) == 2


def test_a_chat_that_salesforce_wrote_out_in_a_field_is_read(reading):
    body = '<p align=""center"">Chat Started: lunes</p>( 5s ) Ana: hola<br>( 12s ) Paco: buenas<br>'
    kept, aside = reading(f'Id,CaseId,StartTime,Body\n570x,500x,2024-01-15,"{body}"\n', "chats.csv")
    assert not aside
    assert said(kept) == HELLO


def test_the_prompt_of_a_system_is_said_and_no_event(reading):
    record = {
        "messages": [
            {"type": "system", "content": "Sé breve"},
            {"type": "human", "content": "hola"},
            {"type": "ai", "content": "buenas"},
        ]
    }
    kept, _ = reading(json.dumps(record), "export.json")
    assert [(m.role, m.kind) for m in turns(kept)] == [
        ("system", "text"),
        ("user", "text"),
        ("assistant", "text"),
    ]


def test_a_private_chat_is_no_note(reading):
    kept, aside = reading(
        "chat_id,type,sender,message\n1,private,Cliente,hola\n1,private,Agente,buenas\n", "export.csv"
    )
    assert not aside
    assert said(kept) == HELLO


def test_messages_that_a_service_lists_newest_first_are_put_oldest_first(reading):
    results = [
        {"id": "m2", "createdAt": "2025-05-01T10:05:00Z", "text": "buenas", "direction": "OUTGOING", "type": "MESSAGE"},
        {"id": "m1", "createdAt": "2025-05-01T10:00:00Z", "text": "hola", "direction": "INCOMING", "type": "MESSAGE"},
    ]  # fmt: skip
    for listed in (results, results[::-1]):
        kept, aside = reading(json.dumps({"results": listed}), "thread.json")
        assert not aside
        assert said(kept) == HELLO


@pytest.mark.parametrize(
    "rows",
    [
        'Conversation ID,Message Type,Actor Type,Actor Name,Message,Created Time\nc,NORMAL,USER,Ola,hola,2025-01-01T10:00:00Z\nc,NORMAL,AGENT,Ben,buenas,2025-01-01T10:01:00Z\n',
        'Ticket ID,Comment author,Comment author role,Comment public,Comment text,Comment created - Timestamp\nt,Kim,End-user,true,hola,2025-01-02T03:04:05\nt,Bo,Agent,true,buenas,2025-01-02T03:05:05\nt,Bo,Agent,false,x,2025-01-02T03:06:05\n',
        'Thread ID,Sender Name,Message,Time (UTC)\nt,Kim Lee,hola,2025-01-01 10:00:00\nt,Support,buenas,2025-01-01 10:01:00\n',
        'chatId,personType,personId,plainText,createdAt\nc,user,u1,hola,2025-01-01 10:00:00\nc,manager,m1,buenas,2025-01-01 10:01:00\n',
        'SessionId,StartDateTime,InitialUserMessage,ChatTranscript,SessionOutcome\ns,2025-01-01T10:00:00Z,hola,"User says: hola;Bot says: buenas;",Abandoned\n',
    ],
)  # fmt: skip
def test_tables_of_more_desks_are_read(reading, rows: str):
    kept, aside = reading(rows, "export.csv")
    assert not aside
    assert said(kept) == HELLO
    assert len(kept) == 1
    assert "ChatTranscript" in rows or turns(kept)[0].timestamp


def test_the_journal_of_an_incident_is_read_oldest_first_without_work_notes(reading):
    journal = (
        "2025-02-03 09:40:00 - Bo Lee (Additional comments)\nReinicie.\n\nY avise.\n\n"
        "2025-02-03 09:12:00 - Ana Ruiz (Additional comments)\nSe cae la VPN.\n\n"
        "2025-02-03 09:10:00 - Bo Lee (Work notes)\ncliente molesto\n"
    )
    for name in ("comments_and_work_notes", "Additional comments"):
        kept, aside = reading(f'number,{name}\nINC1,"{journal}"\n', "incident.csv")
        assert not aside
        assert said(kept) == [("user", "Se cae la VPN."), ("assistant", "Reinicie.\n\nY avise.")]
        assert turns(kept)[0].timestamp == "2025-02-03T09:12:00"


def test_an_issue_of_jira_is_read_with_a_comment_in_each_of_its_columns(reading):
    rows = (
        "Summary,Issue key,Reporter,Created,Description,Comment,Comment\n"
        "VPN,SUP-1,ana,03/Feb/25 9:00 AM,Se cae la VPN,03/Feb/25 9:40 AM;bo;Reinicie; y avise,03/Feb/25 1:40 PM;ana;Gracias\n"
        "Red,SUP-2,eva,04/Feb/25 9:00 AM,,,\n"
    )
    kept, aside = reading(rows, "jira.csv")
    assert [item.reason for item in aside] == ["no-turns"]
    assert said(kept) == [("user", "Se cae la VPN"), ("assistant", "Reinicie; y avise"), ("user", "Gracias")]
    assert [m.timestamp for m in turns(kept)] == [
        "2025-02-03T09:00:00",
        "2025-02-03T09:40:00",
        "2025-02-03T13:40:00",
    ]
    assert kept[0].metadata["key"] == "SUP-1"


def test_texts_that_are_markup_under_a_name_that_does_not_say_so_are_read_as_people_see_them(reading):
    rows = 'Ticket Id,From,Content,Created Time\n1,kim@x.example,"<div>hola<br>sí</div>",2025-01-02 03:04:05\n1,help@y.example,<p>buenas</p>,2025-01-02 03:05:05\n'
    assert [m.content for m in turns(reading(rows, "threads.csv")[0])] == ["hola\nsí", "buenas"]
    rows = rows.replace("<p>buenas</p>", "el <b>código</b>").replace("<div>hola<br>sí</div>", "uno")
    assert [m.content for m in turns(reading(rows, "threads.csv")[0])] == ["uno", "el <b>código</b>"]
