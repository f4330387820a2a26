"""YAML is read as JSON is; chatterbot's lists of turns too."""

import pytest

from uncase_pipeline_tests.raw.conftest import HELLO, said

FILES = {
    "messages": "- messages:\n  - role: user\n    content: hola\n  - {role: assistant, content: buenas}\n",
    "one conversation": "turns:\n- speaker: cliente\n  text: hola\n- speaker: agente\n  text: buenas\n",
    "documents": "---\nmessages:\n- {role: user, content: hola}\n- {role: assistant, content: buenas}\n...\n",
    "chatterbot": "categories:\n- saludos\nconversations:\n- - hola\n  - buenas\n",
}


@pytest.mark.parametrize("name", FILES)
def test_what_yaml_holds_is_read(reading, name: str):
    kept, aside = reading(FILES[name], "data.yml")
    assert not aside
    assert said(kept) == HELLO


def test_a_time_in_yaml_stays_a_time_of_a_turn(reading):
    text = (
        "turns:\n- {speaker: cliente, text: hola, time: 2024-01-15 09:05:00}\n- {speaker: agente, text: ok}\n"
    )
    kept, _ = reading(text, "data.yaml")
    assert kept[0].messages[0].timestamp == "2024-01-15T09:05:00"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: &x [1]\nb: [*x, *x]\n", "yaml-alias"),
        ("a: [1\nb: }\n", "bad-yaml"),
        ("[" * 5000, "bad-yaml"),
        ("a: !!bool x\n", "bad-yaml"),
        ("a: !!timestamp x\n", "bad-yaml"),
        ("services:\n  web:\n    image: x\n", "unknown-format"),
        ("!!python/object/apply:os.system ['x']\n", "bad-yaml"),
    ],
)
def test_yaml_that_says_things_by_reference_or_is_broken_is_refused_with_the_reason(reading, content, reason):
    kept, aside = reading(content, "data.yml")
    assert not kept
    assert [rejection.reason for rejection in aside] == [reason]
