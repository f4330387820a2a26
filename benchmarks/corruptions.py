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
    """A row, its seed, and what lies around: another dialogue, another one's source text, a random source."""

    row: Conversation
    seed: Seed
    other: Conversation
    source: str
    rng: random.Random


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


_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def facts_flipped(case: Case) -> tuple[Conversation, Seed] | None:
    """Change every figure, and turn yes into no."""
    changed = _edit(case.row, lambda m: _flip(m.content))
    return None if changed.messages == case.row.messages else (changed, case.seed)


def _flip(text: str) -> str:
    text = _NUMBER.sub(lambda m: str(round(float(m[0].replace(",", "").rstrip(".") or 0) * 7 + 13))
                       if m[0].replace(",", "").rstrip(".").count(".") <= 1 else "7013", text)
    swap = {"yes": "no", "no": "yes", "Yes": "No", "No": "Yes", "sí": "no", "Sí": "No"}
    return re.sub(r"\b(yes|no|sí)\b", lambda m: swap.get(m[0], m[0]), text, count=1, flags=re.I)


_VERB = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|has|have|do|does|did|"
    r"es|son|está|están|tiene|tienen|puede|puedo|podemos|cuesta|incluye|hay|será|vamos|debe|necesita|quiero|necesito)\b"
)
_SPANISH = {"es", "son", "está", "están", "tiene", "tienen", "puede", "puedo", "podemos", "cuesta", "incluye", "hay",
            "será", "vamos", "debe", "necesita", "quiero", "necesito"}


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
    tail = [replace(m, tool_calls=None) if m.tool_calls else m for m in case.row.messages[-third:] if m.role != "tool"]
    return _with(case.row, [*case.row.messages, *tail]), case.seed


def foreign_answers(case: Case) -> tuple[Conversation, Seed]:
    """Take every answer of the assistant from another dialogue of the same corpus."""
    answers = [case.other.messages[i].content for i in _said(case.other) if case.other.messages[i].role == "assistant"]
    messages = list(case.row.messages)
    own = [i for i in _said(case.row) if messages[i].role == "assistant"]
    for number, i in enumerate(own):
        messages[i] = replace(messages[i], content=answers[number % len(answers)])
    return _with(case.row, messages), case.seed


def copied(words: int) -> Damage:
    """Return a corruption that puts a run of that many source words into a turn."""

    def damage(case: Case) -> tuple[Conversation, Seed] | None:
        source = case.source.split()
        if len(source) < words:
            return None
        start = case.rng.randrange(len(source) - words + 1)
        run = " ".join(source[start : start + words])
        at = case.rng.choice(_said(case.row))
        messages = list(case.row.messages)
        messages[at] = replace(messages[at], content=f"{messages[at].content} {run}")
        return _with(case.row, messages), case.seed

    return damage


IDENTIFIERS = (
    "maria.lopez84@gmail.com", "55 4821 9037", "+52 81 2345 6789", "LOGA850412MDFPRN08", "LOGA850412AB1", "4539 1488 0343 6467",
    "Guadalupe Hernández Ríos", "(212) 555-0187", "078-05-1120",
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
