from random import Random
from typing import Any

import pytest

from uncase_pipeline.synthetic.simulator.arguments import fill
from uncase_pipeline.synthetic.simulator.grammar import Memory, parse_text
from uncase_pipeline.synthetic.simulator.language import LANGUAGES
from uncase_pipeline.synthetic.simulator.telling import Telling, Told, looked_up, tellings
from uncase_pipeline.tools.registry import simulate, tool_names, tool_of


def told(tool: str, result: dict[str, Any], language: str = "es", **asked: Any) -> Told:
    return Told((tool, asked), result, Memory(Random(1)), language)


def kind(when: str) -> Telling:
    return Telling(when, parse_text("told", "x"), parse_text("so", "y"))


@pytest.mark.parametrize(
    ("when", "fitting", "other"),
    [
        ("", {}, None),
        ("citas", {"citas": [1]}, {"citas": []}),
        ("!citas", {"citas": []}, {"citas": [1]}),
        ("nivel=urgente", {"nivel": "urgente"}, {"nivel": "rutina"}),
    ],
)
def test_a_sentence_is_for_results_in_which_its_field_holds_something_nothing_or_just_that(
    when: str, fitting: dict[str, Any], other: dict[str, Any] | None
):
    assert kind(when).fits(fitting)
    assert other is None or not kind(when).fits(other)


def test_a_field_that_is_missing_is_not_one_that_holds_nothing():
    assert not kind("!citas").fits({})
    assert not kind("citas").fits({})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", tool_names())
def test_every_result_of_every_tool_is_told_in_a_sentence_with_all_that_it_names(tool: str, language: str):
    assert looked_up(tool, language)
    for number in range(40):
        arguments = fill(tool_of(tool).parameters, {}, {}, Random(number))
        result = simulate(tool, arguments)
        telling = told(tool, result, language, **arguments)
        assert telling.failed or any(one.fits(result) for one in tellings(language)[tool]), result
        assert telling.told()
        assert telling.so()


def test_an_error_and_an_empty_result_are_told_as_such_whatever_the_tool():
    assert "consulta" in told("cotizar_vehiculo", {"error": "x"}).told()
    assert "consulta" in told("a_tool_of_theirs", {}).told()


def test_a_tool_without_sentences_is_told_by_its_first_fields():
    result = {"consulta": "x", "piezas": 3, "color_del_panel": "rojo", "activo": True, "turno": "noche"}
    assert told("a_tool_of_theirs", result).told() == "piezas 3, color del panel rojo y activo sí"
