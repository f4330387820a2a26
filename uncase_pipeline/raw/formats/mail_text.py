"""A thread of mail as text, as Outlook saves or prints it: each mail below its lines of sender, time and subject."""

import re
from collections.abc import Iterator
from email.utils import getaddresses
from itertools import pairwise
from operator import attrgetter

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.email import FROM, SENT, Mail, draft_of, own_words, team_of
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.rejection import Rejection

_FIELD = r"\*?[^\W\d_][\w ]{1,14}\*?: ?[^\n]*\n"
_HEAD = re.compile(
    rf"^\*?(?:{FROM})\*?: ?(?P<sender>[^\n]+)\n\*?(?:{SENT})\*?: ?(?P<sent>[^\n\d]*+\d[^\n]*+)\n"
    rf"(?:\*?(?:To|Para|An|À|A|Aan|Pour)\*?: ?(?P<to>[^\n]*)\n)?(?:{_FIELD}){{0,2}}?"
    r"\*?(?:Subject|Asunto|Assunto|Betreff|Objet|Oggetto|Onderwerp)\*?: ?(?P<subject>[^\n]*)\n"
    rf"(?:{_FIELD}){{0,2}}",
    re.MULTILINE,
)


def _claim(probe: Probe) -> Claim | None:
    first = _HEAD.search(probe.head)
    if first is None or probe.head[: first.start()].strip():
        return None
    return Claim(0.9, "mails below lines of sender, time and subject")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    held, lines = Held(), []
    for number, raw in enumerate(source.lines(options.max_record_bytes)):
        if raw is None:
            yield set_aside(source, "record-too-long", number)
            continue
        lines.append(raw.decode("utf-8", "replace").rstrip("\r").replace("\x00", ""))
        held.add(lines[-1])
    text = "\n".join([*lines, ""])
    heads = list(_HEAD.finditer(text))
    if not heads:
        yield set_aside(source, "no-messages")
        return
    if text[: heads[0].start()].strip():
        yield set_aside(source, "text-before-first-message", 0)
    ends = [*(head.start() for head in heads), len(text)]
    mails = [
        _mail(head, text[head.end() : end], number)
        for number, (head, (_, end)) in enumerate(zip(heads, pairwise(ends), strict=True))
    ]
    ordered = clock.oldest_first(mails[::-1], attrgetter("when"))
    yield draft_of(_name(ordered[0]), ordered, team_of(mails, options))


def _name(mail: Mail) -> str:
    """Return what names a thread: when and by whom it was begun."""
    return f"{mail.when} {mail.address} {mail.subject}"


def _mail(head: re.Match[str], body: str, position: int) -> Mail:
    name, address = next(iter(getaddresses([_plain(head["sender"])])), ("", ""))
    text, quoted = own_words(body.strip())
    people = getaddresses([_plain(head["to"] or "").replace(";", ",")])
    return Mail(
        position=position,
        name=name.strip() or address,
        address=(address or name).casefold(),
        others=[part for pair in people for part in pair if part],
        text=text,
        quoted=quoted,
        when=clock.iso(head["sent"].strip(" *")),
        subject=head["subject"].strip(" *") or None,
    )


def _plain(people: str) -> str:
    """Return people without the link that Outlook puts behind an address."""
    return re.sub(r"<mailto:[^<>]*>|\[mailto:([^\[\]]*)\]", r"<\1>", people.strip(" *")).replace("<>", "")


EMAIL_TEXT = Format("email-text", _claim, _read)
