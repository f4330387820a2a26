"""WhatsApp's shapes, one by one, and random chats in every shape and locale read back equal."""
# ruff: noqa: E501

import zipfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uncase_pipeline_tests.raw.conftest import OPTIONS, read_all, turns

NNBSP, NBSP, LRM = "\u202f", "\u00a0", "\u200e"


@dataclass(frozen=True)
class Locale:
    """How one locale writes headers, and the words it has for what is not text."""

    date: str
    time: str
    ios: bool
    media: str
    deleted: str
    notice: str
    call: str
    half: str = ""

    def header(self, when: datetime) -> str:
        """The header of a message, up to its author."""
        hour = when.hour % 12 or 12 if self.half else when.hour
        half = self.half.replace("A", "P").replace("a", "p") if when.hour >= 12 else self.half
        values = {"d": when.day, "m": when.month, "y": when.year % 100, "Y": when.year, "H": hour}
        stamp = self.date.format(**values) + self.time.format(H=hour, M=when.minute, S=when.second) + half
        return f"[{stamp}] " if self.ios else f"{stamp} - "

    @property
    def has_seconds(self) -> bool:
        return "{S" in self.time


ES = (
    "<Multimedia omitido>",
    "Se eliminó este mensaje.",
    "Los mensajes y las llamadas están cifrados de extremo a extremo.",
)
EN = (
    "<Media omitted>",
    "This message was deleted",
    "Messages and calls are end-to-end encrypted. Tap to learn more.",
)
PT = (
    "<Mídia oculta>",
    "Mensagem apagada",
    "As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta.",
)
DE = (
    "<Medien ausgeschlossen>",
    "Diese Nachricht wurde gelöscht.",
    "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
)
FR = (
    "<Médias omis>",
    "Ce message a été supprimé",
    "Les messages et les appels sont chiffrés de bout en bout.",
)
IT = (
    "<Media omessi>",
    "Questo messaggio è stato eliminato",
    "I messaggi e le chiamate sono crittografati end-to-end.",
)
NL = (
    "<Media weggelaten>",
    "Dit bericht is verwijderd",
    "Berichten en gesprekken zijn end-to-end versleuteld.",
)
ES_IOS, EN_IOS, PT_IOS, DE_IOS = (
    ("imagen omitida", *ES[1:]), ("image omitted", *EN[1:]), ("imagem ocultada", *PT[1:]), ("Bild weggelassen", *DE[1:]),
)  # fmt: skip
FR_IOS, IT_IOS, NL_IOS = (
    ("image absente", *FR[1:]), ("immagine omessa", *IT[1:]), ("afbeelding weggelaten", *NL[1:]),
)  # fmt: skip

LOCALES = {
    "android es_ES": Locale("{d}/{m}/{y}, ", "{H}:{M:02d}", False, *ES, "Llamada perdida"),
    "android es_MX": Locale(
        "{d:02d}/{m:02d}/{y} ", "{H}:{M:02d}", False, *ES, "Llamada perdida", f"{NNBSP}a.{NBSP}m."
    ),
    "android es_MX 4": Locale("{d}/{m}/{Y} ", "{H}:{M:02d}", False, *ES, "Llamada perdida", " a. m."),
    "android en_US": Locale("{m}/{d}/{y}, ", "{H}:{M:02d}", False, *EN, "Missed voice call", f"{NNBSP}AM"),
    "android en_GB": Locale("{d:02d}/{m:02d}/{Y}, ", "{H:02d}:{M:02d}", False, *EN, "Missed voice call"),
    "android en_IN": Locale("{d:02d}/{m:02d}/{y}, ", "{H}:{M:02d}", False, *EN, "Missed voice call", " am"),
    "android de": Locale("{d:02d}.{m:02d}.{y}, ", "{H:02d}:{M:02d}", False, *DE, "Verpasster Sprachanruf"),
    "android pt_BR": Locale("{d:02d}/{m:02d}/{Y} ", "{H:02d}:{M:02d}", False, *PT, "Chamada de voz perdida"),
    "android fr": Locale("{d:02d}/{m:02d}/{Y} à ", "{H:02d}:{M:02d}", False, *FR, "Appel vocal manqué"),
    "android it": Locale("{d:02d}/{m:02d}/{y}, ", "{H:02d}:{M:02d}", False, *IT, "Chiamata vocale persa"),
    "android nl": Locale("{d:02d}-{m:02d}-{Y} ", "{H:02d}:{M:02d}", False, *NL, "Gemiste spraakoproep"),
    "android iso": Locale("{Y}-{m:02d}-{d:02d}, ", "{H:02d}:{M:02d}", False, *EN, "Missed voice call"),
    "android fi": Locale("{d}.{m}.{Y} klo ", "{H}.{M:02d}", False, *EN, "Missed voice call"),
    "ios es_MX": Locale(
        "{d:02d}/{m:02d}/{y}, ", "{H}:{M:02d}:{S:02d}", True, *ES_IOS, "Llamada perdida", f"{NNBSP}a.{NBSP}m."
    ),
    "ios es_ES": Locale("{d}/{m}/{y}, ", "{H}:{M:02d}:{S:02d}", True, *ES_IOS, "Videollamada perdida"),
    "ios en_US": Locale(
        "{m}/{d}/{y}, ", "{H}:{M:02d}:{S:02d}", True, *EN_IOS, "Missed voice call", f"{NNBSP}AM"
    ),
    "ios pt_BR": Locale(
        "{d:02d}/{m:02d}/{Y}, ", "{H:02d}:{M:02d}:{S:02d}", True, *PT_IOS, "Chamada de voz perdida"
    ),
    "ios de": Locale(
        "{d:02d}.{m:02d}.{y}, ", "{H:02d}:{M:02d}:{S:02d}", True, *DE_IOS, "Verpasster Sprachanruf"
    ),
    "ios fr": Locale("{d:02d}/{m:02d}/{Y} ", "{H:02d}:{M:02d}:{S:02d}", True, *FR_IOS, "Appel vocal manqué"),
    "ios it": Locale(
        "{d:02d}/{m:02d}/{y}, ", "{H:02d}:{M:02d}:{S:02d}", True, *IT_IOS, "Chiamata vocale persa"
    ),
    "ios nl": Locale(
        "{d:02d}-{m:02d}-{Y} ", "{H:02d}:{M:02d}:{S:02d}", True, *NL_IOS, "Gemiste spraakoproep"
    ),
    "android cs": Locale("{d}. {m}. {Y} ", "{H}:{M:02d}", False, *EN, "Missed voice call"),
    "android hu": Locale("{Y}. {m:02d}. {d:02d}. ", "{H}:{M:02d}", False, *EN, "Missed voice call"),
    "android en_CA": Locale(
        "{Y}-{m:02d}-{d:02d}, ", "{H}:{M:02d}", False, *EN, "Missed voice call", f"{NNBSP}a.m."
    ),
    "ios da": Locale(
        "{d:02d}.{m:02d}.{Y} kl. ", "{H:02d}.{M:02d}.{S:02d}", True, *EN_IOS, "Missed voice call"
    ),
    "ios sv": Locale("{Y}-{m:02d}-{d:02d} ", "{H:02d}:{M:02d}:{S:02d}", True, *EN_IOS, "Missed voice call"),
}

AUTHORS = [
    "Ana", "Lucía Prueba", "José: Ventas", "+52 1 55 1234 5678", "Dr. Ñandú 🐦", "O'Brien-López", "李雷", "A.B. (taller)",
]  # fmt: skip
WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs"), exclude_characters="<>"
    ),
    min_size=1,
    max_size=12,
)
LINES = (
    st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=3)
    .map("\n".join)
    .filter(lambda text: text != "null")  # what Android writes for a photo that could be seen once
)
KINDS = st.sampled_from(["text"] * 6 + ["media", "deleted", "call"])
MESSAGES = st.lists(
    st.tuples(st.sampled_from(AUTHORS), KINDS, LINES, st.integers(0, 7200)), min_size=1, max_size=12
)


@pytest.mark.parametrize("name", LOCALES)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=MESSAGES, crlf=st.booleans(), bom=st.booleans(), start=st.integers(0, 900))
def test_a_random_chat_is_read_back_equal(
    name: str, tmp_path_factory, said, crlf: bool, bom: bool, start: int
):
    locale = LOCALES[name]
    when = datetime(2023, 1, 25, 8, 30, 15) + timedelta(days=start)
    written: list[tuple[datetime, str, str, str]] = []
    # an unambiguous day first, and every author with enough turns to know a colon in their name
    opening = [(author, "text", f"hola {index}", 60) for author in AUTHORS for index in range(4)]
    opening += [("Ana", "text", "y otro día", 86_400 * 3)]
    for author, kind, text, pause in [*opening, *said]:
        when += timedelta(seconds=pause)
        body = {"text": text, "media": locale.media, "deleted": locale.deleted, "call": locale.call}[kind]
        written.append((when, author, kind, body))
    lines = [f"{locale.header(written[0][0])}{'Ana: ' + LRM if locale.ios else ''}{locale.notice}"]
    for moment, author, kind, body in written:
        mark = LRM if locale.ios and kind != "text" else ""
        lines.append(f"{mark if kind == 'media' else ''}{locale.header(moment)}{author}: {mark}{body}")
    content = ("\ufeff" if bom else "") + "\n".join(lines) + "\n"
    path = tmp_path_factory.mktemp("chat") / "chat.txt"
    path.write_bytes((content.replace("\n", "\r\n") if crlf else content).encode())
    kept, aside = read_all(path)
    got = [(m.timestamp, m.metadata.get("author"), m.kind, m.content) for m in turns(kept)]
    cut = "%Y-%m-%dT%H:%M:%S" if locale.has_seconds else "%Y-%m-%dT%H:%M:00"
    first = (written[0][0].strftime(cut), None, "system", locale.notice)
    assert not aside
    assert got == [first, *((moment.strftime(cut), *rest) for moment, *rest in written)]


def test_the_day_comes_first_where_a_date_after_the_twelfth_says_so(reading):
    kept, _ = reading("3/4/24, 9:05 - Ana: hola\n13/4/24, 9:05 - Luis: qué tal\n")
    assert turns(kept)[0].timestamp == "2024-04-03T09:05:00"
    assert kept[0].metadata["dates"] == {"order": "day-first", "decided_by": "file"}


def test_an_undecided_order_falls_to_the_locale_and_is_marked(reading):
    content = "3/4/24, 9:05 - Ana: hola\n3/4/24, 9:06 - Luis: qué tal\n"
    for locale, stamp in (("es_MX", "2024-04-03"), ("en_US", "2024-03-04"), ("en_GB", "2024-04-03")):
        kept, _ = reading(content, options=replace(OPTIONS, locale=locale, locale_chosen=True))
        assert turns(kept)[0].timestamp.startswith(stamp)
        assert kept[0].metadata["dates"]["decided_by"] == "locale"


def test_the_order_in_which_dates_follow_each_other_decides_before_the_locale(reading):
    kept, _ = reading(
        "11/1/24, 9:05 - Ana: a\n12/1/24, 9:05 - Luis: b\n1/2/24, 9:05 - Ana: c\n2/2/24, 9:00 - Ana: d\n"
    )
    assert turns(kept)[2].timestamp == "2024-02-01T09:05:00"
    assert kept[0].metadata["dates"]["decided_by"] == "file-order"


def test_a_header_quoted_inside_a_message_is_text(reading):
    kept, _ = reading(
        "13/3/24, 9:05 - Ana: mira lo que puso:\n[12/03/24, 10:00:00] Luis: no voy\n13/3/24 - pendiente\n"
        "13/3/24, 9:06 - Luis: 13/3/24, 9:05 - Ana: hola\n"
    )
    assert len(turns(kept)) == 2
    assert turns(kept)[0].content.endswith("[12/03/24, 10:00:00] Luis: no voy\n13/3/24 - pendiente")
    assert turns(kept)[1].content == "13/3/24, 9:05 - Ana: hola"


def test_a_date_that_does_not_exist_is_set_aside_alone(reading):
    kept, aside = reading("13/3/24, 9:05 - Ana: hola\n99/99/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Luis: ok\n")
    assert len(turns(kept)) == 2
    assert [rejection.reason for rejection in aside] == ["bad-date"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("‎POLL:\nWhich day?\n‎OPTION: Monday (2 votes)", "poll"),
        ("‎ENCUESTA:\n¿Qué día?", "poll"),
        ("‎Location: https://maps.google.com/?q=52.08,5.10", "location"),
        ("‎Ubicación: https://maps.google.com/?q=19.4,-99.1", "location"),
        ("https://maps.google.com/?q=19.4,-99.1", "location"),
        ("‎<adjunto: 00000012-PHOTO-2024-03-13-09-20-34.jpg>", "media"),
        ("‎<attached: 00000012-AUDIO-2024.opus>", "media"),
        ("‎Videollamada perdida", "call"),
        ("‎Voice call, ‎5 min", "call"),
        ("‎Ana changed the group name to “Sales”", "system"),
        ("factura.pdf • ‎3 páginas ‎documento omitido", "media"),
        ("Voice call", "text"),
        ("la imagen omitida del expediente", "text"),
        ("IMG-20240330-WA0007.jpg (archivo adjunto)", "media"),
        ("IMG-20240330-WA0007.jpg (archivo adjunto)\nLa unidad de ayer", "text"),
        ("Aquí está ‎<adjunto: 00000012-PHOTO.jpg>", "text"),
        ("Messages and calls are end-to-end encrypted", "system"),
        ("Ya quedó <Se editó este mensaje.>", "edited"),
    ],
)
def test_what_is_not_text_has_its_kind(reading, text: str, kind: str):
    kept, _ = reading(f"[13/03/24, 9:05:12] Ana: hola\n[13/03/24, 9:06:12] Luis: {text}\n")
    assert turns(kept)[1].kind == kind


def test_notices_with_a_colon_are_not_taken_for_people(reading):
    kept, _ = reading(
        '13/3/24, 9:00 - Ana cambió el asunto de "Ventas: norte" a "Ventas: sur"\n'
        "13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - +52 55 1234 5678 cambió a +52 55 8765 4321 a las 10:30\n"
        "13/3/24, 9:07 - Luis: ok\n"
    )
    assert [message.kind for message in turns(kept)] == ["system", "text", "system", "text"]
    assert turns(kept)[0].content == 'Ana cambió el asunto de "Ventas: norte" a "Ventas: sur"'


def test_a_silence_starts_a_new_conversation_and_a_count_never_does(reading):
    lines = [
        f"13/3/24, {9 + n // 60:02d}:{n % 60:02d} - {'Ana' if n % 2 else 'Luis'}: mensaje {n}"
        for n in range(400)
    ]
    kept, _ = reading("\n".join([*lines, "14/3/24, 20:00 - Ana: otro día"]))
    assert [len(item.messages) for item in kept] == [400, 1]


def test_the_zip_of_a_chat_is_read_and_its_name_tells_the_customer(tmp_path: Path):
    path = tmp_path / "WhatsApp Chat - Rosa Luna.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_chat.txt", "[13/03/24, 9:05:12] Rosa Luna: hola\n[13/03/24, 9:06:12] Paco: buenas\n"
        )
    kept, aside = read_all(path)
    assert not aside
    assert [message.role for message in turns(kept)] == ["user", "assistant"]
    assert kept[0].metadata["roles"] == {"assistant": ["Paco"], "rule": "export-is-named-after-customer"}


def test_what_stands_before_the_first_header_is_set_aside_and_not_lost(reading):
    kept, aside = reading("y por eso no voy\n13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Luis: ok\n")
    assert [message.content for message in turns(kept)] == ["hola", "ok"]
    assert [rejection.reason for rejection in aside] == ["text-before-first-message"]


def test_hours_from_and_to_in_a_message_are_no_header(reading):
    content = "horarios:\n16/3/24, 9:00 - 10:00 hrs\n17/3/24, 9:00 - 11:00: Ana"
    kept, aside = reading(f"13/3/24, 9:05 - Ana: {content}\n13/3/24, 9:06 - Luis: ok\n")
    assert not aside
    assert [message.content for message in turns(kept)] == [content, "ok"]


ANDROID = "".join(f"13/3/24, 9:{n:02d} - {('Ana', 'Luis')[n % 2]}: a{n}\n" for n in range(30))
IPHONE = "".join(f"[20/06/24, 10:{n:02d}:00] {('Rosa', 'Luis')[n % 2]}: b{n}\nmás\n" for n in range(30))


@pytest.mark.parametrize(
    ("one", "other"), [(ANDROID, IPHONE), (IPHONE, ANDROID), (ANDROID, IPHONE + IPHONE.replace("06", "07"))]
)
def test_an_export_that_was_appended_in_another_shape_is_read_too(reading, one: str, other: str):
    apart = [reading(part, "chat.txt")[0] for part in (one, other)]
    kept, aside = reading(one + other, "chat.txt")
    assert not aside
    assert [m.content for m in turns(kept)] == [m.content for part in apart for m in turns(part)]
    assert [m.timestamp for m in turns(kept)] == [m.timestamp for part in apart for m in turns(part)]
    assert [item.source.position for item in kept if item.source][:2] == [0, 30]


def test_a_few_lines_of_another_chat_that_were_pasted_stay_text(reading):
    pasted = "\n".join(IPHONE.split("\n")[:30])
    kept, _ = reading(f"{ANDROID}13/3/24, 9:50 - Ana: mira\n{pasted}\n", "chat.txt")
    assert len(turns(kept)) == 31
    assert turns(kept)[-1].content == f"mira\n{pasted}"
    copied = "\n".join(f"[9:{n:02d} a. m., 20/6/2024] Rosa: b{n}" for n in range(40))
    kept, _ = reading(f"{ANDROID}13/3/24, 9:50 - Ana: mira\n{copied}\n", "chat.txt")
    assert len(turns(kept)) == 31
