"""What each role of a domain does, in words: roles in seeds are functions, never people."""

from uncase_pipeline.domains import domain_of

_DESCRIPTIONS: dict[str, dict[str, str]] = {
    "customer": {
        "es": "Persona que considera comprar o rentar un vehículo.",
        "en": "Someone considering a vehicle.",
    },
    "sales_advisor": {
        "es": "Asesor que informa, cotiza y propone.",
        "en": "Advisor who informs, quotes and proposes.",
    },
    "patient": {"es": "Persona que consulta por su salud.", "en": "Someone consulting about their health."},
    "clinician": {
        "es": "Profesional que pregunta, explica y orienta.",
        "en": "Professional who asks, explains, guides.",
    },
    "client": {"es": "Persona que pide asesoría.", "en": "Someone who asks for advice."},
    "legal_advisor": {
        "es": "Asesor que explica derechos y vías.",
        "en": "Advisor who explains rights and routes.",
    },
    "financial_advisor": {
        "es": "Asesor que compara y explica opciones.",
        "en": "Advisor who compares options.",
    },
    "operator": {
        "es": "Persona que opera el equipo con la falla.",
        "en": "Person operating the faulty equipment.",
    },
    "support_engineer": {
        "es": "Ingeniero que diagnostica a distancia.",
        "en": "Engineer who diagnoses remotely.",
    },
    "student": {
        "es": "Alumno que quiere entender un tema.",
        "en": "Student who wants to understand a topic.",
    },
    "tutor": {"es": "Tutor que guía con preguntas.", "en": "Tutor who guides with questions."},
}


def roles_of(domain: str) -> list[str]:
    """Return the two roles of a domain, the one who asks first."""
    parties = domain_of(domain)
    return [parties.user, parties.assistant]


def descriptions_of(domain: str, language: str) -> dict[str, str]:
    """Return what each role of a domain does, in the language of the seed."""
    return {role: _DESCRIPTIONS[role][language] for role in roles_of(domain)}
