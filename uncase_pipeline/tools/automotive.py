"""Tools of automotive.sales, over a small lot of vehicles."""

from uncase_pipeline.tools.catalogue import catalogue
from uncase_pipeline.tools.tool import (
    CURRENCY,
    Json,
    Tool,
    amount,
    arguments,
    currency,
    in_pesos,
    number,
    one_of,
    some_of,
    whole,
)

_LOT: list[Json] = catalogue("automotive")["vehiculos"]
_BY_MODEL = {vehicle["modelo"]: vehicle for vehicle in _LOT}
_MODELS = list(_BY_MODEL)
_TYPES = sorted({vehicle["tipo"] for vehicle in _LOT})
_CITY_TAXES = 0.035
_RATES = {12: 11.9, 24: 12.9, 36: 13.5, 48: 13.9, 60: 14.5, 72: 15.2}
_MODEL = one_of("Modelo del catálogo.", _MODELS)


def _buscar_inventario(call: Json) -> Json:
    ceiling = in_pesos(call.get("precio_max", float("inf")), call)
    found = [
        vehicle
        for vehicle in _LOT
        if vehicle["tipo"] == call.get("tipo", vehicle["tipo"])
        and vehicle["precio"] <= ceiling
        and vehicle["anio"] >= call.get("anio_min", 0)
        and vehicle["pasajeros"] >= call.get("pasajeros_min", 0)
        and vehicle["transmision"] == call.get("transmision", vehicle["transmision"])
    ]
    found.sort(key=lambda vehicle: vehicle["precio"])
    shown = [
        {
            **{key: vehicle[key] for key in ("modelo", "tipo", "anio", "kilometraje", "disponibles")},
            "precio": amount(vehicle["precio"], call),
        }
        for vehicle in found[:3]
    ]
    return {"total": len(found), "moneda": currency(call), "vehiculos": shown}


def _cotizar_vehiculo(call: Json) -> Json:
    vehicle = _BY_MODEL[call["modelo"]]
    discount = vehicle["precio"] * call.get("descuento_pct", 0) / 100
    extras = 4_500.0 * len(call.get("accesorios", []))
    subtotal = vehicle["precio"] - discount + extras
    return {
        "modelo": vehicle["modelo"],
        "anio": vehicle["anio"],
        "moneda": currency(call),
        "precio_lista": amount(vehicle["precio"], call),
        "descuento": amount(discount, call),
        "costo_accesorios": amount(extras, call),
        "costo_tramites": amount(subtotal * _CITY_TAXES, call),
        "total": amount(subtotal * (1 + _CITY_TAXES), call),
        "vigencia_dias": 7,
    }


def _consultar_financiamiento(call: Json) -> Json:
    price = call["precio"]
    down = price * call["enganche_pct"] / 100
    term = call["plazo_meses"]
    rate = _RATES[min(_RATES, key=lambda months: (months < term, abs(months - term)))]
    monthly = rate / 1_200
    payment = (price - down) * monthly / (1 - (1 + monthly) ** -term)
    return {
        "moneda": currency(call),
        "enganche": round(down),
        "monto_financiado": round(price - down),
        "plazo_meses": term,
        "tasa_anual_pct": rate,
        "mensualidad": round(payment),
        "comision_apertura_pct": 2.0,
    }


def _comparar_modelos(call: Json) -> Json:
    vehicles = [_BY_MODEL[model] for model in call["modelos"]]
    keys = ("modelo", "rendimiento_kml", "potencia_hp", "pasajeros", "garantia_meses")
    return {
        "moneda": currency(call),
        "modelos": [
            {**{key: vehicle[key] for key in keys}, "precio": amount(vehicle["precio"], call)}
            for vehicle in vehicles
        ],
        "mas_economico": min(vehicles, key=lambda vehicle: vehicle["precio"])["modelo"],
        "mejor_rendimiento": max(vehicles, key=lambda vehicle: vehicle["rendimiento_kml"])["modelo"],
        "mas_potente": max(vehicles, key=lambda vehicle: vehicle["potencia_hp"])["modelo"],
    }


def _consultar_crm(call: Json) -> Json:
    match call["consulta"]:
        case "citas_disponibles":
            return {"consulta": "citas_disponibles", "opciones": catalogue("automotive")["citas"]}
        case "historial":
            return {"consulta": "historial", "visitas_previas": 2, "etapa": "cotizacion", "servicios": 1}
        case _:
            return {"consulta": "registrar_interes", "registrado": True, "seguimiento_dias": 2}


AUTOMOTIVE = (
    Tool(
        "buscar_inventario",
        "automotive.sales",
        {"es": "Busca vehículos disponibles según criterios.", "en": "Finds vehicles in stock by criteria."},
        arguments(
            "",
            tipo=one_of("Tipo de vehículo.", _TYPES),
            precio_max=number("Precio máximo.", 1_000, 5_000_000, 480_000, 620_000),
            anio_min=whole("Año mínimo.", 1990, 2035, 2020, 2023),
            pasajeros_min=whole("Pasajeros mínimos.", 1, 9, 5, 7),
            transmision=one_of("Transmisión.", "automatica manual"),
            moneda=CURRENCY,
        ),
        _buscar_inventario,
    ),
    Tool(
        "cotizar_vehiculo",
        "automotive.sales",
        {"es": "Cotiza un modelo con trámites y descuento.", "en": "Quotes a model with fees and discount."},
        arguments(
            "modelo",
            modelo=_MODEL,
            descuento_pct=number("Descuento en porcentaje.", 0, 15, 3, 5),
            accesorios=some_of("Accesorios.", ["alarma", "tapetes", "camara", "polarizado"], at_least=0),
            moneda=CURRENCY,
        ),
        _cotizar_vehiculo,
    ),
    Tool(
        "consultar_financiamiento",
        "automotive.sales",
        {"es": "Calcula la mensualidad de un crédito.", "en": "Works out the monthly payment of a loan."},
        arguments(
            "precio enganche_pct plazo_meses",
            precio=number("Precio del vehículo.", 1_000, 5_000_000, 329_000, 418_000),
            enganche_pct=number("Enganche en porcentaje.", 0, 80, 20, 30),
            plazo_meses=whole("Plazo en meses.", 6, 72, 36, 48, 60),
            moneda=CURRENCY,
        ),
        _consultar_financiamiento,
    ),
    Tool(
        "comparar_modelos",
        "automotive.sales",
        {"es": "Compara modelos lado a lado.", "en": "Compares models side by side."},
        arguments("modelos", modelos=some_of("Modelos a comparar.", _MODELS, at_least=2), moneda=CURRENCY),
        _comparar_modelos,
    ),
    Tool(
        "consultar_crm",
        "automotive.sales",
        {
            "es": "Consulta citas, historial o registra interés.",
            "en": "Looks up slots or history, or logs interest.",
        },
        arguments(
            "consulta", consulta=one_of("Qué consultar.", "citas_disponibles historial registrar_interes")
        ),
        _consultar_crm,
    ),
)
