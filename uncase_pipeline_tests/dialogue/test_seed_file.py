"""Seeds in the wild, read as version 1."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from uncase_pipeline.dialogue.seed_file import form_of, read_seed, read_seed_file
from uncase_pipeline.dialogue.wild_facts import read_facts
from uncase_pipeline.dialogue.wild_steps import read_steps
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.seed import NumberRange, OneOf
from uncase_pipeline.seeds.library import curated

FLAT: dict[str, Any] = {
    "seed_id": "s1",
    "dominio": "automotive.sales",
    "idioma": "es",
    "objetivo": "Vender",
    "tono": "cordial",
    "roles": ["vendedor", "cliente"],
    "pasos_turnos": ["Cliente consulta modelo", "Vendedor presenta opciones", "despedida"],
    "parametros_factuales": {
        "precio": 329_000,
        "plazo_meses": 48,
        "tasa": "12.5%",
        "credito": True,
        "modelo": "Versa",
    },
}
NESTED: dict[str, Any] = {
    "seed_id": "s2",
    "dominio": "finance.advisory",
    "idioma": "es",
    "objetivo": "Asesorar",
    "tono": "formal",
    "roles": ["asesor", "cliente"],
    "etiquetas": ["ahorro"],
    "pasos_turnos": {
        "turnos_min": 6,
        "turnos_max": 14,
        "flujo_esperado": ["saludo", "usa herramienta", "propuesta"],
    },
    "parametros_factuales": {
        "contexto": "Banca",
        "restricciones": ["No prometer rendimientos"],
        "herramientas": ["simular_inversion"],
        "metadata": {"monto": 5_000},
    },
    "metricas_calidad": {"rouge_l_min": 0.7, "fidelidad_min": 0.95},
    "privacidad": {"pii_eliminado": True},
}
SKETCH: dict[str, Any] = {
    "seed_id": "s3",
    "dominio": "automotive.sales",
    "esquema_version": "1.0",
    "tipo_interaccion": "consulta_financiamiento",
    "roles": ["agente_ventas", "cliente"],
    "parametros_factuales": {
        "entidades_clave": ["sedan_compacto"],
        "restricciones": ["sin_historial"],
        "flujo_esperado": ["saludo", "propuesta", "cierre"],
    },
    "tono_objetivo": "empatico",
    "pasos_turnos": {"turnos_min": 8, "turnos_max": 20},
    "herramientas_disponibles": ["buscar_inventario"],
}


def test_the_flat_form_is_read() -> None:
    seed = read_seed(FLAT)
    assert seed.steps == ["user:ask", "assistant:propose", "user:thank", "assistant:close"]
    assert seed.facts == {
        "precio": NumberRange(minimum=329_000, maximum=329_000, unit="MXN"),
        "plazo_meses": NumberRange(minimum=48, maximum=48, unit="month"),
        "tasa": NumberRange(minimum=12.5, maximum=12.5, unit="%"),
        "credito": True,
        "modelo": "Versa",
    }


def test_the_nested_form_is_read() -> None:
    seed = read_seed(NESTED)
    assert (seed.turns.minimum, seed.turns.maximum) == (6, 14)
    assert seed.steps[2:4] == ["assistant:call", "tool:result"]
    assert seed.constraints == ["No prometer rendimientos"]
    assert seed.tools == ["simular_inversion"]
    assert seed.thresholds == {"rouge_l": 0.7, "fidelity": 0.95}
    assert seed.metadata == {"contexto": "Banca", "privacidad": {"pii_eliminado": True}}


def test_the_form_with_the_flow_among_the_parameters_is_read() -> None:
    seed = read_seed(SKETCH)
    assert seed.objective == "consulta financiamiento"
    assert seed.tone == "empatico"
    assert seed.steps[-1] == "assistant:close"
    assert seed.tools == ["buscar_inventario"]
    assert seed.facts == {"entidades_clave": OneOf(values=["sedan_compacto"])}


def test_each_form_is_told_from_the_others() -> None:
    whole = curated("legal.advisory")[0]
    assert [form_of(document) for document in (FLAT, NESTED, SKETCH, whole.model_dump())] == [
        "flat",
        "nested",
        "nested",
        "v1",
    ]


@pytest.mark.parametrize("domain", ["automotive.sales", "medical.consultation", "education.tutoring"])
def test_version_1_survives_writing_and_reading(domain: str) -> None:
    for seed in curated(domain):
        assert read_seed(orjson.loads(seed.model_dump_json())) == seed


def test_a_phase_without_a_speaker_is_what_both_sides_do() -> None:
    assert read_steps(["saludo"]) == ["user:greet", "assistant:greet"]
    assert read_steps(["El cliente saluda"]) == ["user:greet"]


def test_a_number_gets_the_unit_that_its_name_tells() -> None:
    facts = read_facts({"vehiculo": {"precio": 10, "garantia_meses": 36}, "edad": 30, "vacio": None}, "en")
    assert facts == {
        "vehiculo_precio": NumberRange(minimum=10, maximum=10, unit="USD"),
        "vehiculo_garantia_meses": NumberRange(minimum=36, maximum=36, unit="month"),
        "edad": NumberRange(minimum=30, maximum=30, unit="year_old"),
    }


@pytest.mark.parametrize("written", ["lines", "list", "object"])
def test_a_file_holds_lines_a_list_or_one_object(tmp_path: Path, written: str) -> None:
    path = tmp_path / "seeds.json"
    lines = b"\n".join(orjson.dumps(one) for one in (FLAT, NESTED))
    path.write_bytes(
        {"lines": lines, "list": orjson.dumps([FLAT, NESTED]), "object": orjson.dumps(FLAT)}[written]
    )
    assert [seed.seed_id for seed in read_seed_file(path)] == (
        ["s1"] if written == "object" else ["s1", "s2"]
    )


@pytest.mark.parametrize(
    "document", [[], {}, {**FLAT, "roles": ["secreto"]}, {**FLAT, "pasos_turnos": "secreto"}]
)
def test_what_is_no_seed_is_refused_without_its_values(document: Any) -> None:
    with pytest.raises(UncaseError) as refused:
        read_seed(document)
    assert refused.value.code == "bad-seed"
    assert "secreto" not in str(refused.value)


def test_english_keys_and_other_shapes_read_as_the_same_seed() -> None:
    spanish = {
        "seed_id": "5",
        "dominio": "finance.advisory",
        "idioma": "en",
        "objetivo": "Advise on a mortgage",
        "tono": "formal",
        "roles": ["client", "advisor"],
        "descripcion_roles": {"client": "asks"},
        "pasos_turnos": {"turnos_min": 4, "turnos_max": 10, "flujo_esperado": ["greeting", "question"]},
        "parametros_factuales": {"tasa": "7.5%"},
    }
    english = {
        "seed_id": 5,
        "domain": "finance.advisory",
        "language": "en",
        "objective": "Advise on a mortgage",
        "tone": "formal",
        "roles": [{"name": "client", "description": "asks"}, {"name": "advisor", "description": None}],
        "steps": {
            "min_turns": "4",
            "max_turns": 10.0,
            "expected_flow": [{"step": "greeting"}, {"text": "question"}],
        },
        "facts": [{"name": "tasa", "value": "7.5%"}],
    }
    assert read_seed(english) == read_seed(spanish)


@pytest.mark.parametrize(
    "key", ["tono", "roles", "parametros_factuales", "herramientas", "metadata", "seed_id"]
)
def test_what_is_null_or_missing_and_not_needed_is_no_fault(key: str) -> None:
    document = {
        "dominio": "legal.advisory",
        "idioma": "es",
        "objetivo": "Asesorar",
        "pasos_turnos": {"turnos_min": None, "flujo_esperado": ["saludo", "consulta"]},
        "parametros_factuales": {"contexto": None, "restricciones": None, "plazo": None},
    }
    assert read_seed({**document, key: None}).domain == "legal.advisory"
