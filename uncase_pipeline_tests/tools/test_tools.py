"""The registry, the simulators and the three modes."""

from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.tools import registry
from uncase_pipeline.tools.modes import inline_calls, legacy_call, offer
from uncase_pipeline.tools.registry import (
    definition_of,
    problems_with,
    simulate,
    tool_names,
    tool_of,
    tools_of,
)
from uncase_pipeline.tools.tool import Tool, arguments, example_of


def test_each_domain_has_five_tools() -> None:
    assert {domain: len(tools_of(domain)) for domain in DOMAINS} == dict.fromkeys(DOMAINS, 5)


@pytest.mark.parametrize("name", tool_names())
def test_a_tool_has_a_sound_schema_and_answers_its_example_the_same_way_twice(name: str) -> None:
    tool = tool_of(name)
    Draft202012Validator.check_schema(tool.parameters)
    example = example_of(tool.parameters)
    assert problems_with(name, example) == []
    assert simulate(name, example) == simulate(name, example) != {}
    assert set(tool.description) == {"es", "en"}


def test_inventory_answers_what_was_asked() -> None:
    found = simulate("buscar_inventario", {"tipo": "suv", "precio_max": 500_000, "anio_min": 2020})
    assert found["total"] == len(found["vehiculos"]) == 1
    assert all(one["tipo"] == "suv" and one["precio"] <= 500_000 for one in found["vehiculos"])


def test_nothing_found_is_an_answer() -> None:
    assert simulate("buscar_inventario", {"tipo": "suv", "precio_max": 1_000})["total"] == 0


def test_a_loan_pays_itself_off() -> None:
    plan = simulate("calcular_amortizacion", {"monto": 12_000, "tasa_anual_pct": 12, "plazo_meses": 24})
    owed = 12_000.0
    for _ in range(24):
        owed = owed * 1.01 - plan["pago_mensual"]
    assert abs(owed) < 24
    assert (
        simulate("calcular_amortizacion", {"monto": 1_200, "tasa_anual_pct": 0, "plazo_meses": 12})[
            "pago_mensual"
        ]
        == 100
    )


def test_a_down_payment_is_a_share_of_the_price_that_was_asked() -> None:
    plan = simulate("consultar_financiamiento", {"precio": 300_000, "enganche_pct": 20, "plazo_meses": 48})
    assert (plan["enganche"], plan["monto_financiado"]) == (60_000, 240_000)


def test_a_childs_dose_follows_the_weight_up_to_an_adults() -> None:
    light = simulate("calcular_dosis", {"medicamento": "ibuprofeno", "edad_anios": 6, "peso_kg": 20})
    heavy = simulate("calcular_dosis", {"medicamento": "ibuprofeno", "edad_anios": 11, "peso_kg": 90})
    assert (light["dosis_mg"], heavy["dosis_mg"]) == (160, 400)


def test_an_alarm_symptom_is_always_an_emergency() -> None:
    result = simulate("evaluar_sintomas", {"sintomas": ["dolor_de_pecho"], "dias": 0, "intensidad": 1})
    assert result["nivel"] == "urgencias"


def test_interactions_do_not_depend_on_the_order() -> None:
    one = simulate("verificar_interacciones", {"medicamentos": ["warfarina", "ibuprofeno"]})
    other = simulate("verificar_interacciones", {"medicamentos": ["ibuprofeno", "warfarina"]})
    assert one["interacciones"] == other["interacciones"] != []


def test_a_term_that_has_run_out_says_so() -> None:
    late = simulate("calcular_plazo_legal", {"tramite": "apelacion", "dias_transcurridos": 12})
    assert (late["dias_restantes"], late["en_plazo"]) == (0, False)


def test_the_papers_that_are_missing_are_named() -> None:
    result = simulate("verificar_requisitos", {"tramite": "visa_de_trabajo", "documentos": ["pasaporte"]})
    assert set(result["faltan"]) == set(result["requisitos"]) - {"pasaporte"}


def test_a_reading_is_judged_by_its_normal_range() -> None:
    result = simulate("consultar_telemetria", {"equipo": "compresor", "variable": "presion"})
    assert (result["valor"] < result["minimo_normal"], result["estado"]) == (True, "baja")


@pytest.mark.parametrize("topic", ["multiplicacion", "porcentajes", "fracciones", "areas", "proporciones"])
def test_an_exercise_is_marked_right_with_its_own_solution(topic: str) -> None:
    made = simulate("generar_ejercicio", {"tema": topic, "nivel": "secundaria", "cantidad": 5})
    for exercise in made["ejercicios"]:
        numerator, _, denominator = exercise["solucion"].partition("/")
        answer = int(numerator) / int(denominator or 1)
        call = {"expresion": exercise["enunciado"], "respuesta": answer}
        assert simulate("evaluar_respuesta", call)["correcta"]
        assert not simulate("evaluar_respuesta", {**call, "respuesta": answer + 1})["correcta"]


@given(st.text(min_size=1, max_size=60))
def test_marking_never_runs_what_is_not_arithmetic(expression: str) -> None:
    result = simulate("evaluar_respuesta", {"expresion": expression, "respuesta": 1})
    assert "evaluable" in result


def test_wrong_arguments_are_named_without_their_values() -> None:
    with pytest.raises(UncaseError) as refused:
        simulate("cotizar_vehiculo", {"modelo": "secreto", "otro": 1})
    assert refused.value.code == "bad-arguments"
    assert "$.modelo" in refused.value.message
    assert "secreto" not in str(refused.value)
    assert problems_with("cotizar_vehiculo", {}) == ["$.modelo: is missing."]


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(UncaseError, match="no tool with that name"):
        tool_of("nada")


class _Point:
    """An entry point whose package is this test."""

    name = "mine"

    def __init__(self, *tools: Tool) -> None:
        self._tools = tools

    def load(self) -> list[Tool]:
        return list(self._tools)


def with_entry_point(monkeypatch: pytest.MonkeyPatch, tool: Tool) -> None:
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [_Point(tool)] if group == "uncase.tools" else []
    )
    registry._registry.cache_clear()
    monkeypatch.setattr(EntryPoint, "load", lambda _self: tool)


@pytest.fixture
def fresh_registry() -> object:
    yield
    registry._registry.cache_clear()


def test_a_package_adds_a_tool(monkeypatch: pytest.MonkeyPatch, fresh_registry: object) -> None:
    mine = Tool(
        "sumar_uno", "education.tutoring", {"es": "Suma uno."}, arguments(""), lambda _call: {"uno": 1}
    )
    with_entry_point(monkeypatch, mine)
    assert simulate("sumar_uno", {}) == {"uno": 1}
    assert definition_of(mine, "en")["function"]["description"] == "Suma uno."


def test_a_package_may_not_replace_a_tool(monkeypatch: pytest.MonkeyPatch, fresh_registry: object) -> None:
    with_entry_point(monkeypatch, tool_of("buscar_recurso"))
    with pytest.raises(UncaseError, match="exists already"):
        tool_names()


def test_tools_are_offered_in_three_modes() -> None:
    tools = tools_of("legal.advisory")
    native, functions, inline = (offer(tools, mode) for mode in ("native", "function_calling", "inline"))
    assert [one["function"]["name"] for one in native.parameters["tools"]] == [tool.name for tool in tools]
    assert [one["name"] for one in functions.parameters["functions"]] == [tool.name for tool in tools]
    assert inline.parameters == {}
    assert all(tool.name in inline.prompt for tool in tools)
    assert offer([], "native").parameters == {}


def test_an_inline_call_is_taken_out_of_the_text() -> None:
    said, calls = inline_calls('Un momento. <tool_call>{"name": "x", "arguments": {"a": 1}}</tool_call>')
    assert said == "Un momento."
    assert [(call.name, call.arguments) for call in calls] == [("x", {"a": 1})]


@pytest.mark.parametrize(
    "text", ["<tool_call>{</tool_call>", "<tool_call>[]</tool_call>", 'a <tool_call>{"name": 1']
)
def test_a_broken_inline_call_is_refused(text: str) -> None:
    with pytest.raises(UncaseError, match="not a JSON object"):
        inline_calls(text)


def test_a_legacy_call_has_its_arguments_as_text() -> None:
    assert legacy_call({"name": "x", "arguments": '{"a": 1}'}).arguments == {"a": 1}
