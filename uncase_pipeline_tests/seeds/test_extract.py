"""Extraction: what a seed takes from a conversation, and what it can't take."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.records.conversation import Conversation, Message, ToolCall
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import NumberRange, OneOf, Seed
from uncase_pipeline.seeds.extract import draft_of, seed_of
from uncase_pipeline.seeds.rules import grams_of, seed_grams, texts_of
from uncase_pipeline_tests.builders import conversation

TALK = (
    "u: Hola, busco un sedán 2022, mi presupuesto es de $320,000",
    "a: Buenas tardes. ¿Lo quiere a crédito?",
    "u: Sí, a 48 meses con 20 % de enganche",
    "a: Le recomiendo la versión media. ¿Le parece bien?",
    "u: De acuerdo, gracias",
    "a: Hasta luego",
)


def seed_from(*turns: str, **more: str) -> Seed:
    seed = seed_of(conversation(*turns, **more))
    assert isinstance(seed, Seed)
    return seed


def test_the_plan_is_the_sequence_of_acts() -> None:
    assert seed_from(*TALK).steps == [
        "user:greet",
        "user:request",
        "assistant:greet",
        "assistant:ask",
        "user:confirm",
        "user:inform",
        "assistant:propose",
        "user:confirm",
        "user:thank",
        "assistant:close",
    ]


def test_values_are_named_and_generalised_to_ranges() -> None:
    facts = seed_from(*TALK).facts
    assert facts["presupuesto"] == NumberRange(minimum=300_000, maximum=400_000, unit="MXN")
    assert facts["enganche_pct"] == NumberRange(minimum=15, maximum=20, unit="%")
    assert facts["anio"] == NumberRange(minimum=2019, maximum=2024)
    assert NumberRange(minimum=36, maximum=48, unit="month") in facts.values()


def test_ages_become_bands_doses_classes_and_dates_months() -> None:
    facts = seed_from(
        "u: Tengo 43 años y tomo 500 mg desde el 15 de marzo de 2025",
        "a: ¿Le cae bien?",
        "u: Sí",
        domain="medical.consultation",
    ).facts
    assert facts["edad"] == NumberRange(minimum=39, maximum=49, unit="year_old")
    assert facts["dosis"] == NumberRange(minimum=400, maximum=500, unit="mg")
    assert facts["fecha"] == OneOf(values=["2025-03"])


def test_roles_are_functions_and_lineage_is_kept() -> None:
    seed = seed_from(*TALK, subject_id="subject_1")
    assert seed.roles == ["customer", "sales_advisor"]
    assert seed.subject_ids == ["subject_1"]
    assert seed.support == 1
    assert len(seed.source_ids) == 1


def test_a_conversation_without_a_subject_is_its_own_unit() -> None:
    talk = conversation(*TALK)
    draft = draft_of(talk)
    assert not isinstance(draft, Rejection)
    assert draft.seed.subject_ids == [talk.conversation_id]


def test_tools_are_those_called_and_those_implied_and_unknown_ones_are_inferred() -> None:
    talk = conversation(*TALK)
    talk.messages.insert(
        2,
        Message(
            "assistant", "", tool_calls=[ToolCall("c", "cotizar_vehiculo", {}), ToolCall("d", "otra", {})]
        ),
    )
    seed = seed_of(talk)
    assert isinstance(seed, Seed)
    assert seed.tools == ["cotizar_vehiculo", "otra", "buscar_inventario"]
    assert list(seed.inferred_tools) == ["otra"]


def test_the_topic_and_the_tone_come_from_the_words() -> None:
    seed = seed_from(
        "u: Es urgente, me despidieron sin causa y mi patrón no paga la liquidación",
        "a: Entiendo. ¿Tiene contrato?",
        "u: Es urgente, sí tengo",
        domain="legal.advisory",
    )
    assert seed.tags[0] == "laboral"
    assert seed.tone == "urgente"


@pytest.mark.parametrize(
    ("turns", "language", "reason"),
    [
        (TALK, "pt", "language-not-supported"),
        (("u: hola", "u: busco un auto"), "es", "no-dialogue"),
        (("u: hola",), "es", "no-dialogue"),
    ],
)
def test_what_gives_no_plan_is_set_aside_with_a_reason(
    turns: tuple[str, ...], language: str, reason: str
) -> None:
    rejection = draft_of(conversation(*turns, language=language))
    assert isinstance(rejection, Rejection)
    assert rejection.reason == reason


def test_the_same_conversation_gives_the_same_seed() -> None:
    assert seed_from(*TALK) == seed_from(*TALK)


def test_a_raw_chat_cant_put_a_name_a_street_or_its_first_200_characters_into_a_seed() -> None:
    chat = (
        "u: Hola, soy Xóchitl Barragán y vivo en Avenida de los Insurgentes 1457, quiero vender mi coche usado "
        "porque me mudo de ciudad la semana próxima y necesito el dinero para el depósito de la casa nueva",
        "a: Con gusto, señora Barragán. ¿Qué modelo es?",
        "u: Un sedán, pido $180,000",
        "a: Le propongo una cita",
    )
    talk = conversation(*chat)
    seed = seed_from(*chat)
    held = " ".join(text for _, text in texts_of(seed))
    for secret in ("Xóchitl", "Barragán", "Insurgentes", "1457", "180000", talk.messages[0].content[:200]):
        assert secret not in held
    source = set().union(*(grams_of(message.content) for message in talk.messages))
    assert source
    assert source.isdisjoint(seed_grams(seed))


def test_a_plan_asks_for_no_more_turns_than_there_are_without_those_that_go_on_with_the_one_before() -> None:
    chat = (
        "u: hola",
        "u: busco crédito",
        "u: a 12 meses",
        "a: claro",
        "a: ¿de cuánto?",
        "u: 9 mil",
        "u: o 8 mil",
    )
    seed = seed_from(*chat, "a: perfecto")
    assert seed.turns.minimum <= 4
    assert seed.turns.maximum >= 8


_NONSENSE = st.lists(
    st.text(string.ascii_lowercase, min_size=7, max_size=12).map(lambda w: f"zq{w}"), min_size=1
)


@given(st.lists(_NONSENSE, min_size=2, max_size=6))
def test_no_word_of_any_conversation_gets_into_its_seed(turns: list[list[str]]) -> None:
    messages = [Message("user" if at % 2 else "assistant", " ".join(words)) for at, words in enumerate(turns)]
    seed = seed_of(Conversation("conv_1", "finance.advisory", messages, language="es"))
    assert isinstance(seed, Seed)
    held = seed.model_dump_json()
    assert not any(word in held for words in turns for word in words)


def test_a_language_with_a_region_is_read_as_the_language() -> None:
    regional, plain = seed_from(*TALK, language="es-MX"), seed_from(*TALK)
    assert (regional.language, regional.steps, regional.facts) == ("es", plain.steps, plain.facts)


def test_a_conversation_of_an_unknown_domain_is_set_aside() -> None:
    rejection = draft_of(conversation(*TALK, domain="cooking.tips"))
    assert isinstance(rejection, Rejection)
    assert rejection.reason == "unknown-domain"
