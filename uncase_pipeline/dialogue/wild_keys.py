"""Seeds in the wild under other keys and shapes, brought to those of version 1. Knows keys, not their meaning.

English keys, roles and steps as objects, parameters as a list of pairs, numbers written as text.
"""

from typing import Any

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.seed import Seed

_KEYS = {
    **{name: str(field.validation_alias or name) for name, field in Seed.model_fields.items()},
    "id": "seed_id",
    "goal": "objetivo",
    "turn_steps": "pasos_turnos",
    "flow": "pasos_turnos",
    "parameters": "parametros_factuales",
    "factual_parameters": "parametros_factuales",
    "role_description": "descripcion_roles",
    "available_tools": "herramientas_disponibles",
    "quality_metrics": "metricas_calidad",
    "interaction_type": "tipo_interaccion",
}
_TURN_KEYS = {
    "min_turns": "turnos_min",
    "turns_min": "turnos_min",
    "max_turns": "turnos_max",
    "turns_max": "turnos_max",
    "expected_flow": "flujo_esperado",
    "flow": "flujo_esperado",
    "steps": "flujo_esperado",
}
_FACT_KEYS = {
    "context": "contexto",
    "constraints": "restricciones",
    "restrictions": "restricciones",
    "tools": "herramientas",
    "expected_flow": "flujo_esperado",
    "key_entities": "entidades_clave",
}
_NAMES = ("nombre", "name", "rol", "role", "id", "clave", "key", "parametro")
_TEXTS = ("paso", "step", "accion", "action", "texto", "text", "descripcion", "description", "nombre", "name")
_TOLD = ("descripcion", "description")
_VALUES = ("valor", "value")


def settled(document: Json) -> Json:
    """Return a document with the keys and shapes that the reader of seeds knows; unknown keys stay."""
    seed = _renamed(document, _KEYS)
    if isinstance(seed.get("seed_id"), int):
        seed["seed_id"] = str(seed["seed_id"])
    seed["pasos_turnos"] = _steps(seed.get("pasos_turnos"))
    seed["parametros_factuales"] = _facts(seed.get("parametros_factuales"))
    _roles(seed)
    if isinstance(seed.get("turnos"), dict):
        seed["turnos"] = {name: _whole(value) for name, value in seed["turnos"].items()}
    return {key: value for key, value in seed.items() if value is not None}


def _renamed(document: Json, names: dict[str, str]) -> Json:
    """Put English keys under their Spanish ones, unless those are there too."""
    return {
        names[key] if key in names and names[key] not in document else key: value
        for key, value in document.items()
    }


def _steps(written: Any) -> Any:
    if isinstance(written, dict):
        named = _renamed(written, _TURN_KEYS)
        flow = _steps(named.get("flujo_esperado"))
        turns = {name: _whole(named.get(name)) for name in ("turnos_min", "turnos_max")}
        known = {name: value for name, value in turns.items() if value is not None}
        return {**known, "flujo_esperado": flow}
    if isinstance(written, list):
        return [_first(step, _TEXTS) if isinstance(step, dict) else step for step in written]
    return written


def _facts(written: Any) -> Any:
    if isinstance(written, list):
        pairs = [(_first(item, _NAMES), _first(item, _VALUES)) for item in written if isinstance(item, dict)]
        named = {name: value for name, value in pairs if isinstance(name, str) and value is not None}
        return named if len(named) == len(written) else written
    return _renamed(written, _FACT_KEYS) if isinstance(written, dict) else written


def _roles(seed: Json) -> None:
    written = seed.get("roles")
    if isinstance(written, dict):
        told = {name: text for name, text in written.items() if isinstance(text, str)}
        seed["roles"] = list(written)
    elif isinstance(written, list) and any(isinstance(role, dict) for role in written):
        objects = [role for role in written if isinstance(role, dict)]
        told = {_first(role, _NAMES): _first(role, _TOLD) for role in objects}
        seed["roles"] = [_first(role, _NAMES) if isinstance(role, dict) else role for role in written]
    else:
        return
    described = {name: text for name, text in told.items() if isinstance(name, str) and isinstance(text, str)}
    seed["descripcion_roles"] = {**described, **(seed.get("descripcion_roles") or {})}


def _first(item: Json, keys: tuple[str, ...]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _whole(value: Any) -> Any:
    """Read a whole number that is written as text or with a decimal point."""
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
