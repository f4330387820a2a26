import asyncio
from typing import Any

import orjson
import pytest

from uncase_pipeline.gateway.request import RawToolCall, Refusal, Reply, Request
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps, loads
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import InferredTool
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.generate import generate, jobs_of, jobs_shared, make_one
from uncase_pipeline.synthetic.job import Job, Made
from uncase_pipeline.tools.registry import simulate
from uncase_pipeline_tests.synthetic.builders import Scripted, Simulated, seed

CALL_STEPS = [
    "user:request",
    "assistant:call",
    "tool:result",
    "assistant:inform",
    "user:thank",
    "assistant:close",
]
QUOTE = RawToolCall("x", "cotizar_vehiculo", '{"modelo": "Aveo"}')


def settings(**changes: Any) -> Settings:
    return Settings(**{"model": "openai/test", "generation_tries": 1, **changes})


def made_by(door: Any, *, mode: str = "one_shot", **changes: Any) -> Made:
    return asyncio.run(make_one(Job(seed(**changes), 0, 7), door, settings(generation_mode=mode)))


def said(*turns: tuple[str, str], done: bool = True, calls: list[dict[str, Any]] | None = None) -> Reply:
    listed: list[dict[str, Any]] = [{"role": role, "content": content} for role, content in turns]
    if calls:
        listed[-1]["tool_calls"] = calls
    return Reply(
        orjson.dumps({"turns": listed, "done": done}).decode(), provider="openai", model="openai/test"
    )


def user(content: str, done: bool = False) -> Reply:
    return Reply(orjson.dumps({"content": content, "done": done}).decode())


FOUR = (("user", "hola"), ("assistant", "buenas"), ("user", "gracias"), ("assistant", "adiós"))


def test_one_shot_takes_the_turns_as_they_are_and_names_their_origin():
    made = made_by(Scripted(said(*FOUR)))
    row = made.outcome
    assert isinstance(row, Conversation)
    assert [(turn.role, turn.content) for turn in row.messages] == list(FOUR)
    assert [turn.speaker for turn in row.messages] == ["customer", "sales_advisor"] * 2
    assert row.seed_id == "seed_0001"
    assert row.subject_id is None
    assert row.metadata["subject_ids"] == ["subject_a"]
    generation = row.metadata["generation"]
    assert generation["model"] == "openai/test"
    assert generation["provider"] == "openai"
    assert generation["prompt_version"].startswith("one_shot-")
    assert (generation["sample"], generation["simulator"]) == (0, False)


def test_a_call_in_one_shot_is_run_and_the_model_goes_on_with_the_result():
    door = Scripted(
        said(
            ("user", "precio"),
            ("assistant", "veo"),
            calls=[{"name": "cotizar_vehiculo", "arguments": {"modelo": "Aveo"}}],
        ),
        said(("assistant", "listo"), ("user", "gracias")),
    )
    made = made_by(door, tools=["cotizar_vehiculo"], steps=CALL_STEPS)
    assert isinstance(made.outcome, Conversation)
    roles = [turn.role for turn in made.outcome.messages]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    call = made.outcome.messages[1].tool_calls[0]
    assert made.outcome.messages[1].content == "veo"
    assert made.outcome.messages[2].tool_call_id == call.id
    result = orjson.loads(made.outcome.messages[2].content)
    assert result == simulate("cotizar_vehiculo", {"modelo": "Aveo"})
    assert str(result["total"]) in door.requests[1].messages[1]["content"].replace("\\", "")
    assert made.outcome.tools[0]["function"]["name"] == "cotizar_vehiculo"


def test_a_tool_that_was_inferred_may_be_called_as_its_source_called_it():
    seats = InferredTool(arguments={"fila": ["integer"]}, required=["fila"])
    asked = {"tools": ["asientos"], "inferred_tools": {"asientos": seats}, "steps": CALL_STEPS}

    def calling(**arguments: Any) -> Reply:
        return said(("assistant", "veo"), calls=[{"name": "asientos", "arguments": arguments}])

    made = made_by(Scripted(calling(fila=3), said(("assistant", "listo"), ("user", "gracias"))), **asked)
    assert isinstance(made.outcome, Conversation)
    (definition,) = made.outcome.tools
    assert definition["function"]["parameters"]["properties"] == {"fila": {"type": "integer"}}
    assert "inferida" in definition["function"]["description"]
    answer = next(turn for turn in made.outcome.messages if turn.role == "tool")
    assert orjson.loads(answer.content) == {"status": "accepted", "arguments": {"fila": 3}}
    assert isinstance(made_by(Scripted(*[calling(fila="3")] * 9), **asked).outcome, Rejection)


def test_what_a_model_writes_after_a_call_without_its_result_is_dropped():
    reply = {
        "turns": [
            {"role": "user", "content": "precio"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"name": "cotizar_vehiculo", "arguments": {"modelo": "Aveo"}}],
            },
            {"role": "assistant", "content": "cuesta 1 peso"},
        ],
        "done": True,
    }
    door = Scripted(Reply(orjson.dumps(reply).decode()), said(("assistant", "listo"), ("user", "gracias")))
    made = made_by(door, tools=["cotizar_vehiculo"], steps=CALL_STEPS)
    assert isinstance(made.outcome, Conversation)
    assert all("1 peso" not in turn.content for turn in made.outcome.messages)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"name": "borrar_todo", "arguments": {}}, "tool-unknown-tool"),
        ({"name": "cotizar_vehiculo", "arguments": {"modelo": "inventado"}}, "tool-bad-arguments"),
        ({"name": "cotizar_vehiculo", "arguments": {}}, "tool-bad-arguments"),
    ],
)
def test_a_call_that_cannot_be_run_is_sent_back_then_set_aside(call: dict[str, Any], reason: str):
    bad = said(("user", "a"), ("assistant", "b"), calls=[call])
    door = Scripted(bad, bad)
    made = made_by(door, tools=["cotizar_vehiculo"], steps=CALL_STEPS)
    assert made.outcome == Rejection(reason, "seed_0001#0", "quarantined")
    assert "can't be run" in door.requests[1].messages[-1]["content"]
    assert "inventado" not in made.detail


def test_turn_by_turn_two_models_speak_until_the_user_is_done():
    door = Scripted(user("hola"), Reply("buenas"), user("gracias", done=True), Reply("adiós"))
    made = made_by(door, mode="turns")
    assert isinstance(made.outcome, Conversation)
    assert [turn.content for turn in made.outcome.messages] == ["hola", "buenas", "gracias", "adiós"]
    purposes = [request.lineage.purpose for request in door.requests]
    assert purposes == ["user_turn", "assistant_turn"] * 2
    assert door.requests[2].messages[-2]["role"] == "assistant"
    assert door.requests[3].messages[-1] == {"role": "user", "content": "gracias"}


def test_text_and_a_call_in_one_turn_are_both_kept():
    door = Scripted(
        user("precio"),
        Reply("permítame", (QUOTE,), "tool_calls"),
        Reply("listo"),
        user("gracias", done=True),
        Reply("adiós"),
    )
    made = made_by(door, mode="turns", tools=["cotizar_vehiculo"], steps=CALL_STEPS)
    assert isinstance(made.outcome, Conversation)
    turn = made.outcome.messages[1]
    assert (turn.content, turn.tool_calls[0].name) == ("permítame", "cotizar_vehiculo")
    wire = door.requests[2].messages
    assert wire[-1]["role"] == "tool"
    assert wire[-1]["tool_call_id"] == wire[-2]["tool_calls"][0]["id"]


def test_parallel_calls_are_each_answered_under_an_id_of_their_own():
    door = Scripted(
        user("precio"),
        Reply("", (QUOTE, QUOTE), "tool_calls"),
        Reply("listo"),
        user("gracias", done=True),
        Reply("adiós"),
    )
    made = made_by(door, mode="turns", tools=["cotizar_vehiculo"], steps=CALL_STEPS)
    assert isinstance(made.outcome, Conversation)
    ids = [call.id for call in made.outcome.messages[1].tool_calls]
    assert len(set(ids)) == 2
    assert [turn.tool_call_id for turn in made.outcome.messages if turn.role == "tool"] == ids


def test_a_bad_call_of_an_assistant_is_asked_again_and_leaves_no_trace():
    broken = RawToolCall("x", "cotizar_vehiculo", '{"modelo":')
    door = Scripted(
        user("hola"), Reply("", (broken,)), Reply("claro"), user("gracias", done=True), Reply("adiós")
    )
    made = made_by(door, mode="turns", tools=["cotizar_vehiculo"])
    assert isinstance(made.outcome, Conversation)
    assert [turn.role for turn in made.outcome.messages] == ["user", "assistant"] * 2
    assert made.outcome.messages[1].content == "claro"


def test_a_conversation_stops_at_the_last_turn_of_its_seed():
    def endless(request: Request) -> Reply:
        return user("sigo") if request.response_schema else Reply("sigo")

    made = made_by(Scripted(*[endless] * 40), mode="turns", turns={"minimum": 2, "maximum": 6})
    assert isinstance(made.outcome, Conversation)
    assert len(made.outcome.messages) == 6


@pytest.mark.parametrize(
    ("door", "mode", "reason"),
    [
        (Scripted(Refusal("pii-in-prompt", "Found EMAIL.")), "one_shot", "pii-in-prompt"),
        (Scripted(said(("user", "hola"), ("user", "nadie"))), "one_shot", "one-sided"),
        (Scripted(said(("user", "hola"), ("assistant", "hola"))), "one_shot", "too-few-turns"),
        (Scripted(user("")), "turns", "empty-turn"),
        (Scripted(user("hola"), Reply("")), "turns", "empty-turn"),
        (Scripted(*[Reply("cut", finish_reason="length")] * 2), "one_shot", "truncated-at-max-tokens"),
    ],
)
def test_what_cannot_be_finished_is_quarantined_with_its_reason(door: Scripted, mode: str, reason: str):
    made = made_by(door, mode=mode)
    assert isinstance(made.outcome, Rejection)
    assert (made.outcome.reason, made.outcome.fate) == (reason, "quarantined")


def test_a_seed_that_nothing_can_be_written_from_is_rejected_alone():
    bad_step = made_by(Scripted(), steps=["user:ask", "assistant:dance"])
    assert bad_step.outcome == Rejection("bad-step", "seed_0001#0")
    assert made_by(Scripted(), domain="astrology.advice").outcome == Rejection(
        "unknown-domain", "seed_0001#0"
    )


@pytest.mark.parametrize("mode", ["one_shot", "turns"])
def test_with_the_simulator_both_modes_give_the_same_conversation_again_and_again(mode: str):
    def rows(mode: str) -> list[bytes]:
        config = settings(model="offline/simulator", generation_mode=mode)

        async def run() -> list[Made]:
            jobs = jobs_of([seed(), seed(seed_id="seed_0002", language="en")], config)
            return [made async for made in generate(jobs, Simulated(), config)]

        return [dumps(made.outcome) for made in asyncio.run(run())]

    first = rows(mode)
    assert first == rows(mode)
    assert len(set(first)) == 8
    spoken = [[turn.content for turn in loads(line).messages] for line in first]
    assert spoken == [[turn.content for turn in loads(line).messages] for line in rows("one_shot")]


def test_another_run_seed_gives_other_conversations():
    door = Simulated()
    config = settings(model="offline/simulator")
    one, other = (asyncio.run(make_one(Job(seed(), 0, run), door, config)).outcome for run in (1, 2))
    assert [m.content for m in one.messages] != [m.content for m in other.messages]


def test_the_seed_goes_to_the_embedded_model_only():
    real, embedded = Scripted(said(*FOUR)), Simulated()
    made_by(real)
    asyncio.run(make_one(Job(seed(), 0, 7), embedded, settings(model="offline/simulator")))
    assert real.requests[0].hints == {}
    assert embedded.requests[0].hints["seed"]["seed_id"] == "seed_0001"


def test_the_prompt_carries_plan_facts_and_rules_but_no_subject():
    door = Scripted(said(*FOUR))
    made_by(door, constraints=["Hablar de usted."], negative_constraints=["Prometer descuentos."])
    prompt = door.requests[0].messages[0]["content"]
    for part in ("user:greet", "precio", "420000", "Hablar de usted.", "Prometer descuentos."):
        assert part in prompt
    assert "subject_a" not in prompt


def test_jobs_are_shared_evenly():
    rows = [job.row for job in jobs_shared([seed(seed_id="a"), seed(seed_id="b")], 5, 1)]
    assert rows == ["a#0", "b#0", "a#1", "b#1", "a#2"]
