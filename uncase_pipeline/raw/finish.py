"""From draft to conversation: roles, speaker labels, the subject, and ids made from content. Knows no format."""

import hashlib
from collections import Counter
from functools import lru_cache
from typing import Any

import orjson

from uncase_pipeline.raw import roles
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.records.conversation import Conversation, Message, Source
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.subject import subject_id


def finish(draft: Draft, source: Source, options: ReadOptions) -> Conversation:
    """Decide what the parser left open and return the conversation."""
    if draft.roles_rule is None:
        _decide_roles(draft, options)
    conversation_id = draft.conversation_id or _id(draft)
    names, assistants = (draft.participants, []) if draft.anonymous else _name_speakers(draft, options)
    metadata = draft.metadata
    metadata["roles"] = {"assistant": assistants, "rule": draft.roles_rule}
    if names:
        metadata["participants"] = names
    if draft.key is not None:
        metadata["key"] = draft.key
    if draft.domain and draft.domain != options.domain.key:
        metadata["stated_domain"] = draft.domain
    return Conversation(
        conversation_id=conversation_id,
        domain=options.domain.key,
        messages=draft.messages,
        language=draft.language,
        seed_id=draft.seed_id,
        subject_id=draft.subject_id or _subject(draft, options),
        tools=draft.tools,
        source=source,
        metadata=metadata,
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


def _decide_roles(draft: Draft, options: ReadOptions) -> None:
    authors = [message.speaker for message in draft.messages if message.speaker and message.kind != "system"]
    decision = roles.decide(authors, options, openers=Counter(authors[:1]))
    roles.apply(draft.messages, decision)
    draft.roles_rule = decision.rule


def _name_speakers(draft: Draft, options: ReadOptions) -> tuple[list[str], list[str]]:
    """Put the domain's labels in place of authors.

    Returns:
        The names of everyone who takes part, and of those who are the assistant.
    """
    labels = options.labels
    names = dict.fromkeys(draft.participants)
    assistants: set[str] = set()
    for message in draft.messages:
        author = message.speaker
        message.speaker = labels[message.role]
        if author is not None and (draft.named or roles.is_name(author)):
            names[author] = None
            message.metadata["author"] = author
            if message.role == "assistant":
                assistants.add(author)
    return list(names), sorted(assistants)


def _subject(draft: Draft, options: ReadOptions) -> str | None:
    """Return the id of who the source says the customer is, else of the first customer who has a name."""
    if options.subject_key is None:
        return None
    who = draft.subject
    if who is None and not draft.anonymous:
        users = (message.metadata for message in draft.messages if message.role == "user")
        who = next((str(metadata["author"]) for metadata in users if "author" in metadata), None)
    return _subject_id(who, options.subject_key) if who else None


@lru_cache(maxsize=4096)
def _subject_id(who: str, key: bytes) -> str:
    return subject_id(who, key)


def _id(draft: Draft) -> str:
    first = draft.messages[0]
    if draft.openings and first.timestamp:
        return content_id("conv", draft.key or draft.thread, first.timestamp, first.speaker, first.content)
    if draft.content is not None:
        return f"conv_{hashlib.sha256(orjson.dumps((draft.key, draft.content))).hexdigest()[:24]}"
    turns = [_parts(message) for message in draft.messages]
    return content_id("conv", draft.key, turns, draft.tools)


def _parts(message: Message) -> tuple[Any, ...]:
    calls = [(call.id, call.name, call.arguments) for call in message.tool_calls or ()]
    return (message.role, message.speaker, message.timestamp, message.content, message.kind, calls)
