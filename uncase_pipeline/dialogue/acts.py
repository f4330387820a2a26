"""Dialogue acts: what each turn does, from a closed vocabulary, by deterministic rules for es and en.

A turn is cut into clauses at ``. ! ? ;`` and line ends. Each clause gives its lead markers ("Hola,",
"Gracias,", "Sí,") an act of their own, and what remains one act: that of its cue phrase with the highest
priority, ``ask`` for a question without a cue, ``inform`` for a statement without one. Cue phrases (in
``cues.toml``) match whole words, accents and case folded; masks such as ``[PERSON_1]`` are no words.
Knows no plan and no seed.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Self

from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.cues import ANYWHERE, LEADING, OPENERS, QUESTION, STATEMENT, Cues
from uncase_pipeline.dialogue.sentences import REMEMBERED, sentences
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import ROLES, Conversation, Message

ACTS: dict[str, str] = {
    "greet": "opens the conversation",
    "ask": "asks for information",
    "request": "asks the other to do something, or says what is wanted",
    "inform": "states something; the act of every statement without a cue",
    "clarify": "asks what was meant, or says it again in other words",
    "propose": "offers, recommends or instructs a next step",
    "explain": "gives a reason, a meaning or a consequence",
    "confirm": "says yes or agrees",
    "refuse": "says no: denies, declines, cannot",
    "acknowledge": "shows that it was heard",
    "apologize": "says sorry",
    "call": "the assistant calls a tool",
    "result": "a tool answers",
    "thank": "says thanks",
    "close": "ends the conversation",
}
"""Every act and what it means. ``call`` and ``result`` are read from structure, the others from text."""

_MORE_THAN_THANKS = 4
_OBJECT_OF_THANKS = frozenset({"por", "for", "about"})


@dataclass(frozen=True, slots=True)
class Step:
    """What a role does at one point of a conversation."""

    role: str
    act: str

    @property
    def token(self) -> str:
        """``user:ask``: the form in ``Seed.steps``, and one token of the structural ROUGE-L."""
        return f"{self.role}:{self.act}"

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read ``role:act``.

        Raises:
            UncaseError: ``bad-step`` where the role or the act does not exist.
        """
        role, _, act = token.partition(":")
        if role not in ROLES or act not in ACTS:
            raise UncaseError(
                "bad-step",
                "A step is not of the form role:act.",
                f"Roles: {', '.join(ROLES)}. Acts: {', '.join(ACTS)}.",
            )
        return cls(role, act)


_STEPS = {(role, act): Step(role, act) for role in ROLES for act in ACTS}


def spoken(language: str | None) -> str | None:
    """Return ``es`` or ``en`` of a language tag such as ``es-MX``, None for any other."""
    base = (language or "")[:2].lower()
    return base if base in {"es", "en"} else None


def detect_acts(conversation: Conversation) -> list[Step]:
    """Return the steps of a conversation; a step that repeats the one before it is left out.

    System messages and turns in which nobody wrote or called anything (media, deleted) give no step.
    """
    taken = (
        _STEPS[message.role, act]
        for message in conversation.messages
        for act in detect_turn(message, conversation.language)
    )
    return [step for step, _ in groupby(taken)]


def detect_turn(message: Message, language: str | None = None) -> list[str]:
    """Return the acts of one turn in order, consecutive repeats collapsed; masks and signs alone inform.

    Args:
        message: A ``tool`` message is a ``result``; tool calls are one ``call`` after the text of the turn.
        language: ``es`` or ``en``, with or without a region; anything else is read with the cues of both.
    """
    if message.role == "tool":
        return ["result"]
    if message.role == "system":
        return []
    acts: list[str] = []
    if message.content.strip() and message.kind in {"text", "edited"}:
        acts.extend(_acts_of_text(message.content, spoken(language)) or ["inform"])
    if message.tool_calls:
        acts.append("call")
    return [act for act, _ in groupby(acts)]


def _acts_of_text(text: str, language: str | None) -> list[str]:
    return [act for sentence, _ in sentences(text) for act in _acts_of_sentence(sentence, language)]


@lru_cache(maxsize=REMEMBERED)
def _acts_of_sentence(text: str, language: str | None) -> tuple[str, ...]:
    return tuple(act for clause in clauses(text) for act in _acts_of_clause(clause, language))


def _acts_of_clause(clause: Clause, language: str | None) -> list[str]:
    acts, rest = _peel(clause, LEADING[language])
    if not rest.words:
        return acts
    also = ANYWHERE[language].best(rest.words)
    question = rest.question or OPENERS[language].at(rest.words, 0) is not None
    cue = (QUESTION if question else STATEMENT)[language].best(rest.words)
    if cue or not also or len(rest.words) >= _MORE_THAN_THANKS:
        acts.append(cue or ("ask" if question else "inform"))
    if also:
        acts.append(also)
    return acts


def _peel(clause: Clause, leading: Cues) -> tuple[list[str], Clause]:
    """Take the lead markers off a clause: each must be followed by a comma, the end, or another marker."""
    acts: list[str] = []
    while clause.words and (found := leading.at(clause.words, 0)):
        end = found.length
        if not (
            found.free or end in clause.breaks or end == len(clause.words) or leading.at(clause.words, end)
        ):
            break
        if end == len(clause.words) and clause.question and found.act in {"confirm", "refuse", "acknowledge"}:
            break
        acts.append(found.act)
        clause = clause.after(_end_of_marker(clause, end))
    return acts, clause


def _end_of_marker(clause: Clause, end: int) -> int:
    """Return where a marker ends: "gracias por su tiempo," is one marker up to the comma."""
    if end < len(clause.words) and clause.words[end] in _OBJECT_OF_THANKS:
        return min((at for at in clause.breaks if at > end), default=len(clause.words))
    return end
