"""Tools of industrial.support, over the equipment of a model plant."""

import hashlib

from uncase_pipeline.tools.catalogue import catalogue
from uncase_pipeline.tools.tool import CURRENCY, Json, Tool, amount, arguments, currency, one_of, text

_PLANT = catalogue("industrial")
_EQUIPMENT: dict[str, Json] = _PLANT["equipos"]
_PROCEDURES: dict[str, Json] = _PLANT["procedimientos"]
_RESPONSE_HOURS = {"critica": 1, "alta": 4, "normal": 24, "baja": 72}
_MACHINE = one_of("Equipo.", list(_EQUIPMENT))


def _of_all(table: str) -> list[str]:
    return list(dict.fromkeys(name for machine in _EQUIPMENT.values() for name in machine[table]))


def _consultar_codigo_falla(call: Json) -> Json:
    codes = _EQUIPMENT[call["equipo"]]["codigos"]
    if call["codigo"] not in codes:
        return {
            "equipo": call["equipo"],
            "codigo": call["codigo"],
            "encontrado": False,
            "codigos": list(codes),
        }
    meaning, cause, action = codes[call["codigo"]]
    return {
        "equipo": call["equipo"],
        "codigo": call["codigo"],
        "encontrado": True,
        "significado": meaning,
        "causa_probable": cause,
        "accion": action,
    }


def _buscar_refaccion(call: Json) -> Json:
    parts = _EQUIPMENT[call["equipo"]]["refacciones"]
    if call["pieza"] not in parts:
        return {"equipo": call["equipo"], "pieza": call["pieza"], "encontrada": False, "piezas": list(parts)}
    number, stock, days, price = parts[call["pieza"]]
    return {
        "equipo": call["equipo"],
        "pieza": call["pieza"],
        "encontrada": True,
        "numero_de_parte": number,
        "existencia": stock,
        "entrega_dias": days,
        "precio": amount(price, call),
        "moneda": currency(call),
    }


def _consultar_procedimiento(call: Json) -> Json:
    procedure = _PROCEDURES[call["tarea"]]
    return {
        "tarea": call["tarea"],
        "duracion_minutos": procedure["minutos"],
        "pasos": procedure["pasos"],
        "equipo_de_proteccion": procedure["equipo_de_proteccion"],
    }


def _registrar_orden_servicio(call: Json) -> Json:
    said = f"{call['equipo']}|{call['prioridad']}|{call['descripcion']}"
    folio = int(hashlib.sha256(said.encode()).hexdigest(), 16) % 900 + 100
    return {
        "orden": f"OS-{folio}",
        "equipo": call["equipo"],
        "prioridad": call["prioridad"],
        "atencion_en_horas": _RESPONSE_HOURS[call["prioridad"]],
    }


def _consultar_telemetria(call: Json) -> Json:
    readings = _EQUIPMENT[call["equipo"]]["lecturas"]
    if call["variable"] not in readings:
        return {
            "equipo": call["equipo"],
            "variable": call["variable"],
            "medida": False,
            "variables": list(readings),
        }
    value, unit, low, high = readings[call["variable"]]
    state = "normal" if low <= value <= high else "alta" if value > high else "baja"
    return {
        "equipo": call["equipo"],
        "variable": call["variable"],
        "medida": True,
        "valor": value,
        "unidad": unit,
        "minimo_normal": low,
        "maximo_normal": high,
        "estado": state,
    }


INDUSTRIAL = (
    Tool(
        "consultar_codigo_falla",
        "industrial.support",
        {"es": "Explica un código de falla.", "en": "Explains a fault code."},
        arguments("equipo codigo", equipo=_MACHINE, codigo=one_of("Código de falla.", _of_all("codigos"))),
        _consultar_codigo_falla,
    ),
    Tool(
        "buscar_refaccion",
        "industrial.support",
        {"es": "Busca una refacción y su entrega.", "en": "Finds a spare part and its lead time."},
        arguments(
            "equipo pieza", equipo=_MACHINE, pieza=one_of("Pieza.", _of_all("refacciones")), moneda=CURRENCY
        ),
        _buscar_refaccion,
    ),
    Tool(
        "consultar_procedimiento",
        "industrial.support",
        {"es": "Da los pasos de un procedimiento.", "en": "Gives the steps of a procedure."},
        arguments("tarea", tarea=one_of("Tarea.", list(_PROCEDURES)), equipo=_MACHINE),
        _consultar_procedimiento,
    ),
    Tool(
        "registrar_orden_servicio",
        "industrial.support",
        {"es": "Registra una orden de servicio.", "en": "Files a service order."},
        arguments(
            "equipo prioridad descripcion",
            equipo=_MACHINE,
            prioridad=one_of("Prioridad.", list(_RESPONSE_HOURS)),
            descripcion=text(
                "Qué pasa, sin datos de personas.", "ruido al arrancar", "lectura fuera de rango"
            ),
        ),
        _registrar_orden_servicio,
    ),
    Tool(
        "consultar_telemetria",
        "industrial.support",
        {"es": "Lee una variable de un equipo.", "en": "Reads a variable of a machine."},
        arguments("equipo variable", equipo=_MACHINE, variable=one_of("Variable.", _of_all("lecturas"))),
        _consultar_telemetria,
    ),
)
