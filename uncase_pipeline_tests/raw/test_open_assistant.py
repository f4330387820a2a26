"""OpenAssistant: of a tree, the answers that were ranked best are one conversation."""

import json

from uncase_pipeline_tests.raw.conftest import said

THREE = [("user", "hola"), ("assistant", "buenas"), ("user", "gracias")]


def node(name: str, role: str, text: str, *replies: dict, **more) -> dict:
    """One message of a tree."""
    return {"message_id": name, "role": role, "text": text, "replies": list(replies), **more}


TREE = {
    "message_tree_id": "t1",
    "prompt": node(
        "a",
        "prompter",
        "hola",
        node("b", "assistant", "malas", rank=1),
        node("c", "assistant", "buenas", node("d", "prompter", "gracias"), rank=0),
        lang="es",
    ),
}


def test_the_best_answers_of_a_tree_are_followed_and_the_others_counted(reading):
    kept, aside = reading(json.dumps(TREE) + "\n", "trees.jsonl")
    assert not aside
    assert said(kept) == THREE
    assert kept[0].metadata["other_answers_left_out"] == 1
    assert kept[0].language == "es"


def flat(
    name: str, parent: str | None, role: str, text: str, rank: int | None = None, tree: str = "t1"
) -> str:
    """One message as a line of its own."""
    names = {"message_id": name, "parent_id": parent, "message_tree_id": tree}
    return json.dumps({**names, "role": role, "text": text, "rank": rank})


def test_messages_that_answer_each_other_in_a_circle_are_set_aside(reading):
    lines = [
        flat("a", "b", "prompter", "hola"),
        flat("b", "a", "assistant", "buenas"),
        flat("c", None, "prompter", "x"),
    ]
    kept, aside = reading("\n".join(lines), "messages.jsonl")
    assert said(kept) == [("user", "x")]
    assert [(rejection.reason, rejection.rows) for rejection in aside] == [("bad-tree", 2)]


def test_messages_of_one_id_are_read_once_and_the_others_set_aside(reading):
    lines = [flat(str(n), str(n - 1) if n else None, "prompter", f"{n}") for n in range(40) for _ in "ab"]
    kept, aside = reading("\n".join(lines), "messages.jsonl")
    assert said(kept) == [("user", str(n)) for n in range(40)]
    assert [(rejection.reason, rejection.rows) for rejection in aside] == [("bad-tree", 40)]


def test_flat_messages_are_hung_under_those_that_they_answer(reading):
    lines = [
        flat("a", None, "prompter", "hola"),
        flat("x", None, "prompter", "otra", tree="t2"),
        flat("b", "a", "assistant", "malas", 1),
        flat("c", "a", "assistant", "buenas", 0),
        flat("d", "c", "prompter", "gracias"),
    ]
    kept, aside = reading("\n".join(lines), "messages.jsonl")
    assert not aside
    assert [said([item]) for item in kept] == [THREE, [("user", "otra")]]
