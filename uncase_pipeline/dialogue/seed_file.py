"""Seeds as files hold them: version 1, and the forms in the wild, all read as ``Seed``. Knows the wire.

In the wild ``pasos_turnos`` is a list of free texts beside flat ``parametros_factuales``, or an object with
``turnos_min``, ``turnos_max`` and ``flujo_esperado`` beside nested ``parametros_factuales`` (``contexto``,
``restricciones``, ``herramientas``, ``metadata``); English keys and other shapes are brought to these first
(see ``wild_keys``). Unknown keys are kept under ``metadata``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from uncase_pipeline.dialogue.wild_facts import read_facts
from uncase_pipeline.dialogue.wild_keys import settled
from uncase_pipeline.dialogue.wild_steps import read_steps
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.seed import Seed

_WIRE = {name: field.validation_alias or name for name, field in Seed.model_fields.items()}
_OWN_KEYS = frozenset(str(key) for key in _WIRE.values())
_NESTED = frozenset(
    {"contexto", "restricciones", "herramientas", "metadata", "flujo_esperado", "entidades_clave"}
)
_THRESHOLDS = {
    "rouge_l_min": "rouge_l",
    "fidelidad_min": "fidelity",
    "fidelidad_factual_min": "fidelity",
    "diversidad_lexica_min": "diversity",
    "diversidad_min": "diversity",
    "ttr_min": "diversity",
    "coherencia_min": "coherence",
    "coherencia_dialogica_min": "coherence",
}
_READ = frozenset(
    {"esquema_version", "tono_objetivo", "tipo_interaccion", "herramientas_disponibles", "metricas_calidad"}
)
_DEFAULT_TURNS = {"min": 4, "max": 24}


def read_seed_file(path: Path) -> Iterator[Seed]:
    """Yield the seeds of a file: one JSON object a line, one object, or one list.

    Raises:
        UncaseError: ``no-such-file``; ``bad-seed``, naming the seed by its number and the field at fault.
    """
    for number, document in enumerate(read_documents(path), start=1):
        yield read_seed(document, where=f"{path.name} seed {number}")


def read_documents(path: Path) -> Iterator[Any]:
    """Yield the JSON documents of a seed file; errors as ``read_seed_file``."""
    if not path.is_file():
        raise UncaseError("no-such-file", f"There is no file {path}.", "Give a file of seeds.")
    content = path.read_bytes()
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        yield from _lines(content, path.name)
        return
    yield from whole if isinstance(whole, list) else [whole]


def read_seed(document: Any, *, where: str = "the seed") -> Seed:
    """Read a seed of any form.

    Raises:
        UncaseError: ``bad-seed``, naming the field at fault and never its value.
    """
    try:
        return Seed.model_validate(to_v1(document))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the object"
        raise UncaseError(
            "bad-seed", f"{where}: {field}: {first['msg'].lower()}.", "Check it with `uncase seed validate`."
        ) from None


def form_of(document: Any) -> str:
    """Return which form a document has: ``v1``, ``flat`` or ``nested``."""
    if not isinstance(document, dict):
        return "v1"
    other = document.keys() - _OWN_KEYS
    document = settled(document)
    facts = document.get("parametros_factuales")
    if isinstance(document.get("pasos_turnos"), dict) or (isinstance(facts, dict) and _NESTED & facts.keys()):
        return "nested"
    steps = document.get("pasos_turnos")
    free = isinstance(steps, list) and read_steps([step for step in steps if isinstance(step, str)]) != steps
    return "flat" if free or other else "v1"


def to_v1(document: Any) -> Any:
    """Return the wire form of version 1 of a document; what is no seed at all is returned as it is."""
    if not isinstance(document, dict):
        return document
    document = settled(document)
    language = document.get("idioma") if isinstance(document.get("idioma"), str) else "es"
    seed: Json = {key: value for key, value in document.items() if key in _OWN_KEYS and value is not None}
    seed["idioma"] = language
    seed.setdefault("version", str(document.get("esquema_version", "1.0")))
    seed.setdefault("tono", document.get("tono_objetivo", "profesional"))
    if "tipo_interaccion" in document:
        seed.setdefault("objetivo", str(document["tipo_interaccion"]).replace("_", " "))
    _steps(seed, document)
    _facts(seed, document, str(language))
    _names(seed, document)
    extra = {key: value for key, value in document.items() if key not in _OWN_KEYS | _READ}
    seed["metadata"] = {**(seed.get("metadata") or {}), **extra}
    seed.setdefault("seed_id", content_id("seed", seed))
    return seed


def _steps(seed: Json, document: Json) -> None:
    written = document.get("pasos_turnos")
    facts = document.get("parametros_factuales")
    if isinstance(written, dict):
        seed["turnos"] = {
            "min": written.get("turnos_min", _DEFAULT_TURNS["min"]),
            "max": written.get("turnos_max", _DEFAULT_TURNS["max"]),
        }
        written = written.get("flujo_esperado")
    if written is None and isinstance(facts, dict):
        written = facts.get("flujo_esperado")
    if isinstance(written, list) and all(isinstance(step, str) for step in written):
        seed["pasos_turnos"] = read_steps(written)
    elif written is not None:
        seed["pasos_turnos"] = written


def _facts(seed: Json, document: Json, language: str) -> None:
    written = document.get("parametros_factuales")
    if not isinstance(written, dict):
        return
    nested = _NESTED & written.keys()
    own = {key: value for key, value in written.items() if key not in _NESTED}
    inner = written.get("metadata")
    if isinstance(inner, dict):
        own.update(inner)
    if written.get("entidades_clave"):
        own["entidades_clave"] = written["entidades_clave"]
    seed["parametros_factuales"] = {
        name: value.model_dump() if isinstance(value, BaseModel) else value
        for name, value in read_facts(own, language).items()
    }
    if not nested:
        return
    seed.setdefault("restricciones", written.get("restricciones") or [])
    if written.get("contexto"):
        seed["metadata"] = {**(seed.get("metadata") or {}), "contexto": written["contexto"]}


def _names(seed: Json, document: Json) -> None:
    nested = document.get("parametros_factuales")
    inner = nested.get("herramientas") if isinstance(nested, dict) else None
    seed.setdefault("herramientas", inner or document.get("herramientas_disponibles") or [])
    quality = document.get("metricas_calidad")
    if isinstance(quality, dict):
        known = {_THRESHOLDS[key]: value for key, value in quality.items() if key in _THRESHOLDS}
        seed["umbrales"] = {**known, **(seed.get("umbrales") or {})}
    if document.get("dominio") in DOMAINS and not seed.get("roles"):
        domain = DOMAINS[str(document["dominio"])]
        seed["roles"] = [domain.user, domain.assistant]


def _lines(content: bytes, name: str) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                raise UncaseError(
                    "bad-seed", f"{name} line {number} is not a JSON object.", "Write one seed per line."
                ) from None
