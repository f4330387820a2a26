"""What supports a claim: values that tools told, in the units and the currency that they told them in."""

import pytest

from uncase_pipeline.certified.metrics.support import told_to
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.facts import extract_facts
from uncase_pipeline.records.conversation import Message, ToolCall
from uncase_pipeline_tests.certified.examples import dialogue, seed_of, with_messages

RESULT = '{"moneda":"MXN","precio":329000.0,"plazo_meses":48,"tasa_anual_pct":12.5,"dosis_mg":400,"puntos":3}'


def supported(said: str, result: str = RESULT) -> bool:
    call = Message("assistant", "", tool_calls=[ToolCall("c1", "cotizar", {"enganche_pct": 20})])
    told = Message("tool", result, tool_call_id="c1")
    row = with_messages(dialogue(), [*dialogue().messages, call, told])
    (fact,) = extract_facts(said, "es")
    return told_to(Reading(row), seed_of(row)).supports(fact)


@pytest.mark.parametrize(
    "said",
    ["cuesta 329,000 pesos", "a 48 meses", "una tasa de 12.5 %", "400 mg", "el 20 por ciento", "el 400"],
)
def test_what_a_tool_told_is_supported_in_its_unit_or_without_one(said: str) -> None:
    assert supported(said)


@pytest.mark.parametrize("said", ["cuesta 329,000 dólares", "a 48 años", "400 litros", "20 meses"])
def test_the_same_figure_in_another_unit_or_currency_is_not(said: str) -> None:
    assert not supported(said)


def test_a_result_that_names_no_unit_fits_any_and_one_that_is_no_json_is_read_as_text() -> None:
    assert supported("cuesta 99 dólares", '{"total": 99}')
    assert supported("cuesta 99 pesos", "El total es de 99 pesos.")
    assert not supported("cuesta 99 dólares", "El total es de 99 pesos.")


def test_a_result_is_read_at_any_depth() -> None:
    assert supported("cuesta 99 pesos", "[" * 1_020 + "99" + "]" * 1_020)


def test_a_monthly_payment_is_an_amount_though_so_many_of_them_are_months() -> None:
    assert supported("son 6,881 pesos", '{"moneda":"MXN","mensualidad":6881}')
    assert not supported("son 6,881 dólares", '{"moneda":"MXN","mensualidad":6881}')


def test_what_a_system_message_or_the_seed_says_is_supported_too() -> None:
    row = with_messages(dialogue(), [Message("system", "El enganche es de 80 pesos."), *dialogue().messages])
    seed = seed_of(row, constraints=["Cobrar 70 pesos de trámite."])
    told = told_to(Reading(row), seed.model_copy(update={"negative_constraints": ["Pedir 60 pesos más."]}))
    said = [extract_facts(f"son {amount} pesos", "es")[0] for amount in (80, 70, 60, 50)]
    assert [told.supports(fact) for fact in said] == [True, True, True, False]
