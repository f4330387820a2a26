"""What a language model may add to a draft: objective, tone and constraints. Knows a question, not a model.

The plan, the values and the lineage stay those of the rules. What the model writes is text, so it is bound like
any other: a seed whose text holds an identifier or a run of the source is rejected.
"""

from dataclasses import replace

import orjson
from jsonschema import Draft202012Validator

from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.seeds.extract import Draft
from uncase_pipeline.seeds.tone import TONES

PROMPT_VERSION = "seed-extraction-1"
NO_ANSWER = "model-gave-no-answer"
BAD_ANSWER = "model-answer-breaks-schema"

_SENTENCES: Json = {
    "type": "array",
    "maxItems": 4,
    "items": {"type": "string", "minLength": 4, "maxLength": 160},
}
SCHEMA: Json = {
    "type": "object",
    "properties": {
        "objetivo": {"type": "string", "minLength": 10, "maxLength": 200},
        "tono": {"enum": list(TONES)},
        "restricciones": _SENTENCES,
        "restricciones_negativas": _SENTENCES,
    },
    "required": ["objetivo", "tono", "restricciones", "restricciones_negativas"],
    "additionalProperties": False,
}
_ASKED = {
    "es": (
        "Describe el tipo de conversación, nunca a sus personas. En abstracto y con tus palabras: el objetivo en "
        "una frase, el tono, qué debe cumplir quien atiende y qué no debe hacer. Sin nombres, lugares, fechas, "
        "cifras ni frases del texto. Responde con un objeto JSON del esquema y nada más."
    ),
    "en": (
        "Describe the kind of conversation, never its people. In the abstract and in your own words: the objective "
        "in one sentence, the tone, what the one who answers must keep to and must not do. No names, places, "
        "dates, figures or phrases of the text. Answer with a JSON object of the schema and nothing else."
    ),
}


def question(conversation: Conversation) -> list[Json]:
    """Return the messages that ask a model about one anonymized conversation."""
    said = "\n".join(
        f"{message.role}: {message.content}" for message in conversation.messages if message.content
    )
    asked = _ASKED["en" if conversation.language == "en" else "es"]
    return [{"role": "system", "content": asked}, {"role": "user", "content": said}]


def refined(draft: Draft, text: str, model: str) -> Draft | Rejection:
    """Return the draft with what a model wrote, or why its answer can't be used."""
    answer = _parsed(text)
    if answer is None:
        return Rejection(BAD_ANSWER, draft.seed.source_ids[0])
    written = {
        "objective": answer["objetivo"],
        "tone": answer["tono"],
        "constraints": answer["restricciones"],
        "negative_constraints": answer["restricciones_negativas"],
        "metadata": {"prompt_version": PROMPT_VERSION, "model": model},
    }
    return replace(draft, seed=draft.seed.model_copy(update=written))


def _parsed(text: str) -> Json | None:
    start, end = text.find("{"), text.rfind("}")
    try:
        answer = orjson.loads(text[start : end + 1])
    except orjson.JSONDecodeError:
        return None
    return answer if Draft202012Validator(SCHEMA).is_valid(answer) else None
