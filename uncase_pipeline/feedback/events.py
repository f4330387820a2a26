"""Reads feedback events from JSON lines. Knows the rules of consent, not what becomes of an event."""

from collections.abc import Collection, Iterator
from pathlib import Path

import orjson
from pydantic import ValidationError

from uncase_pipeline.records.feedback import FeedbackEvent
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.records.rejection import Rejection

LONGEST_LINE = 4 * 1024 * 1024


def read_events(
    files: Collection[Path], domain: str, *, tenants: Collection[str] = ()
) -> Iterator[FeedbackEvent | Rejection]:
    """Read every line of every file, as an event that may be used or the reason why it may not.

    Args:
        files: JSON-lines files of one domain.
        domain: The domain of the folder; an event that names another is not moved in silence.
        tenants: Tenants whose events may be used; none named means all.

    Yields:
        One item per line that is not blank.
    """
    seen: set[str] = set()
    for path in files:
        name = content_id("file", path.name)
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file), start=1):
                yield _admit(line, f"{name}:{number}", domain, tenants, seen)


def _lines(file: Iterator[bytes]) -> Iterator[bytes]:
    return (line for line in file if line.strip())


def _admit(
    line: bytes, where: str, domain: str, tenants: Collection[str], seen: set[str]
) -> FeedbackEvent | Rejection:
    if len(line) > LONGEST_LINE:
        return Rejection("line-too-long", where, "quarantined")
    try:
        event = FeedbackEvent.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError:
        return Rejection("bad-json", where, "quarantined")
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        return Rejection(
            "bad-event", f"{where} {field if field in FeedbackEvent.model_fields else 'event'}", "quarantined"
        )
    reason = _refusal(event, domain, tenants, seen)
    if reason:
        return Rejection(reason, where)
    seen.add(event.event_id)
    return event


def _refusal(event: FeedbackEvent, domain: str, tenants: Collection[str], seen: set[str]) -> str | None:
    if event.domain != domain:
        return "other-domain"
    if not event.consent_training:
        return "no-consent"
    if tenants and event.tenant not in tenants:
        return "tenant-not-allowed"
    return "known-event" if event.event_id in seen else None
