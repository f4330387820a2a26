"""What only a whole WhatsApp export can tell: day or month first, and authors whose name holds a colon."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from uncase_pipeline.raw.formats.whatsapp_headers import AUTHOR_LIMIT, Shape, messages
from uncase_pipeline.raw.formats.whatsapp_phrases import is_notice, placeholder
from uncase_pipeline.raw.formats.whatsapp_stamps import date_fields
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.stretches import is_clean

_INVISIBLE = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_CLEAN = str.maketrans("\u00a0\u202f\u2009", "   ", _INVISIBLE)
_LABELS = re.compile(
    r"\b(?:aviso|nota|folio|recordatorio|recordatório|lembrete|fecha|pedido|precio|total|importante|atención|c[oó]digo|"
    r"ticket|orden|order|reminder|notice|note|code|otp|update|alerta|alert|link|liga|dirección|horario|mensaje|"
    r"respuesta|pregunta|asunto|re|nombre|name|date|cita|appointment|estado|status|hola|hello|buenas|referencia|"
    r"reference|n[uú]mero|number|pago|payment|saldo|balance|teléfono|correo|email|men[uú]|opción|confirmación|"
    r"confirmation|protocolo|atendimento|termin|erinnerung|rappel|promemoria|herinnering)\b",
    re.IGNORECASE,
)
"""Words for what follows a colon, with which a bot may begin every message."""
_ENGLISH = re.compile(r"(?:end-to-end encrypt|message was deleted|created group|omitted|security code)")


@dataclass(slots=True)
class Survey:
    """What the whole file says.

    Attributes:
        day_first: Order of day and month.
        decided_by: ``file``, ``format`` (year first) or ``locale``.
        authors: Clean author per string that stands before a colon; None where it is a notice.
        extended: Rest of a name that itself holds a colon, per such string.
        last: What the last message says.
    """

    day_first: bool = True
    decided_by: str = "locale"
    authors: dict[str | None, str | None] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)
    last: str = ""


@dataclass(slots=True)
class _Name:
    """A string that stands before a colon, and what follows it everywhere."""

    spaced: int = 0
    count: int = 0
    common: str | None = None
    proven: bool = False
    settled: bool = False
    """Whether there is nothing more to learn of this author."""

    def note(self, space: str | None, body: str) -> None:
        """Note one more message."""
        self.count += 1
        self.spaced += space == " " or not body
        if self.count == 1 or self.common is not None:
            self._compare(body)
        self.settled = self.common is None and self.spaced > 0

    def _compare(self, body: str) -> None:
        colon = body.find(": ", 0, body.find("\n") if "\n" in body else len(body))
        rest = body[:colon] if 0 <= colon <= AUTHOR_LIMIT else None
        self.common = rest if self.count == 1 or rest == self.common else None
        if self.common is not None:
            self.proven = self.proven or placeholder(body[colon + 2 :]) is not None


def survey_file(source: Source, shape: Shape, options: ReadOptions) -> Survey:
    """Read the whole file for the order of day and month, and for its authors."""
    survey = Survey()
    dates: dict[str, None] = {}
    names: dict[str | None, _Name] = {None: _Name(settled=True)}
    for found in messages(source, shape, options.max_record_bytes):
        dates.update(dict.fromkeys(found.dates))
        survey.last = found.bodies[-1]
        open_ones = {name for name in set(found.candidates) if name not in names or not names[name].settled}
        if not open_ones:
            continue
        for candidate, space, body in zip(found.candidates, found.spaces, found.bodies, strict=True):
            if candidate in open_ones:
                name = names.setdefault(candidate, _Name())
                if not name.settled:
                    name.note(space, body)
    del names[None]
    english = _ENGLISH.search(source.head()) is not None
    _decide_order(survey, shape, list(dates), options, english=english)
    _decide_authors(survey, names)  # type: ignore[arg-type]
    return survey


def _decide_order(
    survey: Survey, shape: Shape, dates: list[str], options: ReadOptions, *, english: bool
) -> None:
    if shape.year_first or shape.named:
        survey.day_first, survey.decided_by = True, "format"
        return
    fields = [date_fields(text) for text in dates]
    day_first = any(first > 12 >= second for first, second, *_ in fields)
    month_first = any(second > 12 >= first for first, second, *_ in fields)
    if day_first != month_first:
        survey.day_first, survey.decided_by = day_first, "file"
        return
    back = {order: _steps_back(fields, day_first=order) for order in (True, False)}
    if back[True] != back[False] and min(back.values()) == 0:
        survey.day_first, survey.decided_by = back[True] == 0, "file-order"
        return
    american = shape.american and any(1 < len(text) < 8 for text in dates)
    if american and (english or not options.locale_chosen):
        survey.day_first, survey.decided_by = False, "file-language"
    elif shape.european:
        survey.day_first, survey.decided_by = True, "format"
    else:
        survey.day_first = options.day_first


def _steps_back(fields: list[tuple[int, int, int]], *, day_first: bool) -> int:
    days = [(year, second, first) if day_first else (year, first, second) for first, second, year in fields]
    return sum(later < earlier for earlier, later in pairwise(days))


def _decide_authors(survey: Survey, names: dict[str, _Name]) -> None:
    for candidate, name in names.items():
        if is_notice(candidate) or not name.spaced:
            inside = name.common if name.count > 1 and not is_notice(candidate) else None
            survey.authors[candidate] = clean_author(f"{candidate}:{inside}") if inside else None
            if inside:
                survey.extended[candidate] = f"{inside}: "
            continue
        if (
            name.common
            and name.count > 1
            and (name.proven or (name.count > 3 and not _LABELS.search(name.common)))
        ):
            survey.extended[candidate] = f"{name.common}: "
            survey.authors[candidate] = clean_author(f"{candidate}: {name.common}")
        else:
            survey.authors[candidate] = clean_author(candidate)


def clean_author(raw: str) -> str:
    """Return an author without the marks around numbers and the tilde before self-given names."""
    name = raw.translate(_CLEAN).strip().removeprefix("~").strip()
    return name if is_clean(name) else name.encode("utf-8", "replace").decode()
