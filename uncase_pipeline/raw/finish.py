"""From draft to conversation: roles, speaker labels, the subject, and ids made from content. Knows no format."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from uncase_pipeline.raw import roles
from uncase_pipeline.raw.answered import answer_calls
from uncase_pipeline.raw.draft import Draft, Turns
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.arrow import Pack
from uncase_pipeline.records.conversation import Conversation, Json, Message, Role, Source
from uncase_pipeline.records.ids import canonical_json, content_id
from uncase_pipeline.records.subject import subject_id


@dataclass(slots=True)
class _Settled:
    """What was decided on a draft.

    Attributes:
        conversation_id: Made from content, unless the draft brought one.
        roles: One for each turn.
        speakers: The domain's labels in place of authors, one for each turn.
        authors: Who has a name, and None for the other turns; empty where turns have no authors.
        who: Each of them once, with the role, in the order in which they speak.
        metadata: Of the conversation.
    """

    conversation_id: str
    roles: list[Role]
    speakers: Sequence[str | None]
    authors: list[str | None]
    who: list[tuple[str, Role]]
    metadata: Json


def finish(draft: Draft, source: Source, options: ReadOptions) -> Conversation:
    """Decide what the parser left open and return the conversation."""
    if isinstance(draft.messages, Turns):
        settled = _settle(draft, draft.messages, options)
        messages = _messages(draft.messages, settled)
    else:
        messages = draft.messages
        settled = _settle(draft, Turns.of(messages), options)
        _write_back(settled, messages)
        answer_calls(messages)
    who = [(str(author), message.role) for message in messages if (author := message.metadata.get("author"))]
    return Conversation(
        conversation_id=settled.conversation_id,
        domain=options.domain.key,
        messages=messages,
        language=draft.language,
        seed_id=draft.seed_id,
        subject_id=draft.subject_id or _subject(draft, who, settled, options),
        tools=draft.tools,
        source=source,
        metadata=settled.metadata,
    )


def finish_into(pack: Pack, draft: Draft, source: Source, options: ReadOptions) -> None:
    """Decide what the parser left open and add the conversation to the pack, without an object for each turn."""
    turns = draft.messages
    if not isinstance(turns, Turns):
        pack.add(finish(draft, source, options))
        return
    settled = _settle(draft, turns, options)
    subject = draft.subject_id or _subject(draft, settled.who, settled, options)
    notes: dict[str | None, str] = {name: _note(name) for name, _ in settled.who}
    pack.add_turns(
        settled.roles,
        settled.speakers,
        turns.contents,
        turns.timestamps,
        turns.kinds,
        metadata=[*map(notes.get, settled.authors)],
    )
    pack.close(
        settled.conversation_id,
        options.domain.key,
        language=draft.language,
        seed_id=draft.seed_id,
        subject_id=subject,
        tools=draft.tools,
        source=source,
        metadata=settled.metadata,
    )


def turn_ids(conversation: Conversation) -> list[str]:
    """Return an id for each turn: equal turns of equal conversations have equal ids, repeated turns do not."""
    seen: Counter[tuple[Any, ...]] = Counter()
    ids = []
    for message in conversation.messages:
        parts = (message.timestamp, message.role, message.kind, message.content)
        seen[parts] += 1
        ids.append(content_id("turn", conversation.conversation_id, parts, seen[parts]))
    return ids


def _settle(draft: Draft, turns: Turns, options: ReadOptions) -> _Settled:
    if draft.roles_rule is None:
        _decide_roles(draft, turns, options)
    identifier = draft.conversation_id or _id(draft, turns)
    if draft.anonymous:
        return _Settled(identifier, turns.roles, turns.authors, [], [], _metadata(draft, [], options))
    pairs = dict.fromkeys(zip(turns.authors, turns.roles, strict=True))
    names = {author: _named(author, everybody=draft.named) for author, _ in pairs}
    who = [(name, role) for author, role in pairs if (name := names[author]) is not None]
    return _Settled(
        conversation_id=identifier,
        roles=turns.roles,
        speakers=list(map(options.labels.__getitem__, turns.roles)),
        authors=list(map(names.__getitem__, turns.authors)),
        who=who,
        metadata=_metadata(draft, who, options),
    )


def _named(author: str | None, *, everybody: bool) -> str | None:
    """Return an author who has a name, None for others: a word for a role is none."""
    return author if author and (everybody or _is_name(author)) else None


def _decide_roles(draft: Draft, turns: Turns, options: ReadOptions) -> None:
    """Decide who is the assistant; notices of the export itself are ``system``."""
    authors = [
        author for author, kind in zip(turns.authors, turns.kinds, strict=True) if author and kind != "system"
    ]
    decision = roles.decide(authors, options, openers=Counter(authors[:1]))
    turns.roles = roles.of_turns(turns.authors, turns.kinds, decision)
    draft.roles_rule = decision.rule


def _metadata(draft: Draft, who: list[tuple[str, Role]], options: ReadOptions) -> Json:
    metadata = draft.metadata
    assistants = sorted({name for name, role in who if role == "assistant"})
    metadata["roles"] = {"assistant": assistants, "rule": draft.roles_rule}
    participants = dict.fromkeys([*draft.participants, *(name for name, _ in who)])
    if participants:
        metadata["participants"] = list(participants)
    if draft.key is not None:
        metadata["key"] = draft.key
    if draft.domain and draft.domain != options.domain.key:
        metadata["stated_domain"] = draft.domain
    return metadata


def _messages(turns: Turns, settled: _Settled) -> list[Message]:
    columns = zip(settled.roles, turns.contents, settled.speakers, turns.timestamps, turns.kinds, strict=True)
    messages = [Message(*fields) for fields in columns]
    for message, author in zip(messages, settled.authors, strict=False):
        if author is not None:
            message.metadata["author"] = author
    return messages


def _write_back(settled: _Settled, messages: list[Message]) -> None:
    for message, role, speaker in zip(messages, settled.roles, settled.speakers, strict=True):
        message.role, message.speaker = role, speaker
    for message, author in zip(messages, settled.authors, strict=False):
        if author is not None:
            message.metadata["author"] = author


def _subject(
    draft: Draft, who: Iterable[tuple[str, Role]], settled: _Settled, options: ReadOptions
) -> str | None:
    """Return the id of the customer, or of the group; all customers of a group are noted in the metadata.

    The source's own word counts before the names of those who wrote. A group is one unit of privacy, keyed by its
    chat, so that all its conversations belong together whoever spoke in them.
    """
    if options.subject_key is None:
        return None
    customers = [] if draft.anonymous else [name for name, role in who if role == "user"]
    ours = draft.subjects or ([draft.subject] if draft.subject else customers)
    ids = sorted({_subject_id(name, options.subject_key) for name in ours})
    if len(ids) < 2:
        return ids[0] if ids else None
    settled.metadata["subject_ids"] = ids
    if draft.subject:
        return _subject_id(draft.subject, options.subject_key)
    return subject_id(f"group {draft.thread or draft.key or ids}", options.subject_key)


@lru_cache(maxsize=4096)
def _subject_id(who: str, key: bytes) -> str:
    return subject_id(who, key)


@lru_cache(maxsize=4096)
def _is_name(author: str) -> bool:
    return roles.is_name(author)


@lru_cache(maxsize=4096)
def _note(author: str) -> str:
    return orjson.dumps({"author": author}).decode()


def _id(draft: Draft, turns: Turns) -> str:
    if draft.openings and turns.timestamps[0]:
        opening = (turns.timestamps[0], turns.authors[0], turns.contents[0])
        return content_id("conv", draft.key or draft.thread, *opening)
    if draft.content is not None:
        return f"conv_{hashlib.sha256(canonical_json((draft.key, draft.content))).hexdigest()[:24]}"
    columns = (turns.roles, turns.authors, turns.timestamps, turns.contents, turns.kinds, _calls(draft))
    return content_id("conv", draft.key, list(zip(*columns, strict=True)), draft.tools)


def _calls(draft: Draft) -> list[list[Any]]:
    if isinstance(draft.messages, Turns):
        return [[]] * len(draft.messages)
    called = (message.tool_calls or () for message in draft.messages)
    return [[(call.id, call.name, call.arguments) for call in calls] for calls in called]
