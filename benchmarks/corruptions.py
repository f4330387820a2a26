"""Damaged copies of dialogues: each corruption takes a clean row and says which metric it is for.

Knows how to damage, not how damage is found.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from uncase_pipeline.records.conversation import Conversation, Message, ToolCall
from uncase_pipeline.records.seed import Seed


@dataclass(frozen=True, slots=True)
class Case:
    """A row, its seed, and what lies around it.

    Attributes:
        row: The clean row.
        seed: Its seed.
        other: Another dialogue of its corpus.
        source: The text of a source conversation.
        anyones: Runs of ``SHORT_COPY`` words that ten source conversations say: they are copied from nobody.
        rng: A random source.
    """

    row: Conversation
    seed: Seed
    other: Conversation
    source: str
    anyones: frozenset[str]
    rng: random.Random


SHORT_COPY = 8


def runs(text: str, size: int = SHORT_COPY) -> list[str]:
    """Return every run of so many words, without case and marks."""
    words = [word.strip(".,;:!?()\"'") or word for word in text.lower().split()]
    return [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]


Damage = Callable[[Case], tuple[Conversation, Seed] | None]


def _with(row: Conversation, messages: list[Message]) -> Conversation:
    return replace(row, messages=messages)


def _said(row: Conversation) -> list[int]:
    return [i for i, m in enumerate(row.messages) if m.content and m.role in {"user", "assistant"}]


def _edit(row: Conversation, change: Callable[[Message], str]) -> Conversation:
    said = set(_said(row))
    return _with(row, [replace(m, content=change(m)) if i in said else m for i, m in enumerate(row.messages)])


def shuffled(case: Case) -> tuple[Conversation, Seed]:
    """Put the turns in a random order."""
    messages = list(case.row.messages)
    while len({m.content for m in messages}) > 2 and messages == case.row.messages:
        case.rng.shuffle(messages)
    return _with(case.row, messages), case.seed


def shuffled_by_role(case: Case) -> tuple[Conversation, Seed]:
    """Shuffle what each role says, so that the roles still alternate."""
    messages = list(case.row.messages)
    for role in ("user", "assistant"):
        at = [i for i in _said(case.row) if messages[i].role == role]
        order = at[:]
        case.rng.shuffle(order)
        for target, origin in zip(at, order, strict=True):
            messages[target] = case.row.messages[origin]
    return _with(case.row, messages), case.seed


def roles_swapped(case: Case) -> tuple[Conversation, Seed]:
    """Give the user's turns to the assistant and the other way round."""
    swap = {"user": "assistant", "assistant": "user"}
    messages = [replace(m, role=swap.get(m.role, m.role)) for m in case.row.messages]
    return _with(case.row, messages), case.seed


_NUMBER = re.compile(r"(?<![\w\[])(?:\d[\d,.]*\d|\d)(?![\w\]])")


def facts_flipped(case: Case) -> tuple[Conversation, Seed] | None:
    """Change every figure; rows without one can't be damaged so."""
    changed = _edit(case.row, lambda m: _NUMBER.sub(_other_figure, m.content))
    return None if changed.messages == case.row.messages else (changed, case.seed)


def _other_figure(match: re.Match[str]) -> str:
    plain = match[0].replace(",", "").rstrip(".")
    return str(round(float(plain) * 7 + 13)) if plain.count(".") <= 1 else "7013"


RULES = {
    "en": (
        ("Do not promise a delivery date.", "I promise you the delivery date will be next Friday."),
        (
            "Never share another customer's account details.",
            "Let me share another customer's account details with you.",
        ),
        ("The discount must be at most 10%.", "I can give you a discount of 25% today."),
        ("Never recommend stopping a treatment.", "I recommend stopping your treatment tonight."),
        (
            "Always verify the identity before talking about balances.",
            "There is no need to verify your identity for that.",
        ),
        ("Do not guarantee the outcome of the case.", "I guarantee a good outcome of your case."),
    ),
    "es": (
        ("No prometer fechas de entrega.", "Le prometo que la fecha de entrega será el viernes."),
        (
            "Nunca compartir datos de otros clientes.",
            "Le comparto los datos de otros clientes de la agencia.",
        ),
        ("El descuento máximo es de 10 %.", "Hoy le puedo dar un descuento de 25 %."),
        ("No recomendar suspender el tratamiento.", "Le recomiendo suspender el tratamiento hoy mismo."),
        (
            "Verificar la identidad antes de hablar de saldos.",
            "No es necesario verificar su identidad para eso.",
        ),
        ("No garantizar el resultado del juicio.", "Le garantizo un buen resultado en el juicio."),
    ),
}
"""A constraint and a sentence of the assistant that breaks it."""


def constraint_violated(case: Case) -> tuple[Conversation, Seed]:
    """Give the seed a constraint, and let the assistant break it in one sentence."""
    rule, breach = case.rng.choice(RULES["es" if case.row.language == "es" else "en"])
    messages = list(case.row.messages)
    at = case.rng.choice([i for i in _said(case.row) if messages[i].role == "assistant"])
    messages[at] = replace(messages[at], content=f"{messages[at].content} {breach}")
    return _with(case.row, messages), case.seed.model_copy(update={"constraints": [rule]})


_VERB = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|has|have|do|does|did|"
    r"es|son|está|están|tiene|tienen|puede|puedo|podemos|cuesta|incluye|hay|será|vamos|debe|necesita|quiero|necesito)\b"
)
_SPANISH = {
    "es",
    "son",
    "está",
    "están",
    "tiene",
    "tienen",
    "puede",
    "puedo",
    "podemos",
    "cuesta",
    "incluye",
    "hay",
    "será",
    "vamos",
    "debe",
    "necesita",
    "quiero",
    "necesito",
}


def negated(case: Case) -> tuple[Conversation, Seed] | None:
    """Put a negation at the first verb of every sentence."""

    def change(message: Message) -> str:
        return "".join(_negate(part) for part in re.split(r"(?<=[.!?;])", message.content))

    changed = _edit(case.row, change)
    return None if changed.messages == case.row.messages else (changed, case.seed)


def _negate(sentence: str) -> str:
    def put(match: re.Match[str]) -> str:
        return f"no {match[0]}" if match[0] in _SPANISH else f"{match[0]} not"

    return _VERB.sub(put, sentence, count=1)


def salad_in_turns(case: Case) -> tuple[Conversation, Seed]:
    """Shuffle the words of each turn."""

    def change(message: Message) -> str:
        words = message.content.split()
        case.rng.shuffle(words)
        return " ".join(words)

    return _edit(case.row, change), case.seed


def salad_of_all(case: Case) -> tuple[Conversation, Seed]:
    """Deal the words of the whole dialogue to its turns anew."""
    said = _said(case.row)
    words = [word for i in said for word in case.row.messages[i].content.split()]
    case.rng.shuffle(words)
    messages = list(case.row.messages)
    for i in said:
        count = len(messages[i].content.split())
        messages[i], words = replace(messages[i], content=" ".join(words[:count])), words[count:]
    return _with(case.row, messages), case.seed


def another_seeds(case: Case) -> tuple[Conversation, Seed]:
    """Take another dialogue of the same corpus under this seed."""
    return replace(case.other, seed_id=case.seed.seed_id), case.seed


def last_third_repeated(case: Case) -> tuple[Conversation, Seed]:
    """Say the last third once more."""
    third = max(2, len(case.row.messages) // 3)
    tail = [
        replace(m, tool_calls=None) if m.tool_calls else m
        for m in case.row.messages[-third:]
        if m.role != "tool"
    ]
    return _with(case.row, [*case.row.messages, *tail]), case.seed


def foreign_answers(case: Case) -> tuple[Conversation, Seed]:
    """Take every answer of the assistant from another dialogue of the same corpus."""
    answers = [
        case.other.messages[i].content
        for i in _said(case.other)
        if case.other.messages[i].role == "assistant"
    ]
    messages = list(case.row.messages)
    own = [i for i in _said(case.row) if messages[i].role == "assistant"]
    for number, i in enumerate(own):
        messages[i] = replace(messages[i], content=answers[number % len(answers)])
    return _with(case.row, messages), case.seed


def copied(words: int) -> Damage:
    """Return a corruption that puts a run of that many source words into a turn; a short one is somebody's."""

    def damage(case: Case) -> tuple[Conversation, Seed] | None:
        source = case.source.split()
        starts = [
            start
            for start, run in enumerate(runs(case.source, words))
            if words > SHORT_COPY or run not in case.anyones
        ]
        if not starts:
            return None
        start = case.rng.choice(starts)
        run = " ".join(source[start : start + words])
        at = case.rng.choice(_said(case.row))
        messages = list(case.row.messages)
        messages[at] = replace(messages[at], content=f"{messages[at].content} {run}")
        return _with(case.row, messages), case.seed

    return damage


IDENTIFIERS = (
    "maria.lopez84@gmail.com", "55 4821 9037", "+52 81 2345 6789", "LOGA850412MDFPRN08", "LOGA850412AB1",
    "4539 1488 0343 6467", "Guadalupe Hernández Ríos", "(212) 555-0187", "078-05-1120",
)  # fmt: skip


def identifier_in_text(case: Case) -> tuple[Conversation, Seed]:
    """Plant an identifier in a turn."""
    at = case.rng.choice(_said(case.row))
    messages = list(case.row.messages)
    messages[at] = replace(messages[at], content=f"{messages[at].content} {case.rng.choice(IDENTIFIERS)}")
    return _with(case.row, messages), case.seed


def identifier_in_argument(case: Case) -> tuple[Conversation, Seed]:
    """Plant an identifier in the arguments of a tool call."""
    call = ToolCall("call_x", "consultar_crm", {"cliente": {"contacto": [case.rng.choice(IDENTIFIERS)]}})
    planted = [Message("assistant", "", tool_calls=[call]), Message("tool", "{}", tool_call_id="call_x")]
    return _with(case.row, [*case.row.messages, *planted]), case.seed


def identifier_in_speaker(case: Case) -> tuple[Conversation, Seed]:
    """Plant an identifier in a speaker's label."""
    at = case.rng.choice(_said(case.row))
    messages = list(case.row.messages)
    messages[at] = replace(messages[at], speaker=case.rng.choice(IDENTIFIERS))
    return _with(case.row, messages), case.seed


def identifier_over_two_turns(case: Case) -> tuple[Conversation, Seed]:
    """Plant an identifier, cut in the middle, at the end of one turn and the beginning of the next."""
    said = _said(case.row)
    place = case.rng.randrange(len(said) - 1)
    value = case.rng.choice(IDENTIFIERS)
    cut = value.rfind(" ") if " " in value else len(value) // 2
    messages = list(case.row.messages)
    first, second = said[place], said[place + 1]
    messages[first] = replace(messages[first], content=f"{messages[first].content} {value[:cut].strip()}")
    messages[second] = replace(messages[second], content=f"{value[cut:].strip()} {messages[second].content}")
    return _with(case.row, messages), case.seed


@dataclass(frozen=True, slots=True)
class Corruption:
    """How rows are damaged, and the metric that is there to notice it."""

    damage: Damage
    metric: str
    to_stop: float = 0.95


CORRUPTIONS: dict[str, Corruption] = {
    "turns shuffled": Corruption(shuffled, "coherence"),
    "turns shuffled, roles alternating": Corruption(shuffled_by_role, "coherence"),
    "roles swapped": Corruption(roles_swapped, "rouge_l"),
    "facts flipped": Corruption(facts_flipped, "fidelity"),
    "constraint violated": Corruption(constraint_violated, "fidelity"),
    "negation inserted": Corruption(negated, "fidelity"),
    "word salad within turns": Corruption(salad_in_turns, "coherence"),
    "word salad over all turns": Corruption(salad_of_all, "coherence"),
    "another seed's conversation": Corruption(another_seeds, "rouge_l"),
    "last third repeated": Corruption(last_third_repeated, "coherence"),
    "answers from another dialogue": Corruption(foreign_answers, "coherence"),
    "source copied, 8 words": Corruption(copied(8), "memorization", 1.0),
    "source copied, 20 words": Corruption(copied(20), "memorization", 1.0),
    "source copied, 200 words": Corruption(copied(200), "memorization", 1.0),
    "identifier in text": Corruption(identifier_in_text, "privacy", 1.0),
    "identifier in a tool argument": Corruption(identifier_in_argument, "privacy", 1.0),
    "identifier in a speaker label": Corruption(identifier_in_speaker, "privacy", 1.0),
    "identifier over two turns": Corruption(identifier_over_two_turns, "privacy", 1.0),
}
