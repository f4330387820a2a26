import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import pairwise

import pytest

from uncase_pipeline.dialogue.acts import detect_acts
from uncase_pipeline.dialogue.facts import agrees, extract_facts
from uncase_pipeline.dialogue.tokens import words
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.gateway.offline import OfflineCall
from uncase_pipeline.records.conversation import Conversation, Message
from uncase_pipeline.records.seed import NumberRange, OneOf, Seed
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.synthetic.simulator.answer import answer
from uncase_pipeline.synthetic.simulator.arguments import fill
from uncase_pipeline.synthetic.simulator.script import Script, Turn
from uncase_pipeline.synthetic.simulator.wording import say_value
from uncase_pipeline.synthetic.tool_use import Toolbox
from uncase_pipeline.tools.registry import problems_with, simulate, tool_names, tool_of
from uncase_pipeline_tests.synthetic.builders import seed


def played(one: Seed, sample: str = "0") -> list[Turn | Message]:
    """Play a whole conversation, answering its calls."""
    schemas = Toolbox.of(one).schemas
    results = []
    while True:
        turns = list(Script(one, schemas, sample).turns(results))
        if turns[-1].tool is None:
            return turns
        results.append(simulate(turns[-1].tool, turns[-1].arguments or {}))


def conversation_of(one: Seed, sample: str = "0") -> Conversation:
    turns = played(one, sample)
    messages = [Message("user" if turn.role == "user" else "assistant", turn.text) for turn in turns]
    return Conversation("c", one.domain, messages, language=one.language)


def longest_common(one: list[str], other: list[str]) -> int:
    row = [0] * (len(other) + 1)
    for item in one:
        previous = 0
        for at, candidate in enumerate(other, start=1):
            previous, row[at] = row[at], previous + 1 if item == candidate else max(row[at], row[at - 1])
    return row[-1]


def test_the_same_seed_and_sample_give_the_same_turns():
    assert played(seed()) == played(seed())
    assert played(seed()) != played(seed(), "1")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_the_plan_can_be_read_back(domain: str, language: str):
    plans = [one for one in curated(domain) if one.language == language][:8]
    shares = []
    for one in plans:
        spoken = [step for step in one.steps if step not in {"assistant:call", "tool:result"}]
        found = [step.token for step in detect_acts(conversation_of(one))]
        shares.append(2 * longest_common(spoken, found) / (len(spoken) + len(found)))
    assert sum(shares) / len(shares) > 0.9
    assert min(shares) > 0.7


def test_figures_are_those_of_the_seed():
    one = seed()
    for sample in range(20):
        for turn in played(one, str(sample)):
            for fact in extract_facts(turn.text, "es"):
                assert any(agrees(fact, value) for value in one.facts.values()), fact.kind


def test_every_fact_of_the_seed_is_said():
    text = " ".join(turn.text.lower() for turn in played(seed()))
    assert "pesos" in text
    assert "meses" in text
    assert "rojo" in text or "azul" in text


def test_a_conversation_keeps_to_one_value_of_a_range():
    one = seed(facts={"plazo": NumberRange(minimum=12, maximum=60, unit="month")})
    for sample in range(10):
        said = {
            fact.value
            for turn in played(one, str(sample))
            for fact in extract_facts(turn.text, "es")
            if fact.unit == "month"
        }
        assert len(said) == 1


def test_calls_follow_the_tools_of_the_seed_and_use_its_facts():
    one = seed(
        steps=["user:request", "assistant:call", "tool:result", "assistant:inform", "user:thank"],
        tools=["consultar_financiamiento"],
        facts={
            "precio": NumberRange(minimum=300_000, maximum=300_000, unit="MXN"),
            "plazo_meses": NumberRange(minimum=48, maximum=48, unit="month"),
        },
    )
    turns = played(one)
    call = next(turn for turn in turns if turn.tool)
    assert call.tool == "consultar_financiamiento"
    assert call.arguments["precio"] == 300_000
    assert call.arguments["plazo_meses"] == 48


def test_what_the_assistant_tells_of_a_result_is_in_the_result():
    one = seed(
        steps=["user:request", "assistant:call", "tool:result", "assistant:inform", "user:thank"],
        tools=["cotizar_vehiculo"],
        facts={"modelo": OneOf(values=["Aveo"])},
    )
    for sample in range(10):
        turns = played(one, str(sample))
        at = next(number for number, turn in enumerate(turns) if turn.tool)
        result = simulate("cotizar_vehiculo", turns[at].arguments)
        figures = {
            float(figure.replace(",", "")) for figure in re.findall(r"\d[\d,.]*\d|\d", turns[at + 1].text)
        }
        assert figures <= {float(value) for value in result.values() if isinstance(value, int | float)}


def test_a_result_without_data_or_with_an_error_is_told_as_such():
    steps = ["user:request", "assistant:call", "tool:result", "assistant:inform", "user:thank"]
    one = seed(steps=steps, tools=["cotizar_vehiculo"], facts={})
    for result, words_of_it in (
        ({}, ("datos", "coincidencias", "resultados", "registros")),
        ({"error": "x"}, ("consulta",)),
    ):
        turns = list(Script(one, Toolbox.of(one).schemas, "0").turns([result]))
        assert any(word in turns[2].text for word in words_of_it)


@pytest.mark.parametrize("name", tool_names())
def test_arguments_fit_every_tool(name: str):
    from random import Random

    for number in range(20):
        arguments = fill(tool_of(name).parameters, {}, {}, Random(number))
        assert problems_with(name, arguments) == []


def test_an_argument_that_is_a_list_takes_a_fact_that_is_one_value():
    from random import Random

    models = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    schema = {"type": "object", "properties": {"modelos": models}, "required": ["modelos"]}
    assert fill(schema, {"modelos": "Aurora 2024"}, {}, Random(1)) == {"modelos": ["Aurora 2024"]}


def test_a_forbidden_sentence_is_not_said():
    def said(**changes: object) -> str:
        steps = ["user:ask", "assistant:propose", "user:ask", "assistant:propose"]
        one = seed(objective="Definir el enganche y el pago inicial", steps=steps, facts={}, **changes)
        turns = [turn for sample in range(40) for turn in played(one, str(sample))]
        return " ".join(turn.text for turn in turns if turn.role == "assistant")

    assert "reunir facturas" in said()
    assert "reunir facturas" not in said(negative_constraints=["Reunir facturas y servicios."])


def test_misunderstandings_happen_and_are_set_right():
    mistaken = re.compile(
        r"lo mismo|un solo punto|un solo concepto|igual|incluía|abarcaba|cubría|incluye|abarca"
    )
    hits = sum(
        any(mistaken.search(turn.text) for turn in played(seed(), str(sample)) if turn.role == "user")
        for sample in range(40)
    )
    assert 2 <= hits < 40


def test_users_differ_in_how_they_write():
    texts = [turn.text for sample in range(40) for turn in played(seed(), str(sample)) if turn.role == "user"]
    assert any(text[0].islower() for text in texts)
    assert any(text[0].isupper() for text in texts)
    assert any(text.endswith(".") for text in texts)
    assert any(text[-1].isalpha() for text in texts)


def test_a_seed_without_facts_tools_or_known_topics_still_gives_a_conversation():
    one = seed(facts={}, objective="x", steps=["user:ask", "assistant:inform"])
    assert [turn.role for turn in played(one)] == ["user", "assistant"]


def test_the_simulator_answers_turn_by_turn_what_it_answers_at_once():
    hints = {"seed": seed().model_dump(mode="json"), "schemas": {}, "name": "n", "results": [], "spoken": 0}
    whole = answer(OfflineCall("simulator", [], hints={**hints, "part": "one_shot"}))
    first = answer(OfflineCall("simulator", [], hints={**hints, "part": "user_turn"}))
    second = answer(OfflineCall("simulator", [], hints={**hints, "part": "assistant_turn", "spoken": 1}))
    assert all(text in whole.text for text in (second.text,))
    assert first.text.startswith('{"content"')


def test_a_hundred_conversations_are_varied_and_not_alike():
    texts = []
    for number in range(100):
        one = curated("finance.advisory")[number % 50]
        texts.append([word for turn in played(one, str(number)) for word in words(turn.text)])
    bigrams = Counter(pair for text in texts for pair in pairwise(text))
    assert len(bigrams) / bigrams.total() > 0.35
    shingles = [set(zip(text, text[1:], text[2:], strict=False)) for text in texts]
    alike = [
        len(one & other) / len(one | other) for at, one in enumerate(shingles) for other in shingles[at + 1 :]
    ]
    assert max(alike) < 0.8


def test_conversations_hold_no_identifier(house):
    from uncase_pipeline.anonymized.scanner import build_scanner

    scanner = build_scanner(house)
    hit = made = 0
    for domain in DOMAINS:
        for one in curated(domain)[::5]:
            made += 1
            hit += bool(scanner.scan_conversation(conversation_of(one)))
    assert hit <= made * 0.02


@pytest.mark.slow
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_thousand_conversations_stay_varied(domain: str):
    from benchmarks.simulator import near_duplicates

    texts = []
    for number in range(1_000):
        one = curated(domain)[number % 50]
        texts.append([word for turn in played(one, str(number // 50)) for word in words(turn.text)])
    bigrams = Counter(pair for text in texts for pair in pairwise(text))
    assert len(bigrams) / bigrams.total() >= 0.27
    assert near_duplicates(texts) < 20


def _units() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("uncase_pipeline.dialogue").joinpath("units.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_unit_is_said_so_that_it_reads_back(language: str):
    """Pounds sterling have no word in Spanish that is not a weight, and miles none that is not a number."""
    sections = _units()
    for unit in (unit for name in ("money", "duration", "quantity") for unit in sections[name]):
        if (unit, language) in {("mi", "es"), ("lb", "es")}:
            continue
        said = say_value(12, unit, language)
        assert [(fact.value, fact.unit) for fact in extract_facts(f"x de {said}", language)] == [
            (12, unit)
        ], unit


def test_a_fact_that_cannot_be_read_back_is_not_said():
    facts = {"distancia": NumberRange(minimum=7, maximum=7, unit="leguas")}
    assert all("leguas" not in turn.text for turn in played(seed(facts=facts)))


@pytest.mark.parametrize(
    "steps",
    [
        ["user:ask", "assistant:confirm"],
        ["user:request", "assistant:inform"],
        ["user:inform", "user:ask", "assistant:inform"],
        ["user:ask", "assistant:ask"],
    ],
)
@pytest.mark.parametrize("language", ["es", "en"])
def test_facts_are_said_once_and_in_acts_that_the_plan_names(steps: list[str], language: str) -> None:
    facts = {"odometro": NumberRange(minimum=162_000, maximum=162_000, unit="km")}
    one = seed(steps=steps, facts=facts, language=language)
    for sample in range(20):
        conversation = conversation_of(one, str(sample))
        assert [step.token for step in detect_acts(conversation)] == steps
        assert sum(message.content.count("162,000") for message in conversation.messages) == 1


def test_only_a_greeting_is_greeted_back() -> None:
    def opens(*steps: str) -> bool:
        answered = [*steps, "assistant:acknowledge", "assistant:ask", "user:inform"]
        plan = [*answered, *["user:ask", "assistant:inform"] * 3]
        conversations = [conversation_of(seed(steps=plan, facts={}), str(sample)) for sample in range(10)]
        return any("assistant:greet" in [step.token for step in detect_acts(one)] for one in conversations)

    assert opens("user:greet", "user:ask")
    assert not opens("user:inform", "user:ask")


def test_a_reason_that_denies_what_the_seed_demands_is_not_said() -> None:
    one = next(one for one in curated("medical.consultation") if one.seed_id.endswith("triaje_de_sintomas-1"))
    asked = one.model_copy(update={"constraints": []})

    def said(plan: Seed) -> str:
        turns = [turn for sample in range(40) for turn in played(plan, str(sample))]
        return " ".join(turn.text.lower() for turn in turns if turn.role == "assistant")

    denied = re.compile(r"no (?:existen|aparecen|veo|trae|incluye) señales de alarma|señales de alarma no ")
    assert denied.search(said(asked))
    assert not denied.search(said(one))
