"""Tools of legal.advisory, over model rules, terms and fees."""

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
    some_of,
    whole,
)

_BOOK = catalogue("legal")
_RULES: dict[str, Json] = _BOOK["normas"]
_TERMS: dict[str, int] = _BOOK["plazos"]
_FEES: dict[str, int] = _BOOK["honorarios"]
_PROCEDURES: dict[str, list[str]] = _BOOK["tramites"]
_CLAUSES: dict[str, str] = _BOOK["clausulas"]
_COMPLEXITY = {"baja": 0.8, "media": 1.0, "alta": 1.6}
_DOCUMENTS = sorted({document for needed in _PROCEDURES.values() for document in needed})


def _buscar_normativa(call: Json) -> Json:
    rule = _RULES[call["tema"]]
    return {"tema": call["tema"], "regla": rule["regla"], "requisitos": rule["requisitos"]}


def _calcular_plazo_legal(call: Json) -> Json:
    term = _TERMS[call["tramite"]]
    left = term - call["dias_transcurridos"]
    return {
        "tramite": call["tramite"],
        "plazo_dias": term,
        "dias_restantes": max(left, 0),
        "en_plazo": left > 0,
    }


def _estimar_honorarios(call: Json) -> Json:
    base = _FEES[call["asunto"]] * _COMPLEXITY[call.get("complejidad", "media")]
    return {
        "asunto": call["asunto"],
        "moneda": currency(call),
        "honorarios_minimos": amount(base * 0.85, call),
        "honorarios_maximos": amount(base * 1.25, call),
        "anticipo_pct": 40,
    }


def _verificar_requisitos(call: Json) -> Json:
    needed = _PROCEDURES[call["tramite"]]
    missing = [document for document in needed if document not in call["documentos"]]
    return {"tramite": call["tramite"], "requisitos": needed, "faltan": missing, "completo": not missing}


def _redactar_clausula(call: Json) -> Json:
    template = _CLAUSES[call["tipo"]]
    missing = [
        name for name in ("plazo", "monto") if f"{{{name}}}" in template and f"{name}" not in _given(call)
    ]
    if missing:
        return {"tipo": call["tipo"], "redactada": False, "faltan": missing}
    text = template.format(
        plazo=_months(call.get("plazo_meses", 0)), monto=f"{call.get('monto', 0):,.0f}", moneda=currency(call)
    )
    return {"tipo": call["tipo"], "redactada": True, "texto": text}


def _months(count: int) -> str:
    return f"{count} mes" if count == 1 else f"{count} meses"


def _given(call: Json) -> set[str]:
    return {key.removesuffix("_meses") for key in call}


LEGAL = (
    Tool(
        "buscar_normativa",
        "legal.advisory",
        {"es": "Busca la regla aplicable a un tema.", "en": "Finds the rule that applies to a subject."},
        arguments("tema", tema=one_of("Tema.", list(_RULES))),
        _buscar_normativa,
    ),
    Tool(
        "calcular_plazo_legal",
        "legal.advisory",
        {"es": "Calcula los días que quedan de un plazo.", "en": "Works out the days left of a legal term."},
        arguments(
            "tramite dias_transcurridos",
            tramite=one_of("Trámite con plazo.", list(_TERMS)),
            dias_transcurridos=whole("Días transcurridos.", 0, 3_650, 6, 12, 25),
        ),
        _calcular_plazo_legal,
    ),
    Tool(
        "estimar_honorarios",
        "legal.advisory",
        {"es": "Estima honorarios de un asunto.", "en": "Estimates the fees of a matter."},
        arguments(
            "asunto",
            asunto=one_of("Asunto.", list(_FEES)),
            complejidad=one_of("Complejidad.", list(_COMPLEXITY)),
            moneda=CURRENCY,
        ),
        _estimar_honorarios,
    ),
    Tool(
        "verificar_requisitos",
        "legal.advisory",
        {"es": "Dice qué falta para un trámite.", "en": "Says what is missing for a procedure."},
        arguments(
            "tramite documentos",
            tramite=one_of("Trámite.", list(_PROCEDURES)),
            documentos=some_of("Documentos que se tienen.", _DOCUMENTS, at_least=0),
        ),
        _verificar_requisitos,
    ),
    Tool(
        "redactar_clausula",
        "legal.advisory",
        {"es": "Redacta una cláusula tipo.", "en": "Drafts a model clause."},
        arguments(
            "tipo",
            tipo=one_of("Tipo de cláusula.", list(_CLAUSES)),
            plazo_meses=whole("Plazo en meses.", 1, 120, 12, 24),
            monto=number("Importe.", 1, 100_000_000, 5_000, 20_000),
            moneda=CURRENCY,
        ),
        _redactar_clausula,
    ),
)
