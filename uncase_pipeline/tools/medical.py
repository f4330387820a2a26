"""Tools of medical.consultation, over a teaching formulary and a triage table."""

from itertools import combinations

from uncase_pipeline.tools.catalogue import catalogue
from uncase_pipeline.tools.tool import Json, Tool, arguments, number, one_of, some_of, whole

_BOOK = catalogue("medical")
_DRUGS: dict[str, Json] = _BOOK["medicamentos"]
_SYMPTOMS: dict[str, int] = _BOOK["sintomas"]
_CONDITIONS = sorted({condition for drug in _DRUGS.values() for condition in drug["contraindicaciones"]})
_DRUG = one_of("Medicamento del formulario.", list(_DRUGS))
_ADULT_AGE = 12
_DAYS_TO_SLOT = {"urgente": 0, "preferente": 2, "rutina": 7}
_ALARM = 5


def _buscar_medicamento(call: Json) -> Json:
    drug = _DRUGS[call["medicamento"]]
    condition = call.get("condicion")
    answer: Json = {
        "medicamento": call["medicamento"],
        "presentacion_mg": drug["dosis_adulto_mg"],
        "maximo_diario_mg": drug["maximo_diario_mg"],
        "contraindicaciones": drug["contraindicaciones"],
    }
    if condition:
        answer["contraindicado"] = condition in drug["contraindicaciones"]
    return answer


def _verificar_interacciones(call: Json) -> Json:
    known = {tuple(entry["par"]): entry for entry in _BOOK["interacciones"]}
    found = [known[pair] for pair in combinations(sorted(call["medicamentos"]), 2) if pair in known]
    return {"medicamentos": call["medicamentos"], "interacciones": found, "segura": not found}


def _calcular_dosis(call: Json) -> Json:
    drug = _DRUGS[call["medicamento"]]
    child = call["edad_anios"] < _ADULT_AGE
    if child and not drug["mg_por_kg"]:
        return {"medicamento": call["medicamento"], "calculable": False, "motivo": "sin dosis pediátrica"}
    by_weight = drug["mg_por_kg"] * call["peso_kg"]
    dose = min(by_weight, drug["dosis_adulto_mg"]) if child else drug["dosis_adulto_mg"]
    per_day = 24 // drug["cada_horas"]
    return {
        "medicamento": call["medicamento"],
        "calculable": True,
        "dosis_mg": round(dose),
        "cada_horas": drug["cada_horas"],
        "total_diario_mg": round(dose * per_day),
        "maximo_diario_mg": drug["maximo_diario_mg"],
    }


def _evaluar_sintomas(call: Json) -> Json:
    alarms = [symptom for symptom in call["sintomas"] if _SYMPTOMS[symptom] >= _ALARM]
    score = sum(_SYMPTOMS[symptom] for symptom in call["sintomas"])
    score += call["intensidad"] // 3 + (call["dias"] > 3) + 2 * (call["dias"] > 10)
    level = "urgencias" if alarms else "cita_pronto" if score >= 6 else "autocuidado"
    return {
        "nivel": level,
        "senales_de_alarma": alarms,
        "atencion_en_horas": {"urgencias": 0, "cita_pronto": 48, "autocuidado": 168}[level],
    }


def _agendar_cita_medica(call: Json) -> Json:
    days = _DAYS_TO_SLOT[call["urgencia"]]
    return {
        "especialidad": call["especialidad"],
        "modalidad": call.get("modalidad", "presencial"),
        "en_dias": days,
        "hora": "09:30" if days else "en turno",
        "duracion_minutos": 20 if call.get("modalidad") == "videollamada" else 30,
        "confirmada": True,
    }


MEDICAL = (
    Tool(
        "buscar_medicamento",
        "medical.consultation",
        {"es": "Consulta la ficha de un medicamento.", "en": "Looks up a drug's entry in the formulary."},
        arguments("medicamento", medicamento=_DRUG, condicion=one_of("Condición a revisar.", _CONDITIONS)),
        _buscar_medicamento,
    ),
    Tool(
        "verificar_interacciones",
        "medical.consultation",
        {"es": "Revisa interacciones entre medicamentos.", "en": "Checks interactions between drugs."},
        arguments(
            "medicamentos", medicamentos=some_of("Medicamentos que se toman.", list(_DRUGS), at_least=2)
        ),
        _verificar_interacciones,
    ),
    Tool(
        "calcular_dosis",
        "medical.consultation",
        {"es": "Calcula la dosis por edad y peso.", "en": "Works out a dose by age and weight."},
        arguments(
            "medicamento edad_anios peso_kg",
            medicamento=_DRUG,
            edad_anios=whole("Edad en años.", 1, 110, 34, 58, 8),
            peso_kg=number("Peso en kilogramos.", 3, 250, 68, 75, 27),
        ),
        _calcular_dosis,
    ),
    Tool(
        "evaluar_sintomas",
        "medical.consultation",
        {"es": "Clasifica la urgencia de unos síntomas.", "en": "Grades the urgency of symptoms."},
        arguments(
            "sintomas dias intensidad",
            sintomas=some_of("Síntomas presentes.", list(_SYMPTOMS)),
            dias=whole("Días con los síntomas.", 0, 365, 2, 4),
            intensidad=whole("Intensidad de 1 a 10.", 1, 10, 4, 6),
        ),
        _evaluar_sintomas,
    ),
    Tool(
        "agendar_cita_medica",
        "medical.consultation",
        {"es": "Agenda una consulta según la urgencia.", "en": "Books a consultation by urgency."},
        arguments(
            "especialidad urgencia",
            especialidad=one_of("Especialidad.", _BOOK["especialidades"]),
            urgencia=one_of("Urgencia.", list(_DAYS_TO_SLOT)),
            modalidad=one_of("Modalidad.", "presencial videollamada"),
        ),
        _agendar_cita_medica,
    ),
)
