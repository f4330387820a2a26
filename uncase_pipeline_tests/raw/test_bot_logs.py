"""Logs of bots: exchanges of one session are one conversation, in the order in which they were had."""

import json

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, said, turns

AT = ("2024-01-15T09:05:00Z", "2024-01-15T09:06:00Z")


def lex(asked: str, answered: str, when: str = AT[0], session: str = "s1") -> dict:
    """One exchange as Lex logs it."""
    return {
        "sessionId": session,
        "timestamp": when,
        "inputTranscript": asked,
        "messages": [{"content": answered}],
    }


def dialogflow(asked: str, answered: str) -> dict:
    """One exchange as Dialogflow ES logs it."""
    return {
        "queryResult": {"queryText": asked, "fulfillmentText": answered},
        "session": "projects/p/sessions/s1",
    }


def cx(asked: str, *answered: str) -> dict:
    """One exchange as Dialogflow CX exports it."""
    result = {"text": asked, "responseMessages": [{"text": {"text": list(answered)}}]}
    return {"request": {"session": "s1"}, "response": {"queryResult": result}, "createTime": AT[0]}


def watson(asked: str, answered: str) -> dict:
    """One exchange as Watson logs it."""
    output = {"generic": [{"response_type": "text", "text": answered}]}
    response = {"output": output, "context": {"conversation_id": "c1"}}
    return {"request": {"input": {"text": asked}}, "response": response, "request_timestamp": AT[0]}


FILES = {
    "lex": lex("hola", "buenas"),
    "dialogflow": dialogflow("hola", "buenas"),
    "dialogflow cx": {"name": "conversations/s1", "interactions": [cx("hola", "buenas")]},
    "watson": {"logs": [watson("hola", "buenas")]},
}


@pytest.mark.parametrize("name", FILES)
def test_an_exchange_is_a_question_and_its_answer(reading, name: str):
    kept, aside = reading(json.dumps(FILES[name]), "log.json")
    assert not aside
    assert said(kept) == HELLO
    assert kept[0].source.format == "bot-logs"


def test_sessions_are_told_apart_and_their_exchanges_put_in_order(reading):
    log = [lex("precio", "cien", AT[1]), lex("hola", "x", AT[0], "s2"), lex("hola", "buenas", AT[0])]
    kept, _ = reading("\n".join(map(json.dumps, log)), "log.jsonl")
    assert [[m.content for m in item.messages] for item in kept] == [
        ["hola", "buenas", "precio", "cien"],
        ["hola", "x"],
    ]


def test_a_greeting_of_the_bot_answers_nothing_and_silence_is_set_aside(reading):
    log = [lex("", "¡Bienvenida!"), lex("", "", session="s2"), lex("hola", "buenas", AT[1])]
    kept, aside = reading("\n".join(map(json.dumps, log)), "log.jsonl")
    assert [m.content for m in turns(kept)] == ["¡Bienvenida!", "hola", "buenas"]
    assert [rejection.reason for rejection in aside] == ["no-turns"]
