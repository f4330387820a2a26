"""Who is the assistant: by rule, recorded, and overridable. Knows words and participants, not formats."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.conversation import Kind, Message, Role
from uncase_pipeline.records.subject import identity

_USER_WORDS = """
user human customer client cliente clienta usuario usuaria paciente patient student alumno alumna estudiante
pupil learner buyer comprador compradora caller contact contacto lead visitor visitante guest invitado enduser
end_user requester solicitante prompter questioner inbound incoming entrante kunde utilisateur usuário aluno
operario consumer consumidor person persona external comprador(a) guest_guardian mother father familiar guest_family
question pregunta q p customer_name klant u cliente_final
"""
_ASSISTANT_WORDS = """
assistant gpt agent agente asesor asesora advisor adviser asesor_ventas sales_advisor bot chatgpt chatbot model
ai ia asistente doctor doctora dr dra médico médica medico medica physician clinician clinician_note nurse
enfermera enfermero tutor tutora teacher profesor profesora maestro maestra instructor seller vendedor vendedora
salesperson support soporte admin administrator abogado abogada lawyer attorney legal_advisor ejecutivo
ejecutiva representative representante rep staff employee empleado technician técnico tecnico support_engineer
financial_advisor engineer expert business company empresa outbound outgoing saliente wizard answer respuesta a
r bard claude gemini llama berater agente_ventas dealer consultant consultor consultora operadora therapist
model_response completion teammate helper counselor counsellor atendente operador operadora operator operatore
operatrice mitarbeiter mitarbeiterin beraterin conseiller conseillère medewerker chatbot bing live_agent
internal asistente_virtual virtual_assistant agente_virtual assistente agent_bot
"""
_SYSTEM_WORDS = """
system sistema developer system_prompt instruction_system event evento notice aviso notification notificación
"""
_TOOL_WORDS = "tool function observation function_response tool_response tool_result herramienta api ipython"
_CALL_WORDS = "function_call tool_call"

ROLE_WORDS: dict[str, Role] = {
    **dict.fromkeys(_USER_WORDS.split(), "user"),
    **dict.fromkeys(_ASSISTANT_WORDS.split(), "assistant"),
    **dict.fromkeys(_SYSTEM_WORDS.split(), "system"),
    **dict.fromkeys(_TOOL_WORDS.split(), "tool"),
    **dict.fromkeys(_CALL_WORDS.split(), "assistant"),
}
"""Words that formats and people write for a role, lower-cased, spaces and hyphens as underscores."""

_BUSINESS = (
    r"agencia|autos?|motors?|automotriz|banco|bank|cl[ií]nica|clinic|consultorio|hospital|soporte|support|servicios?|"
    r"service|ventas|sales|seller|autoseller|asesora?|advisor|agente?|despacho|bufete|atenci[oó]n|help ?desk|"
    r"mesa de ayuda|bot|asistente|assistant|oficial|official|seguros|insurance|financiera|finance|taller|escuela|"
    r"school|academia|empresa|gmbh|s\.a\.|inc\.?|llc|team|equipo|whatsapp business|farmacia|inmobiliaria|"
    r"concesionari[ao]|dealer|kundendienst|suporte|atendimento|tienda|store"
)
_PROFESSION = {
    "medical.consultation": r"dra?\.?|doctora?|m[eé]dic[oa]|enfermer[oa]|nurse|physician",
    "legal.advisory": r"lic\.?|abogad[oa]s?|legal|lawyer|attorney|notar[ií]a",
    "education.tutoring": r"tutor[ai]?|prof(?:esora?|\.)?|maestr[oa]|teacher|miss",
    "industrial.support": r"t[eé]cnic[oa]s?|ingenier[oa]s?|ing\.?|engineer|technician",
    "finance.advisory": r"ejecutiv[oa]|contadora?|cpa|broker",
}
"""A doctor is the one who answers in a consultation, and a customer anywhere else."""
_SELF = {"me", "yo", "you", "tú", "tu", "eu", "você", "ich", "moi", "io", "ik", "myself"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Which authors are the assistant, and the rule that said so."""

    assistants: frozenset[str]
    rule: str


def role_of_word(word: str) -> Role | None:
    """Return the role that a word names (``cliente``, ``gpt``, ``end-user``), None where it names none."""
    return ROLE_WORDS.get(word) or ROLE_WORDS.get(_folded(word))


def _folded(word: str) -> str:
    return re.sub(r"[\s\-]+", "_", word.strip().strip("[]<>():*").casefold())


def is_name(author: str | None) -> bool:
    """Whether an author is somebody's name or number, and not just a word for a role."""
    return bool(author) and role_of_word(author or "") is None


def decide(
    authors: Iterable[str],
    options: ReadOptions,
    *,
    openers: Mapping[str, int] | None = None,
    counterpart: str | None = None,
) -> Decision:
    """Decide which authors of a chat are the assistant.

    Args:
        authors: In the order of their first turn.
        options: Holds the names of the business.
        openers: How many conversations each author opened.
        counterpart: The person whom the export is named after: the team exported it, so they are the customer.
    """
    names = list(dict.fromkeys(authors))
    rules = (
        _by_settings(names, options),
        _by_word(names, options),
        _by_self(names),
        _by_business_name(names, options.domain.key),
    )
    for decision in rules:
        if decision is not None:
            return decision
    if len(names) < 2:
        return Decision(frozenset(), "one-sided")
    others = [name for name in names if counterpart is None or identity(name) != identity(counterpart)]
    if counterpart is not None and len(others) == len(names) - 1 == 1:
        return Decision(frozenset(others), "export-is-named-after-customer")
    counts = openers or Counter()
    ranked = sorted(names, key=lambda name: counts.get(name, 0))
    if counts.get(ranked[0], 0) < counts.get(ranked[1], 0):
        return Decision(frozenset(ranked[:1]), "opens-fewest-conversations")
    first = max(names, key=lambda name: counts.get(name, 0))
    answerer = next(name for name in names if name != first)
    return Decision(frozenset((answerer,)), "answers-first")


def _by_settings(names: list[str], options: ReadOptions) -> Decision | None:
    business = {identity(name) for name in options.assistant_names}
    ours = frozenset(name for name in names if identity(name) in business)
    return Decision(ours, "settings") if ours else None


def _by_self(names: list[str]) -> Decision | None:
    """Where the export calls its owner ``Me``: the team exported it."""
    ours = frozenset(name for name in names if name.strip().casefold() in _SELF)
    return Decision(ours, "exported-by") if ours and len(ours) < len(names) else None


def _by_word(names: list[str], options: ReadOptions) -> Decision | None:
    own = {options.domain.user: "user", options.domain.assistant: "assistant"}
    letters = [name for name in names if len(name) == 1]
    are_words = len(names) > 1 and all(role_of_word(name) for name in letters)
    roles = {
        name: own.get(name.casefold()) or role_of_word(name) for name in names if len(name) > 1 or are_words
    }
    ours = frozenset(name for name, role in roles.items() if role == "assistant")
    if not ours and "system" in roles.values() and "user" in roles.values():
        ours = frozenset(name for name, role in roles.items() if role == "system")
    if not ours and "user" in roles.values():  # ``Visitor`` beside a name: the export hides who asks
        ours = frozenset(name for name, role in roles.items() if role is None)
    return Decision(ours, "role-word") if ours else None


def _by_business_name(names: list[str], domain: str) -> Decision | None:
    ours = frozenset(name for name in names if _business(domain).search(name))
    return Decision(ours, "business-name") if ours and len(ours) < len(names) else None


@cache
def _business(domain: str) -> re.Pattern[str]:
    words = "|".join(filter(None, (_BUSINESS, _PROFESSION.get(domain))))
    return re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)


class RolesOf(dict[str | None, Role]):
    """The role of each author of a file; who has no name is the export itself."""

    def __init__(self, decision: Decision) -> None:
        super().__init__({None: "system"})
        self._assistants = decision.assistants

    def __missing__(self, author: str | None) -> Role:
        role: Role = "assistant" if author in self._assistants else "user"
        self[author] = role
        return role


def apply(messages: list[Message], decision: Decision) -> None:
    """Set the roles of turns by their authors; notices of the export itself are ``system``."""
    said = of_turns(
        [message.speaker for message in messages], [message.kind for message in messages], decision
    )
    for message, role in zip(messages, said, strict=True):
        message.role = role


def of_turns(authors: Iterable[str | None], kinds: Iterable[Kind], decision: Decision) -> list[Role]:
    """Return the roles of turns by their authors, as ``apply``."""
    ours = decision.assistants
    return [
        "system" if author is None or kind == "system" else "assistant" if author in ours else "user"
        for author, kind in zip(authors, kinds, strict=True)
    ]
