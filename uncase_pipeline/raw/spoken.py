"""One turn out of a JSON object of any dialect: who, what, when. Knows the names that products give their fields."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.roles import role_of_word
from uncase_pipeline.raw.turns import first_of, is_markup, plain, text_of, tool_calls
from uncase_pipeline.records.conversation import Json, Kind, Message, Role

ROLE_KEYS = (
    "role", "sender_type", "author_type", "participant_role", "participant_type", "sender_role", "author_role",
    "speaker_role", "speaker_type", "actor_type", "user_type", "from_type", "role_name", "rol", "tipo_remitente",
    "tipo_remetente", "tipo_autor", "papel", "sent_by", "participant_purpose", "purpose",
)  # fmt: skip
AUTHOR_KEYS = (
    "role", "from", "speaker", "author", "sender", "user", *ROLE_KEYS[1:], "agent", "participant", "who", "actor",
    "creator", "created_by", "sender_name", "from_name", "name", "remitente", "remetente", "autor", "emisor",
    "hablante", "interlocutor", "enviado_por", "quem", "event", "direction", "from_number", "author_id", "sender_id",
    "user_id", "participant_id", "from_agent", "from_me", "is_inbound", "is_customer", "person_email", "person_id",
    "u",
)  # fmt: skip
_AUTHOR_IDS = ("from_number", "author_id", "sender_id", "user_id", "participant_id")
NAME_KEYS = (
    "name", "sender_name", "author_name", "from_name", "display_name", "sender_display_name", "nombre", "nome",
)  # fmt: skip
_PERSON_KEYS = (
    *NAME_KEYS,
    "nickname",
    "real_name",
    "full_name",
    "first_name",
    "username",
    "n",
    "email",
    "id",
)
TEXT_KEYS = (
    "content", "value", "text", "utterance", "message", "plain_body", "body_text", "body_plain", "text_body", "body",
    "msg", "message_text", "message_body", "message_content", "message_parts", "contenido", "conteudo", "parts",
    "texto", "mensaje", "mensagem", "cuerpo", "frase", "comment", "comentario", "transcript", "markdown",
    "body_html", "html_body", "message_data", "payload", "data", "preview",
)  # fmt: skip
TIME_KEYS = (
    "timestamp", "ts", "time", "created_at", "date", "datetime", "date_time", "create_time", "sent_at",
    "timestamp_ms", "start_time", "fecha", "fecha_hora", "data_hora", "hora", "received", "received_at", "created",
    "created_time", "created_date", "created_datetime", "created_date_time", "date_created", "absolute_time",
    "sent_timestamp", "sent_date", "date_sent", "enviado_em",
)  # fmt: skip

_OURS = ("from_me", "is_from_me", "from_agent", "is_agent", "is_bot", "outgoing", "is_outgoing")
_THEIRS = ("incoming", "is_incoming", "is_inbound", "inbound", "from_customer", "is_customer")
_WAYS: dict[str, Role] = {
    "incoming": "user", "inbound": "user", "received": "user", "in": "user", "0": "user", "entrante": "user",
    "outgoing": "assistant", "outbound": "assistant", "sent": "assistant", "out": "assistant", "1": "assistant",
    "saliente": "assistant", "outbound-api": "assistant", "outbound-reply": "assistant", "2": "system",
    "3": "assistant", "activity": "system", "template": "assistant",
}  # fmt: skip
"""Directions of a message; the numbers are Chatwoot's."""
_EVENTS = {
    "system_message", "event", "activity", "lineitem", "line_item", "notification", "chat.memberjoin",
    "chat.memberleave", "guildmemberjoin", "recipientadd", "recipientremove", "channelpinnedmessage",
    "threadcreated", "channelnamechange",
}  # fmt: skip
"""Types of what happened, and nobody said."""
_TAWK = {"v": "visitor", "a": "agent", "s": "system"}
_ATTACHED = ("attachments", "files", "file", "media", "attachment")
NOTES = {
    "note", "private", "internal", "internal_note", "private_note", "nota", "nota_interna", "internal note",
    "nota interna", "agents", "agents_only", "internal comment", "note_and_reopen",
}  # fmt: skip
"""What marks a turn as the team's own note."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WITHIN = ("user", "application", "device", "account", "person", "profile")


@lru_cache(maxsize=8192)
def _snake(name: str) -> str:
    return _HUMP.sub("_", name).casefold().replace("-", "_").replace(" ", "_")


def snaked(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object with its keys in snake case, as our lists have them; what LangChain wrapped, unwrapped."""
    if record.get("lc") and isinstance(record.get("kwargs"), dict):
        record = record["kwargs"]
    if isinstance(record.get("attributes"), dict) and "type" in record:  # as JSON:API has it
        record = {**record["attributes"], **record}
    if all(map(str.islower, record)) and not any("-" in name or " " in name for name in record):
        return record
    found: Json = {}
    for name, value in record.items():
        found.setdefault(_snake(name), value)
    return found


def said_in(record: Mapping[str, Any]) -> str | None:
    """Return what a turn says, markup taken away; the record has its keys in snake case."""
    for key in TEXT_KEYS:
        value = record.get(key)
        if value is None:
            continue
        if isinstance(value, Mapping):
            value = snaked(value)
            text = text_of(value)
            text = text_of(first_of(value, TEXT_KEYS)) if text is None else text
            marked = str(value.get("content_type")).endswith("html")
        else:
            text, marked = text_of(value), "html" in key or str(record.get("content_type")).endswith("html")
        if text is None:
            return None
        return plain(text) if marked or (key == "body" and is_markup(text)) else text
    return None


def author_in(record: Mapping[str, Any]) -> Any:
    """Return whatever says who speaks; the record has its keys in snake case."""
    found = first_of(record, AUTHOR_KEYS)
    if found is None and isinstance(record.get("turn"), str) and not record["turn"].isdigit():
        return record["turn"]
    if found is None and isinstance(record.get("type"), str) and role_of_word(record["type"]):
        return record["type"]
    return found


def is_event(record: Mapping[str, Any]) -> bool:
    """Whether an object is something that happened and not something said, as the slots of a tracker are."""
    event = record.get("event")
    return (
        isinstance(event, str) and role_of_word(event) is None and first_of(record, AUTHOR_KEYS[:6]) is None
    )


def is_note(record: Mapping[str, Any]) -> bool:
    """Whether a turn is the team's own note, which no customer has read; keys in snake case."""
    if any(
        record.get(name) is True for name in ("private", "is_private", "internal", "is_internal", "is_note")
    ):
        return True
    if any(record.get(name) is False for name in ("public", "is_public")):
        return True
    said = (record.get(name) for name in ("type", "message_type", "part_type", "kind", "visibility"))
    return any(isinstance(word, str) and word.casefold() in NOTES for word in said)


def _kind(record: Mapping[str, Any], text: str) -> Kind:
    """Return the kind of a turn; the record has its keys in snake case."""
    sort = record.get("type")
    if isinstance(sort, str) and sort.casefold() in _EVENTS:
        return "system"
    if record.get("t") and "u" in record:  # what happened in a room of Rocket.Chat
        return "system"
    return "media" if not text.strip() and any(record.get(name) for name in _ATTACHED) else "text"


def message_of(
    record: Mapping[str, Any],
    *,
    day_first: bool = True,
    people: Mapping[str, Mapping[str, Any]] | None = None,
) -> Message | None:
    """Read a turn from an object whose field names we know, None where it holds no text.

    The author stays in ``speaker``; ``role`` is set where the direction says it or the author is a word for one.

    Args:
        record: One object; any spelling of its keys.
        day_first: How ``03/04/2024`` is read.
        people: Who stands behind an id, where the export lists them apart.
    """
    record = snaked(record)
    text = None if is_event(record) else said_in(record)
    if text is None:
        return None
    found = author_in(record)
    known = people.get(str(found)) if people and isinstance(found, str | int) else None
    person = known or (found if isinstance(found, Mapping) else None)
    word = _word(record, found, person)
    kind = _kind(record, text)
    role = "system" if kind == "system" else _role(record, word)
    name = _name(record, found, person)
    return Message(
        role=role or "user",
        content=text,
        speaker=name or word or role,
        timestamp=clock.iso(first_of(record, TIME_KEYS), day_first=day_first),
        kind=kind,
        tool_calls=tool_calls(record.get("tool_calls")),
        tool_call_id=record.get("tool_call_id") if isinstance(record.get("tool_call_id"), str) else None,
    )


def role_in(record: Mapping[str, Any]) -> Role | None:
    """Return the role that a turn says by itself, None where it says none."""
    record = snaked(record)
    found = author_in(record)
    return _role(record, _word(record, found, found if isinstance(found, Mapping) else None))


def _role(record: Mapping[str, Any], word: str | None) -> Role | None:
    return _way_of(record) or (role_of_word(word) if word else None)


def people_of(record: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the people whom an export lists apart from its turns, by their id."""
    listed = (record.get(name) for name in ("users", "participants", "members", "speakers"))
    people = (
        snaked(item)
        for group in listed
        if isinstance(group, list)
        for item in group
        if isinstance(item, dict)
    )
    return {
        **_sides(record.get("scenario")),
        **{str(key): person for person in people for key in _ids(person)},
    }


def _sides(scenario: Any) -> dict[str, Mapping[str, Any]]:
    """Return the two sides of a negotiation, by their number, as the scenario of a corpus has them."""
    sides = scenario.get("kbs") if isinstance(scenario, dict) else None
    found = (
        [side.get("personal") for side in sides if isinstance(side, dict)] if isinstance(sides, list) else []
    )
    return {str(number): snaked(person) for number, person in enumerate(found) if isinstance(person, dict)}


def _ids(person: Mapping[str, Any]) -> Iterable[Any]:
    return [
        person[name]
        for name in ("id", "user_id", "participant_id")
        if isinstance(person.get(name), str | int)
    ]


def _way_of(record: Mapping[str, Any]) -> Role | None:
    """Return the role that the direction of a message says: what comes in is the customer's."""
    for names, yes, no in ((_OURS, "assistant", "user"), (_THEIRS, "user", "assistant")):
        for name in names:
            if isinstance(record.get(name), bool):
                return yes if record[name] else no  # type: ignore[return-value]
    way = _said_way(record)
    return _WAYS.get(str(way).casefold()) if isinstance(way, str | int) else None


def _said_way(record: Mapping[str, Any]) -> Any:
    return first_of(record, ("direction", "message_type"))


def _word(record: Mapping[str, Any], found: Any, person: Mapping[str, Any] | None) -> str | None:
    """Return the word for a role that a turn or its author carries; else the author as text."""
    words = [record.get(key) for key in ROLE_KEYS]
    if person is not None:
        inner = snaked(person)
        words += [inner.get(key) for key in ("role", "type", *ROLE_KEYS[1:])]
        words.append(_TAWK.get(str(inner.get("t"))))
    for word in words:
        if isinstance(word, str) and role_of_word(word):
            return word
    if isinstance(found, Mapping | bool) or found is None or found == _said_way(record):
        return None
    return str(found).strip() or None


def _name(record: Mapping[str, Any], found: Any, person: Mapping[str, Any] | None) -> str | None:
    """Return the name of an author: of the object that describes them, else of the turn."""
    if person is not None:
        return _named(person)
    named = first_of(record, NAME_KEYS)
    named = named.strip() or None if isinstance(named, str) else None
    if isinstance(found, str) and role_of_word(found) is None and found != _said_way(record):
        is_id = any(record.get(key) == found for key in _AUTHOR_IDS)
        return named if named and is_id else found.strip() or None
    described = (record[key] for key in AUTHOR_KEYS if isinstance(record.get(key), Mapping))
    return named or next(filter(None, map(_named, described)), None)


def _named(person: Mapping[str, Any]) -> str | None:
    """Return the name of a person, or of the user inside it, as Microsoft's objects have it."""
    person = snaked(person)
    name = first_of(person, _PERSON_KEYS)
    if name is None:
        within = first_of(person, _WITHIN)
        return _named(within) if isinstance(within, Mapping) else None
    return str(name).strip() or None if isinstance(name, str | int) else None
