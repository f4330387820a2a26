"""Tools of finance.advisory, over model products, profiles and exchange rates."""

from uncase_pipeline.tools.catalogue import catalogue
from uncase_pipeline.tools.tool import (
    CURRENCY,
    Json,
    Tool,
    amount,
    arguments,
    currency,
    number,
    one_of,
    whole,
)

_BOOK = catalogue("finance")
_PRODUCTS: dict[str, Json] = _BOOK["productos"]
_PROFILES: dict[str, Json] = _BOOK["perfiles"]
_PESOS_PER: dict[str, float] = _BOOK["pesos_por"]
_MONEY = number("Importe.", 0, 1_000_000_000, 10_000, 50_000)
_TERM = whole("Plazo en meses.", 1, 480, 24, 36, 60)
_YOUNG, _OLD = 35, 55


def _simular_inversion(call: Json) -> Json:
    rate = _PROFILES[call["perfil"]]["tasa_anual_pct"]
    monthly = rate / 1_200
    saved = call.get("aportacion_mensual", 0)
    growth = (1 + monthly) ** call["plazo_meses"]
    final = call["monto"] * growth + saved * (growth - 1) / monthly
    paid_in = call["monto"] + saved * call["plazo_meses"]
    return {
        "moneda": currency(call),
        "perfil": call["perfil"],
        "tasa_anual_pct": rate,
        "plazo_meses": call["plazo_meses"],
        "monto_aportado": round(paid_in),
        "saldo_final": round(final),
        "monto_ganado": round(final - paid_in),
    }


def _calcular_amortizacion(call: Json) -> Json:
    monthly, term = call["tasa_anual_pct"] / 1_200, call["plazo_meses"]
    payment = call["monto"] / term if not monthly else call["monto"] * monthly / (1 - (1 + monthly) ** -term)
    return {
        "moneda": currency(call),
        "monto": call["monto"],
        "tasa_anual_pct": call["tasa_anual_pct"],
        "plazo_meses": term,
        "pago_mensual": round(payment),
        "intereses_totales": round(payment * term - call["monto"]),
        "total_pagado": round(payment * term),
    }


def _consultar_producto_financiero(call: Json) -> Json:
    product = _PRODUCTS[call["producto"]]
    return {
        "producto": call["producto"],
        "moneda": currency(call),
        "tasa_anual_pct": product["tasa_anual_pct"],
        "comision_mensual": amount(product["comision_mensual"], call),
        "saldo_minimo": amount(product["saldo_minimo"], call),
        "requisitos": product["requisitos"],
    }


def _evaluar_perfil_riesgo(call: Json) -> Json:
    points = call["tolerancia"] + (call["horizonte_anios"] >= 5) + (call["horizonte_anios"] >= 15)
    points += (call["edad_anios"] < _YOUNG) - (call["edad_anios"] > _OLD)
    profile = "conservador" if points <= 3 else "moderado" if points <= 5 else "agresivo"
    return {"perfil": profile, "puntos": points, **_PROFILES[profile]}


def _convertir_divisas(call: Json) -> Json:
    rate = _PESOS_PER[call["de"]] / _PESOS_PER[call["a"]]
    return {
        "de": call["de"],
        "a": call["a"],
        "tipo_de_cambio": round(rate, 4),
        "monto_convertido": round(call["monto"] * rate, 2),
        "moneda": call["a"],
    }


FINANCE = (
    Tool(
        "simular_inversion",
        "finance.advisory",
        {
            "es": "Proyecta una inversión por perfil y plazo.",
            "en": "Projects an investment by profile and term.",
        },
        arguments(
            "monto plazo_meses perfil",
            monto=_MONEY,
            plazo_meses=_TERM,
            perfil=one_of("Perfil.", list(_PROFILES)),
            aportacion_mensual=number("Aportación mensual.", 0, 10_000_000, 1_000, 2_500),
            moneda=CURRENCY,
        ),
        _simular_inversion,
    ),
    Tool(
        "calcular_amortizacion",
        "finance.advisory",
        {"es": "Calcula el pago mensual de un crédito.", "en": "Works out the monthly payment of a loan."},
        arguments(
            "monto tasa_anual_pct plazo_meses",
            monto=_MONEY,
            tasa_anual_pct=number("Tasa anual en porcentaje.", 0, 120, 12, 24),
            plazo_meses=_TERM,
            moneda=CURRENCY,
        ),
        _calcular_amortizacion,
    ),
    Tool(
        "consultar_producto_financiero",
        "finance.advisory",
        {"es": "Consulta las condiciones de un producto.", "en": "Looks up the terms of a product."},
        arguments("producto", producto=one_of("Producto.", list(_PRODUCTS)), moneda=CURRENCY),
        _consultar_producto_financiero,
    ),
    Tool(
        "evaluar_perfil_riesgo",
        "finance.advisory",
        {"es": "Determina el perfil de riesgo.", "en": "Determines the risk profile."},
        arguments(
            "edad_anios horizonte_anios tolerancia",
            edad_anios=whole("Edad en años.", 18, 110, 32, 47),
            horizonte_anios=whole("Horizonte en años.", 1, 50, 5, 12),
            tolerancia=whole("Tolerancia al riesgo de 1 a 5.", 1, 5, 2, 3),
        ),
        _evaluar_perfil_riesgo,
    ),
    Tool(
        "convertir_divisas",
        "finance.advisory",
        {"es": "Convierte un importe entre monedas.", "en": "Converts an amount between currencies."},
        arguments(
            "monto de a",
            monto=_MONEY,
            de=one_of("Moneda de origen.", list(_PESOS_PER)),
            a=one_of("Moneda de destino.", [*reversed(_PESOS_PER)]),
        ),
        _convertir_divisas,
    ),
)
