from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import Tokenizer

from uncase_pipeline.certified.metrics.constraints import rules_of
from uncase_pipeline.certified.metrics.diversity import mattr
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.polarity import denies
from uncase_pipeline.certified.metrics.privacy import over_two_turns
from uncase_pipeline.certified.metrics.structure import f1, lcs, structure
from uncase_pipeline.certified.metrics.tool_calls import tool_calls
from uncase_pipeline.certified.metrics.wording import misplaced
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Json, Message, ToolCall
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.records.seed import InferredTool, NumberRange
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.doubles import PatternScanner
from uncase_pipeline_tests.certified.examples import dialogue, grade, seed_of, with_messages, with_turn

STEPS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=25)
SCHEMA = {
    "type": "object",
    "properties": {"modelo": {"type": "string", "enum": ["sedan", "suv"]}},
    "required": ["modelo"],
}


class Spaces(Tokenizer):
    def tokenize(self, text: str) -> list[str]:
        return text.split()


@given(STEPS, STEPS)
def test_structural_rouge_l_is_that_of_the_rouge_score_package(plan: list[str], found: list[str]) -> None:
    scorer = RougeScorer(["rougeL"], tokenizer=Spaces())
    expected = scorer.score(" ".join(plan), " ".join(found))["rougeL"].fmeasure
    assert f1(lcs(plan, found), len(plan), len(found)) == pytest.approx(expected)


@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=60), st.integers(2, 12))
def test_the_moving_average_is_the_mean_over_all_windows(words: list[str], window: int) -> None:
    windows = [words[at : at + window] for at in range(max(1, len(words) - window + 1))]
    expected = sum(len(set(part)) / len(part) for part in windows) / len(windows)
    assert mattr(np.array(words), window) == pytest.approx(expected)


def test_surface_copying_of_the_seed_gains_nothing_in_structure() -> None:
    row = dialogue()
    seed = seed_of(row)
    parrot = with_turn(row, 1, f"{seed.objective}. " * 8)
    assert (
        structure(Reading(parrot), seed, Evidence()).value < structure(Reading(row), seed, Evidence()).value
    )


def test_a_plan_with_one_step_per_turn_is_met_by_turns_of_several_acts() -> None:
    row = dialogue()
    coarse = [
        "user:ask",
        "assistant:inform",
        "user:ask",
        "assistant:confirm",
        "user:request",
        "assistant:confirm",
    ]
    assert structure(Reading(row), seed_of(row).model_copy(update={"steps": coarse}), Evidence()).value > 0.65


def test_figures_outside_the_ranges_of_the_seed_contradict_it() -> None:
    score = grade(with_turn(dialogue(), 1, "Cuesta 990000 pesos con garantía de 9 años.")).scores["fidelity"]
    assert score.value == 0.0 and not score.passed


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("el coche no cuesta 300", True),
        ("it is not 300", True),
        ("no tiene 300", True),
        ("cuesta 300", False),
        ("no mas de 300", False),
        ("i can't afford the 300", False),
        ("we don't charge 300", True), ("it was never 300", True), ("it is no longer $300", True),
        ("it's not 300", True), ("the term is by no means 300", True), ("it is not true that it costs 300", True),
        ("nobody charges 300", True), ("it cannot be 300", True), ("it ain't really 300", True),
        ("i don't have 300", False), ("why not 300", False), ("i can't pay 300", False), ("no, 300", False),
        ("i'm not sure it is 300", False), ("it isn't more than 300", False),
        ("do not wait for more than 300", False),
        ("ya no son 300", True), ("nunca ha costado 300", True), ("no asciende a 300", True),
        ("el plazo no es de 300", True),
        ("dejo de ser de 300", True), ("es falso que cueste 300", True), ("no puede ser de 300", True),
        ("apenas cuesta 300", False), ("barely 300", False), ("por que no 300", False), ("no baja de 300", False),
        ("no puedo pagar 300", False),
        ("no hay prisa, son 300", False), ("no tome mas de 300", False), ("si no 300", False),
    ],
)  # fmt: skip
def test_a_denied_figure_is_not_a_refused_one(text: str, denied: bool) -> None:
    assert denies(text, text.index("300")) is denied


def test_a_result_of_a_tool_supports_what_the_seed_does_not_hold() -> None:
    row = with_turn(
        dialogue(), 3, "Sí, la recibimos a cuenta por 98500 pesos después de una revisión mecánica."
    )
    assert not grade(row).passed
    told = Message("tool", '{"avaluo": 98500}', tool_call_id="c1")
    call = Message("assistant", "", tool_calls=[ToolCall("c1", "cotizar_vehiculo", {})])
    assert (
        grade(with_messages(row, [*row.messages[:3], call, told, *row.messages[3:]]))
        .scores["fidelity"]
        .passed
    )


def test_a_yes_or_no_fact_is_contradicted_by_its_negation() -> None:
    row = dialogue()
    seed = seed_of(row).model_copy(
        update={"facts": {"garantia_mantenimiento": True, "p": NumberRange(min=1, max=9e9, unidad="MXN")}}
    )
    assert (
        grade(with_turn(row, 1, "El sedán no incluye garantía ni mantenimiento."), seed)
        .scores["fidelity"]
        .value
        < 0.9
    )


def test_constraints_are_read_with_their_polarity_limits_and_conditions() -> None:
    ban, limit, demand = rules_of(
        (
            "No compartir saldos sin verificar identidad.",
            "El descuento máximo es de 10 %.",
            "Saludar por su nombre.",
        ),
        (),
        "es",
    )
    assert ban.forbids and ban.condition == {"verify", "ident"}
    assert limit.limits[0].value == 10 and limit.limits[0].above
    assert not demand.forbids


@pytest.mark.parametrize(
    ("language", "said", "damaged"),
    [
        ("es", "si la garantia de un coche cubre la bateria", "garantia un de coche su en y muy la un"),
        ("en", "if the warranty of a car covers the battery", "warranty the of car a is to and the i"),
    ],
)
def test_word_order_is_judged_by_function_words(language: str, said: str, damaged: str) -> None:
    assert counted(said, language)[0] == 0
    assert counted(damaged, language)[0] >= 3


def test_saying_a_word_twice_is_no_damage() -> None:
    assert counted("the the car", "en") == (0, 1)


def test_a_function_word_that_ends_a_turn_and_binds_what_comes_next_is_misplaced() -> None:
    assert counted("i like my", "en")[0] == 1


def counted(text: str, language: str) -> tuple[int, int]:
    hits, bound = misplaced(Reading(conversation(f"u: {text}", language=language)))
    return int(hits.sum()), int(bound.sum())


def call_row(*messages: Message):
    return with_messages(dialogue(), [*dialogue().messages[:2], *messages, *dialogue().messages[2:]])


def validity(*messages: Message, tools: tuple[str, ...] = ("buscar",)) -> float | None:
    seed = seed_of(dialogue()).model_copy(update={"tools": list(tools)})
    return tool_calls(
        Reading(call_row(*messages)), seed, Evidence(tools={"buscar": SCHEMA, "otra": {}})
    ).value


def calls(name: str, **arguments: object) -> Message:
    return Message("assistant", "", tool_calls=[ToolCall("c1", name, dict(arguments))])


ANSWER = Message("tool", "{}", tool_call_id="c1")


def test_a_right_call_is_valid_and_each_kind_of_fault_is_not() -> None:
    assert validity(calls("buscar", modelo="suv"), ANSWER) == 1.0
    faults = {
        "unknown name": (calls("inventada", modelo="suv"), ANSWER),
        "not in the seed": (calls("otra"), ANSWER),
        "missing argument": (calls("buscar"), ANSWER),
        "unknown argument": (calls("buscar", modelo="suv", color="x"), ANSWER),
        "wrong type": (calls("buscar", modelo=3), ANSWER),
        "not in the enum": (calls("buscar", modelo="moto"), ANSWER),
        "unanswered": (calls("buscar", modelo="suv"),),
        "answer before the call": (ANSWER, calls("buscar", modelo="suv")),
        "answer without a call": (ANSWER,),
    }
    for fault, messages in faults.items():
        assert validity(*messages) < 0.9, fault


@pytest.mark.parametrize(
    "parameters", [{"type": "nonsense"}, {"$ref": "http://localhost:1/schema.json"}, {"required": 3}]
)
def test_a_schema_that_a_conversation_brings_can_neither_stop_the_run_nor_reach_out(parameters: dict) -> None:
    row = replace(
        call_row(calls("propia"), ANSWER), tools=[{"function": {"name": "propia", "parameters": parameters}}]
    )
    assert tool_calls(Reading(row), seed_of(dialogue()), Evidence()).value < 0.9


def inferred_validity(*messages: Message, tools: list[Json] | None = None) -> float | None:
    tool = InferredTool(arguments={"fila": ["integer"], "sala": ["string", "null"]}, required=["fila"])
    seed = seed_of(dialogue()).model_copy(
        update={"tools": ["asientos"], "inferred_tools": {"asientos": tool}}
    )
    return tool_calls(Reading(replace(call_row(*messages), tools=tools)), seed, Evidence()).value


def test_an_inferred_tool_is_judged_as_strictly_as_a_declared_one() -> None:
    assert inferred_validity(calls("asientos", fila=3, sala=None), ANSWER) == 1.0
    assert inferred_validity(calls("asientos", fila=3), ANSWER) == 1.0
    faults = {
        "wrong name": calls("asiento", fila=3),
        "unknown argument": calls("asientos", fila=3, color="x"),
        "wrong type": calls("asientos", fila="3"),
        "missing argument": calls("asientos", sala="x"),
    }
    for fault, call in faults.items():
        assert inferred_validity(call, ANSWER) == 0.0, fault


def test_a_row_can_not_allow_itself_more_than_its_seed_shows() -> None:
    loose = [{"function": {"name": "asientos", "parameters": {"additionalProperties": True}}}]
    assert inferred_validity(calls("asientos", fila="3", color="x"), ANSWER, tools=loose) == 0.0


def test_a_call_at_the_end_may_stay_open_only_where_the_plan_ends_with_one() -> None:
    row = with_messages(dialogue(), [*dialogue().messages, calls("buscar", modelo="suv")])
    evidence = Evidence(tools={"buscar": SCHEMA})
    seed = seed_of(dialogue()).model_copy(update={"tools": ["buscar"]})
    ends_so = seed.model_copy(update={"steps": [*seed.steps, "assistant:call"]})
    assert tool_calls(Reading(row), seed, evidence).value == 0.0
    assert tool_calls(Reading(row), ends_so, evidence).value == 1.0
    middle = call_row(calls("buscar", modelo="suv"))
    assert tool_calls(Reading(middle), ends_so, evidence).value == 0.0
    twice = with_messages(row, [calls("buscar", modelo="suv"), *row.messages])
    assert tool_calls(Reading(twice), ends_so, evidence).value == 0.5


def test_without_tools_validity_is_not_computed_and_does_not_decide() -> None:
    report = grade(dialogue())
    assert report.scores["tool_validity"].value is None and report.passed


def test_a_conversation_of_one_side_is_not_coherent() -> None:
    row = conversation("u: hola", "u: ¿hay alguien?", "u: bueno, adiós", seed_id="s1")
    assert grade(row).scores["coherence"].value == 0.0


def test_a_row_without_a_language_is_read_in_that_of_its_seed() -> None:
    report = grade(replace(dialogue(), language=None))
    assert report.passed and report.scores["fidelity"].value > 0.99


def test_the_border_of_two_turns_is_scanned_in_the_language_and_the_domain_of_the_row() -> None:
    class English(PatternScanner):
        def scan_text(self, text: str, *, language: str = "es", domain: str | None = None) -> list[Finding]:
            asked = (language, domain) == ("en", "healthcare.consultation")
            return super().scan_text(text) if asked else []

    turns = "u: call me at 5512", "a: 345678 thanks"
    row = conversation(*turns, domain="healthcare.consultation", language="en")
    assert [found.entity_type for found in over_two_turns(Reading(row), English())] == ["PHONE"]
    other = conversation(*turns)
    assert not list(over_two_turns(Reading(other), English()))
