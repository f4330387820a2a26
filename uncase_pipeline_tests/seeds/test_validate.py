"""SeedSchema v1 as it is published, and what validation says."""

import json
from typing import Any

import pytest

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.seeds.validate import json_schema, model_schema, problems_of
from uncase_pipeline_tests.seeds.doubles import WordScanner


def good() -> Json:
    seed: Json = json.loads(curated("finance.advisory")[0].model_dump_json())
    return seed


def test_the_published_schema_is_the_models() -> None:
    assert json_schema() == model_schema()


def test_the_published_schema_has_the_keys_of_the_mission() -> None:
    assert {
        "seed_id",
        "dominio",
        "idioma",
        "objetivo",
        "tono",
        "roles",
        "pasos_turnos",
        "parametros_factuales",
    } <= json_schema()["properties"].keys()


def test_a_good_seed_has_no_problem() -> None:
    assert list(problems_of(1, good(), WordScanner())) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"dominio": "cooking.tips"}, "$.dominio"),
        ({"roles": ["uno"]}, "$.roles"),
        ({"pasos_turnos": []}, "$.pasos_turnos"),
        ({"herramientas": ["no_existe"]}, "$.herramientas[0]"),
        ({"turnos": {"min": 9, "max": 3}}, "$.turnos"),
        ({"turnos": {"min": 0, "max": 3}}, "$.turnos.min"),
        ({"umbrales": {"belleza": 1.0}}, "$.umbrales"),
        ({"objetivo": None}, "$.objetivo"),
        ({"objetivo": "Hablar con Xóchitl"}, "$.objective"),
    ],
)
def test_a_problem_names_its_place(change: dict[str, Any], path: str) -> None:
    problems = list(problems_of(4, {**good(), **change}, WordScanner()))
    assert [(problem.seed, problem.path) for problem in problems] == [(4, path)]


@pytest.mark.parametrize("document", [None, 3, "seed", []])
def test_what_is_no_object_is_a_problem(document: Any) -> None:
    assert [problem.path for problem in problems_of(1, document)] == ["$"]
