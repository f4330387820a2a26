"""``uncase seed`` and ``uncase tool``."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.records import native
from uncase_pipeline.seeds.library import curated
from uncase_pipeline_tests.builders import conversation


def call(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, orjson.loads(result.stdout)


@pytest.fixture
def seed_file(tmp_path: Path, house: object) -> Path:
    path = tmp_path / "seeds.jsonl"
    path.write_text("".join(f"{seed.model_dump_json()}\n" for seed in curated("legal.advisory")[:3]))
    return path


@pytest.fixture
def talks(tmp_path: Path, house: object) -> Path:
    path = tmp_path / "talks.jsonl"
    lines = [
        conversation("u: Hola, busco un auto", "a: Cuesta $300,000", "u: De acuerdo, gracias", language="es"),
        conversation("u: Hello, I need a car", "a: It costs $20,000", "u: No, thank you", language="en"),
        conversation("u: hola"),
    ]
    path.write_bytes(b"\n".join(native.dumps(line) for line in lines))
    return path


def test_good_seeds_are_valid(seed_file: Path) -> None:
    assert call("seed", "validate", str(seed_file)) == (
        0,
        {"valid": True, "seeds": 3, "invalid_seeds": 0, "forms": {"v1": 3}, "problems": []},
    )


def test_a_seed_with_an_identifier_is_not_valid_and_the_answer_does_not_repeat_it(seed_file: Path) -> None:
    seed = curated("legal.advisory")[0].model_copy(update={"objective": "Escribir a ana.ruiz@example.com"})
    seed_file.write_text(seed.model_dump_json())
    result = CliRunner().invoke(app, ["seed", "validate", str(seed_file), "--json"])
    assert result.exit_code == 1
    assert "ana.ruiz" not in result.output
    assert orjson.loads(result.stdout)["problems"][0]["problem"] == "holds an identifier"


def test_a_file_that_is_not_there_is_a_bad_call(house: object) -> None:
    code, document = call("seed", "validate", "nowhere.jsonl")
    assert (code, document["error"]["code"]) == (2, "no-such-file")


def test_seeds_of_any_form_are_shown_in_version_1(tmp_path: Path, house: object) -> None:
    path = tmp_path / "flat.json"
    flat = {
        "seed_id": "s1",
        "dominio": "automotive.sales",
        "objetivo": "Vender",
        "roles": ["vendedor", "cliente"],
        "pasos_turnos": ["saludo", "cierre"],
        "parametros_factuales": {"precio": 1_000},
    }
    path.write_bytes(orjson.dumps(flat))
    code, document = call("seed", "show", str(path))
    assert code == 0
    assert document["seeds"][0]["pasos_turnos"][0] == "user:greet"
    assert document["seeds"][0]["parametros_factuales"]["precio"] == {
        "min": 1000,
        "max": 1000,
        "unidad": "MXN",
    }


def test_the_library_is_shown(house: object) -> None:
    code, document = call("seed", "show", "--library", "legal.advisory")
    assert (code, len(document["seeds"])) == (0, 50)
    assert call("seed", "show", "--library", "cooking")[0] == 2


def test_seeds_are_extracted_with_books(talks: Path, tmp_path: Path) -> None:
    code, document = call("seed", "extract", str(talks))
    assert code == 0
    assert (document["conversations"], document["seeds_made"], document["rejected"]) == (
        3,
        2,
        {"no-dialogue": 1},
    )
    assert {seed["idioma"] for seed in document["seeds"]} == {"es", "en"}
    out = tmp_path / "out.jsonl"
    code, document = call("seed", "extract", str(talks), "-o", str(out))
    assert call("seed", "validate", str(out))[0] == 0


def test_where_no_seed_can_be_made_the_answer_is_no(talks: Path) -> None:
    assert call("seed", "extract", str(talks), "--min-support", "5")[0] == 1


def test_the_schema_is_printed(house: object) -> None:
    assert call("seed", "schema")[1]["title"] == "SeedSchema v1"


def test_tools_are_listed_shown_and_simulated(house: object) -> None:
    assert len(call("tool", "list")[1]["tools"]) == 30
    assert len(call("tool", "list", "--domain", "legal.advisory")[1]["tools"]) == 5
    assert call("tool", "show", "buscar_normativa")[1]["function"]["name"] == "buscar_normativa"
    arguments = '{"monto": 100, "de": "USD", "a": "MXN"}'
    assert (
        call("tool", "simulate", "convertir_divisas", "--args", arguments)[1]["result"]["monto_convertido"]
        == 1_800
    )
    assert call("tool", "simulate", "convertir_divisas")[0] == 0


@pytest.mark.parametrize("arguments", ['{"monto": "x"}', "[]", "{"])
def test_arguments_that_do_not_fit_are_a_bad_call(arguments: str, house: object) -> None:
    code, document = call("tool", "simulate", "convertir_divisas", "--args", arguments)
    assert (code, document["error"]["code"]) == (2, "bad-arguments")


def test_an_unknown_tool_is_a_bad_call(house: object) -> None:
    assert call("tool", "show", "nada")[0] == 2
