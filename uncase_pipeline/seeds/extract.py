"""Extraction: the plan of one anonymized conversation, by rules, without a model.

Everything a seed says comes out of closed tables (topics, tones, roles, acts, parameter names, ranges), so
no word of the conversation can get into it. Knows one conversation at a time; ``support`` knows them all.
"""

from dataclasses import dataclass
from itertools import groupby

from uncase_pipeline.dialogue.acts import detect_acts, spoken
from uncase_pipeline.dialogue.tokens import words
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import FactValue, Seed, TurnRange
from uncase_pipeline.seeds.called_tools import called_in, unknown_calls
from uncase_pipeline.seeds.parameters import Stated, as_facts, stated
from uncase_pipeline.seeds.roles import descriptions_of, roles_of
from uncase_pipeline.seeds.tone import tone_of
from uncase_pipeline.seeds.topics import topics_in
from uncase_pipeline.tools.registry import tool_names

SHORTEST_PLAN = 2
_SPREAD = 0.3


@dataclass(frozen=True, slots=True)
class Draft:
    """A seed before its parameters are generalised.

    Attributes:
        seed: Everything but the facts; its id is set by ``finished``.
        stated: The values to generalise.
        subject: Whose conversation it was: the subject id, else the id of the conversation.
    """

    seed: Seed
    stated: tuple[Stated, ...]
    subject: str


def draft_of(conversation: Conversation) -> Draft | Rejection:
    """Read the plan of one conversation, or say why it has none."""
    language = spoken(conversation.language)
    if language is None:
        return Rejection("language-not-supported", conversation.conversation_id)
    if conversation.domain not in DOMAINS:
        return Rejection("unknown-domain", conversation.conversation_id)
    steps = [step.token for step in detect_acts(conversation)]
    if len(steps) < SHORTEST_PLAN or len({step.partition(":")[0] for step in steps}) < 2:
        return Rejection("no-dialogue", conversation.conversation_id)
    said = [word for message in conversation.messages for word in words(message.content)]
    topics = topics_in(said, conversation.domain)
    seed = Seed(
        seed_id="draft",
        domain=conversation.domain,
        language=language,
        objective=topics[0].objectives[language],
        tone=tone_of(said),
        roles=roles_of(conversation.domain),
        role_descriptions=descriptions_of(conversation.domain, language),
        steps=steps,
        tools=_tools(conversation, topics[0].tools),
        inferred_tools=called_in(conversation),
        turns=_turns(conversation),
        tags=[topic.name for topic in topics],
        source_ids=[conversation.conversation_id],
        subject_ids=[conversation.subject_id or conversation.conversation_id],
        support=1,
    )
    return Draft(seed, tuple(stated(conversation)), seed.subject_ids[0])


def finished(seed: Seed, facts: dict[str, FactValue], support: int) -> Seed:
    """Return the seed with its facts, its support, and the id that its content gives it."""
    complete = seed.model_copy(update={"facts": facts, "support": support})
    return complete.model_copy(update={"seed_id": content_id("seed", content_of(complete))})


def content_of(seed: Seed) -> dict[str, object]:
    """Return what makes two seeds equal: everything but where they come from."""
    content = seed.model_dump(exclude={"seed_id", "source_ids", "subject_ids", "support", "metadata"})
    if not seed.inferred_tools:
        del content["herramientas_inferidas"]
    return content


def seed_of(conversation: Conversation) -> Seed | Rejection:
    """Return the seed of one conversation on its own, at the finest generalisation."""
    draft = draft_of(conversation)
    if isinstance(draft, Rejection):
        return draft
    parameters = [parameter for value in draft.stated if (parameter := value.at(0))]
    return finished(draft.seed, as_facts(parameters), 1)


def _tools(conversation: Conversation, implied: tuple[str, ...]) -> list[str]:
    known = set(tool_names())
    known.update(call.name for call in unknown_calls(conversation))
    called = (call.name for message in conversation.messages for call in message.tool_calls or ())
    return list(dict.fromkeys([name for name in called if name in known] + list(implied)))


def _turns(conversation: Conversation) -> TurnRange:
    """From the turns without those that go on with the one before, as in a chat, to all of them, and a spread."""
    roles = [message.role for message in conversation.messages if message.role != "system"]
    apart = sum(1 for _ in groupby(roles))
    return TurnRange(minimum=max(2, int(apart * (1 - _SPREAD))), maximum=int(len(roles) * (1 + _SPREAD)) + 2)
