"""The prompts, filled from a seed, with a version made from their text. Knows no model and no gateway."""

import hashlib
from functools import cache
from importlib.resources import files
from random import Random

from uncase_pipeline.domains import domain_of
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.records.seed import Seed

_LANGUAGES = {"es": "Spanish", "en": "English"}
_PERSONAS = (
    "careful and polite", "in a hurry, with short messages", "talkative, with everyday examples",
    "doubtful, asks twice", "well informed, wants precision", "a first-timer who mixes up terms",
    "types casually, in lower case",
)  # fmt: skip
_NONE = "(none)"


def prompt(template: str, seed: Seed, *, name: str, feedback: str = "", known: str = "") -> str:
    """Return the system prompt of one conversation.

    Args:
        template: ``one_shot``, ``user_turn`` or ``assistant_turn``.
        seed: The plan and the facts.
        name: Names the conversation among those of the seed; the persona is drawn by it.
        feedback: What failed in the round before, empty in the first.
        known: Texts of the knowledge base that fit the seed.
    """
    domain = domain_of(seed.domain)
    return _text(template).format(
        user=domain.user.replace("_", " "),
        assistant=domain.assistant.replace("_", " "),
        domain=seed.domain,
        language_name=_LANGUAGES.get(seed.language[:2].lower(), seed.language),
        objective=seed.objective,
        tone=seed.tone,
        roles="; ".join(f"{role} ({said})" for role, said in seed.role_descriptions.items())
        or ", ".join(seed.roles),
        steps="\n".join(seed.steps),
        facts=_facts(seed),
        known=known or _NONE,
        constraints=_listed(seed.constraints),
        negative_constraints=_listed(seed.negative_constraints),
        tools=", ".join(seed.tools) or _NONE,
        turns=f"{seed.turns.minimum} to {seed.turns.maximum}",
        persona=Random(f"{seed.seed_id}/{name}").choice(_PERSONAS),  # noqa: S311
        feedback=feedback,
    )


@cache
def version(template: str) -> str:
    """Return name and hash of a template, so that every row says which wording it was made with."""
    return f"{template}-{hashlib.sha256(_text(template).encode()).hexdigest()[:12]}"


def _facts(seed: Seed) -> str:
    facts = seed.model_dump(by_alias=False, include={"facts"})["facts"]
    return "\n".join(f"- {name}: {canonical_json(value).decode()}" for name, value in facts.items()) or _NONE


def _listed(sentences: list[str]) -> str:
    return " ".join(sentences) or _NONE


@cache
def _text(template: str) -> str:
    return (files(__package__) / "templates" / f"{template}.txt").read_text(encoding="utf-8")
