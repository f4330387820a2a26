"""Conversations that are too long are shortened at their turns, and say so."""

from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.encode import IGNORED, encode, encode_rows
from uncase_pipeline.adapter.fit import ANSWER_CUT, TOOLS_CUT, TURNS_CUT, fit

SYSTEM = {"role": "system", "content": "s" * 10}


def turn(role, size, calls=()):
    made = {"role": role, "content": role[0] * size}
    return made | {"tool_calls": [{"function": {"name": name}} for name in calls]} if calls else made


def tool(name, size=20):
    return {"type": "function", "function": {"name": name, "description": "d" * size}}


def length(turns, tools):
    return sum(len(t["content"]) for t in turns) + sum(len(t["function"]["description"]) for t in tools or [])


TALK = [
    SYSTEM, turn("user", 10), turn("assistant", 10), turn("user", 10), turn("assistant", 10, ["a"]),
    turn("tool", 10), turn("assistant", 10), turn("user", 10), turn("assistant", 10), turn("user", 10),
]  # fmt: skip


def test_what_fits_stays_whole():
    assert fit(TALK, [tool("a")], length, 120) == fit(TALK, [tool("a")], length, 999)
    assert fit(TALK, [tool("a")], length, 120).cut == ""


def test_the_oldest_turns_go_first_and_never_part_a_call_from_its_answer():
    found = fit(TALK, [tool("a")], length, 110)
    assert (found.turns, found.cut) == ([SYSTEM, *TALK[3:]], TURNS_CUT)
    assert fit(TALK, [tool("a")], length, 95).turns == [SYSTEM, *TALK[7:]]


def test_tools_that_are_called_stay_longer_than_those_that_are_not():
    tools = [tool("a", 20), tool("never", 60)]
    found = fit(TALK, tools, length, 100)
    assert (found.turns, found.tools, found.cut) == ([SYSTEM, *TALK[7:]], tools, TURNS_CUT) or (
        found.tools == [tools[0]]
    )
    crowded = fit(TALK[:7], tools, length, 90)
    assert (crowded.tools, crowded.cut) == ([tools[0]], TOOLS_CUT)


def test_at_the_least_the_last_exchange_stays_and_its_answer_is_cut():
    found = fit([SYSTEM, turn("user", 10), turn("assistant", 90)], [tool("a")], length, 40)
    assert (len(found.turns), found.tools, found.cut) == (3, None, ANSWER_CUT)
    assert fit([turn("assistant", 90)], None, length, 40).cut == ANSWER_CUT
    assert fit([turn("user", 90)], None, length, 40).cut == ANSWER_CUT


def test_the_last_answers_of_a_long_conversation_are_learned_within_the_length(base):
    talk = [
        {"role": role, "content": f"{role} {number} " + "palabra " * 20}
        for number in range(6)
        for role in ("user", "assistant")
    ]
    example = encode(talk, base.tokenizer, max_length=200)
    assert example.cut == TURNS_CUT
    assert example.length <= 200
    learned = base.tokenizer.decode([label for label in example.labels if label != IGNORED])
    assert learned.startswith("assistant 5")
    assert learned.endswith("<|im_end|>")


def test_tools_longer_than_the_length_no_longer_cost_the_row(base):
    tools = [tool("price", 3_000)]
    talk = [{"role": "user", "content": "¿Precio?"}, {"role": "assistant", "content": "Doce."}]
    (example,) = encode_rows([Row("a", (), None, talk, tools)], base.tokenizer, max_length=64)
    assert example.cut == TOOLS_CUT
