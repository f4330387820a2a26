"""Logs of chat bots, one exchange a record: Lex, Dialogflow ES and CX, Watson. Gathered by session."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe
from uncase_pipeline.raw.formats.gathered import Pile, Piles, gather
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import first_of, text_of
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.records.rejection import Rejection

_WRAPPERS = ("interactions", "logs", "jsonPayload", "entries", "results", "data")
_TIMES = ("timestamp", "createTime", "request_timestamp", "receiveTimestamp", "time", "created_at")


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What a customer said, and what the bot said to it."""

    session: str | None
    asked: str
    answered: list[str]
    when: str | None = None


def _lex(record: Json) -> _Exchange | None:
    if not isinstance(record.get("inputTranscript"), str):
        return None
    said = record.get("messages") or [record.get("message") or record.get("botResponse")]
    return _exchange(record.get("sessionId") or record.get("userId"), record["inputTranscript"], said)


def _dialogflow(record: Json) -> _Exchange | None:
    result = record.get("queryResult") or (record.get("response") or {}).get("queryResult")
    if not isinstance(result, dict):
        return None
    asked = first_of(result, ("queryText", "text", "transcript"))
    session = record.get("session") or (record.get("request") or {}).get("session")
    messages = result.get("fulfillmentMessages") or result.get("responseMessages") or ()
    said = [(message.get("text") or {}).get("text") for message in messages if isinstance(message, dict)]
    return _exchange(session, asked, [result["fulfillmentText"]] if result.get("fulfillmentText") else said)


def _watson(record: Json) -> _Exchange | None:
    request, response = record.get("request"), record.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict) or "output" not in response:
        return None
    output = response["output"]
    context = response.get("context") or {}
    session = context.get("conversation_id") or record.get("session_id") or response.get("session_id")
    return _exchange(
        session, (request.get("input") or {}).get("text"), output.get("generic") or output.get("text")
    )


_READERS: tuple[Callable[[Json], _Exchange | None], ...] = (_lex, _dialogflow, _watson)


def _exchange(session: Any, asked: Any, answered: Any) -> _Exchange | None:
    if not isinstance(asked, str):
        return None
    said = [_line(part) for part in (answered if isinstance(answered, list) else [answered])]
    return _Exchange(str(session) if session else None, asked, [text for text in said if text])


def _line(part: Any) -> str | None:
    """Return the text of one answer; Dialogflow has a list of lines."""
    return "\n".join(map(str, part)) if isinstance(part, list) else text_of(part)


def _exchanges(record: Any, session: str | None = None) -> Iterator[_Exchange]:
    """Yield the exchanges of a record, of what it wraps too."""
    if isinstance(record, list):
        for item in record:
            yield from _exchanges(item, session)
    elif isinstance(record, dict):
        found = next(filter(None, (read(record) for read in _READERS)), None)
        if found is not None:
            when = clock.iso(first_of(record, _TIMES))
            yield _Exchange(found.session or session, found.asked, found.answered, when)
            return
        for name in _WRAPPERS:
            if isinstance(record.get(name), dict | list):
                own = record.get("name")
                yield from _exchanges(record[name], own if isinstance(own, str) and own else session)


def _claim(probe: Probe) -> Claim | None:
    ours = probe.are_mostly(lambda record: any(True for _ in _exchanges(record)))
    return Claim(0.93, "exchanges of a bot's log") if ours else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    sessions: Piles[str, _Exchange] = Piles()
    yield from gather(source, options, partial(_take, sessions))
    for name, session in sessions.items():
        yield _draft(name, session)


def _take(sessions: Piles[str, _Exchange], position: int, record: Any) -> Iterator[str]:
    """Note the exchanges of a record; yield why there are none."""
    found = list(_exchanges(record))
    if not any(exchange.asked or exchange.answered for exchange in found):
        yield "no-turns" if found else "not-a-conversation"
        return
    for exchange in found:
        name = exchange.session or f"record {position}"
        sessions.put(name, exchange, position, exchange.asked, *exchange.answered)


def _draft(name: str, session: Pile[_Exchange]) -> Draft:
    exchanges = clock.oldest_first(session.items, attrgetter("when"))
    messages = [message for exchange in exchanges for message in _turns(exchange)]
    return Draft(messages=messages, position=session.position, key=name, roles_rule="format", openings=True)


def _turns(exchange: _Exchange) -> Iterator[Message]:
    if exchange.asked:  # the first answer of a bot greets, and answers nothing
        yield Message("user", exchange.asked, None, exchange.when)
    for text in exchange.answered:
        yield Message("assistant", text, None, exchange.when)


BOT_LOGS = Format("bot-logs", _claim, _read)
