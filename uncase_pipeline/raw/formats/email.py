"""Mail: one message (``.eml``) or a whole box (mbox), in threads. Knows headers and quotations, no help desk.

A mail says again what it answers, below or between. That was said by others and is left out of the turn, and
counted; a mail that holds nothing else is kept whole. What one thread is, the headers say.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses, parsedate_to_datetime
from operator import attrgetter

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, set_aside
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import plain
from uncase_pipeline.records.conversation import Kind, Message, Role
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.subject import identity

_HEADER = re.compile(r"(?:^From [^\n]*\n)?(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+(?:\n|\Z)")
_NEEDED = (
    re.compile(r"^From:.*@", re.MULTILINE),
    re.compile(r"^(?:Date|Message-ID|MIME-Version):", re.M | re.I),
)
_OVERLONG = re.compile(
    rb"^(?:(?:From|Subject|Date):(?:[^\n]|\n[ \t]){4096}|(?:To|Cc|References|In-Reply-To):(?:[^\n]|\n[ \t]){65536})",
    re.IGNORECASE | re.MULTILINE,
)
"""Headers that no mail has, and that the parser reads in time with the square of their length."""
_SPLIT = re.compile(rb"From \S+.*\d\d:\d\d")
_TEAM = re.compile(
    r"(?:support|soporte|suporte|help(?:desk)?|info|ventas|vendas|sales|contact[oe]?|atencion|atendimento|service|"
    r"servicio|hola|hello|kundendienst|assist\w*|billing|facturacion|pedidos|orders|admin|office|no-?reply)\b",
    re.IGNORECASE,
)
FROM = "From|De|Von|Da|Van"
SENT = "Sent|Date|Enviado(?: el| em)?|Fecha|Gesendet|Datum|Envoyé|Inviato|Verzonden|Data"
"""How Outlook names the fields above what is answered, in seven languages."""
_ANSWERED = re.compile(
    r"^(?:(?:On|El|Em|Am|Le|Il|Op)\b.{5,200}"
    r"(?:wrote|escribió|escreveu|schrieb.{0,60}|a écrit|ha scritto|schreef.{0,60})\s?:|"
    r"-{3,} ?(?:Original Message|Mensaje original|Mensagem original|Ursprüngliche Nachricht|Message d'origine|"
    r"Messaggio originale|Oorspronkelijk bericht|Forwarded message).*|_{20,}|"
    rf"\*?(?:{FROM})\*?: [^\n]+\n\*?(?:{SENT})\*?: [^\n]+)\s*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_UNNAMED = "mail "
_FREE = {
    "gmail",
    "hotmail",
    "outlook",
    "yahoo",
    "icloud",
    "live",
    "proton",
    "protonmail",
    "gmx",
    "aol",
    "web",
}


@dataclass(slots=True)
class Mail:
    """One mail, as much of it as a turn needs."""

    position: int
    name: str
    address: str
    others: list[str]
    text: str
    quoted: int
    when: str | None
    subject: str | None

    def addresses(self) -> set[str]:
        """Return the addresses of sender and recipients."""
        return {self.address, *(part.casefold() for part in self.others if "@" in part)}


@dataclass(slots=True)
class _Box:
    """The threads of a file, by the mail that began each."""

    threads: dict[str, list[Mail]] = field(default_factory=lambda: defaultdict(list))
    known: dict[str, str] = field(default_factory=dict)
    held: Held = field(default_factory=Held)

    def add(self, message: EmailMessage, mail: Mail) -> None:
        """Put a mail into its thread: that of the mail it answers, else one of its own."""
        own = str(message.get("Message-ID", "")).strip() or f"{_UNNAMED}{mail.position}"
        named = re.findall(r"<[^<>\s]+>", f"{message.get('References', '')} {message.get('In-Reply-To', '')}")
        self.held.add(mail.text, own, *named, *mail.others)
        google = message.get("X-GM-THRID")
        known = next((self.known[name] for name in named if name in self.known), None)
        thread = str(google) if google else known or (named[0] if named else own)
        self.known.update(dict.fromkeys((own, *named), thread))
        self.threads[thread].append(mail)


def _claim(probe: Probe) -> Claim | None:
    match = _HEADER.match(probe.head.lstrip("\n"))
    if match is None or not all(needed.search(match.group()) for needed in _NEEDED):
        return None
    return Claim(0.96, "the headers of a mail")


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    box = _Box()
    for position, raw in enumerate(_mails(source, options.max_record_bytes)):
        if raw is None:
            yield set_aside(source, "record-too-long", position)
            continue
        if _OVERLONG.search(raw.partition(b"\n\n")[0]):
            yield set_aside(source, "bad-mail", position)
            continue
        try:
            message = message_from_bytes(raw, policy=policy.default)
            box.add(message, _mail(message, position))
        except (*ODD, LookupError):
            yield set_aside(source, "bad-mail", position)
    team = team_of([mail for mails in box.threads.values() for mail in mails], options)
    for thread, mails in box.threads.items():
        yield draft_of(thread, clock.oldest_first(mails, attrgetter("when")), team)


def _mails(source: Source, limit: int) -> Iterator[bytes | None]:
    """Yield the bytes of each mail, None for one beyond the limit; their parts say their own encodings."""
    held: list[bytes] = []
    size = 0
    blank = True
    for line in replace(source, encoding="utf-8").lines(limit):
        if line is not None and blank and _SPLIT.match(line):
            if held or size:
                yield b"\n".join(held) if size <= limit else None
            held, size = [], 0
        elif line is None or size + len(line) > limit:
            held, size = [], limit + 1
        else:
            held.append(line)
            size += len(line) + 1
        blank = line is not None and not line.strip()
    if held or size:
        yield b"\n".join(held) if size <= limit else None


def _mail(message: EmailMessage, position: int) -> Mail:
    name, address = next(iter(getaddresses([str(message.get("From", ""))])), ("", ""))
    body = message.get_body(preferencelist=("plain", "html"))
    content = _decoded(body) if body is not None else ""
    text = plain(content) if body is not None and body.get_content_subtype() == "html" else content
    own, quoted = own_words(text.replace("\r\n", "\n").strip())
    people = getaddresses([str(message.get(field, "")) for field in ("To", "Cc")])
    return Mail(
        position=position,
        name=name.strip() or address,
        address=address.casefold(),
        others=[part for pair in people for part in pair if part],
        text=own.replace("\x00", ""),
        quoted=quoted,
        when=_when(message),
        subject=str(message["Subject"]) if message["Subject"] else None,
    )


def _decoded(body: MIMEPart) -> str:
    """Return the text of a part; one that names no encoding, or a wrong one, is UTF-8 or else Windows-1252."""
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes)
    for codec in (body.get_content_charset("utf-8"), "utf-8"):
        try:
            return content.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


def _when(message: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).isoformat()
    except (TypeError, ValueError):
        return None


def own_words(text: str) -> tuple[str, int]:
    """Return what the sender wrote, and how many lines of others were left out."""
    answered = _ANSWERED.search(text)
    above = text[: answered.start()] if answered else text
    lines = [line for line in above.split("\n") if not line.startswith(">")]
    own = "\n".join(lines).strip()
    return (own, text.count("\n") - own.count("\n")) if own else (text, 0)


def team_of(mails: list[Mail], options: ReadOptions) -> set[str]:
    """Return the addresses of the team: those of the settings, of a desk, and their colleagues."""
    ours = {identity(name) for name in options.assistant_names}
    addresses = {address for mail in mails for address in mail.addresses()}
    named = {mail.address for mail in mails if {identity(mail.address), identity(mail.name)} & ours}
    desks = named or {address for address in addresses if _TEAM.match(address)}
    hosts = {host for desk in desks if (host := desk.rpartition("@")[2]).split(".")[0] not in _FREE}
    return desks | {address for address in addresses if address.rpartition("@")[2] in hosts}


def draft_of(thread: str, mails: list[Mail], team: set[str]) -> Draft:
    """Make a conversation of the mails of one thread."""
    known = any(team & mail.addresses() for mail in mails)
    quoted = sum(mail.quoted for mail in mails)
    people = [part for mail in mails for part in (mail.name, mail.address, *mail.others)]
    return Draft(
        messages=[_message(mail, team) for mail in mails],
        position=mails[0].position,
        key=None if thread.startswith(_UNNAMED) else thread,
        roles_rule="mailbox" if known else None,
        subjects=list(dict.fromkeys(mail.address for mail in mails if known and mail.address not in team)),
        participants=list(dict.fromkeys(people)),
        openings=True,
        named=True,
        metadata={
            **({"subject": mails[0].subject} if mails[0].subject else {}),
            **({"quoted_lines_left_out": quoted} if quoted else {}),
        },
    )


def _message(mail: Mail, team: set[str]) -> Message:
    role: Role = "assistant" if mail.address in team else "user"
    kind: Kind = "text" if mail.text else "media"
    return Message(role, mail.text, mail.name or None, mail.when, kind)


EMAIL = Format("email", _claim, _read)
