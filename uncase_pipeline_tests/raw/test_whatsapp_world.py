"""WhatsApp as phones of other countries write it: headers, notices, placeholders."""
# ruff: noqa: E501

import pytest

from uncase_pipeline_tests.raw.conftest import turns

NNBSP, NBSP, LRM, RLM = "\u202f", "\u00a0", "\u200e", "\u200f"
HEADERS = {
    "ios fr_CA": ("[2024-01-15 09 h 05 min 12 s] ", "[2024-01-16 21 h 06 min 13 s] "),
    "ios da": ("[15.01.2024 kl. 09.05.12] ", "[16.01.2024 kl. 21.06.13] "),
    "ios zh_TW": ("[2024/1/15 上午9:05:12] ", "[2024/1/16 下午9:06:13] "),
    "ios ko": ("[2024. 1. 15. 오전 9:05:12] ", "[2024. 1. 16. 오후 9:06:13] "),
    "ios ar": ("[١٥/١/٢٠٢٤، ٩:٠٥:١٢ ص] ", "[١٦/١/٢٠٢٤، ٩:٠٦:١٣ م] "),
    "ios hi": ("[१५/०१/२४, ९:०५:१२ AM] ", "[१६/०१/२४, ९:०६:१३ PM] "),
    "ios el": ("[15/1/24, 9:05:12 π.μ.] ", "[16/1/24, 9:06:13 μ.μ.] "),
    "android cs": ("15. 1. 2024 9:05 - ", "16. 1. 2024 21:06 - "),
    "android hu": ("2024. 01. 15. 9:05 - ", "2024. 01. 16. 21:06 - "),
    "android bg": ("15.01.24 г., 9:05 ч. - ", "16.01.24 г., 21:06 ч. - "),
    "android ar": (f"15{RLM}/1{RLM}/2024, 9:05 ص - ", f"16{RLM}/1{RLM}/2024, 9:06 م - "),
    "android fa": ("۲۰۲۴/۱/۱۵, ۹:۰۵ - ", "۲۰۲۴/۱/۱۶, ۲۱:۰۶ - "),
    "android fa, own calendar": ("۱۴۰۲/۱۰/۲۵, ۹:۰۵ - ", "۱۴۰۲/۱۰/۲۶, ۲۱:۰۶ - "),
    "android hi": ("15/01/24, 9:05 पूर्वाह्न - ", "16/01/24, 9:06 अपराह्न - "),
    "android tr": ("15.01.2024 ÖÖ 9:05 - ", "16.01.2024 ÖS 9:06 - "),
    "android th": ("15/1/2567 09:05 - ", "16/1/2567 21:06 - "),
    "android en_CA": (f"2024-01-15, 9:05{NNBSP}a.m. - ", f"2024-01-16, 9:06{NNBSP}p.m. - "),
    "android vi": ("09:05, 15/01/2024 - ", "21:06, 16/01/2024 - "),
    "android old en_US": ("Jan 15, 2024, 9:05 AM - ", "Jan 16, 2024, 9:06 PM - "),
    "android old en_US, time first": ("9:05 AM, Jan 15, 2024 - ", "9:06 PM, Jan 16, 2024 - "),
    "android old en_GB": ("09:05, 15 Jan 2024 - ", "21:06, 16 Jan 2024 - "),
    "android old es": (f"15 de ene. de 2024 9:05 a.{NBSP}m. - ", f"16 de enero de 2024 9:06 p.{NBSP}m. - "),
    "android old pt": ("15 de jan de 2024 09:05 - ", "16 de jan de 2024 21:06 - "),
    "android old fr": ("15 janv. 2024 à 09:05 - ", "16 janv. 2024 à 21:06 - "),
    "android old de": ("15.01.24, 9:05 vorm. - ", "16.01.24, 9:06 nachm. - "),
    "android old zh": ("2024年1月15日 上午9:05 - ", "2024年1月16日 下午9:06 - "),
    "android pt_PT, 12 h": ("15/01/24, 9:05 da manhã - ", "16/01/24, 9:06 da tarde - "),
    "android hu, 12 h": ("2024. 01. 15. de. 9:05 - ", "2024. 01. 16. du. 9:06 - "),
    "android with the weekday": ("lun, 15/01/24, 9:05 - ", "mar, 16/01/24, 21:06 - "),
    "ios of a day by its name": ("[15-Jan-24, 9:05:12 AM] ", "[16-Jan-24, 9:06:13 PM] "),
    "copied from the web, es": ("[9:05 a. m., 15/1/2024] ", "[9:06 p. m., 16/1/2024] "),
    "copied from the web, en": ("[9:05 AM, 1/15/2024] ", "[9:06 PM, 1/16/2024] "),
    "of Viber": ("[ 15/01/2024 9:05 AM ] ", "[ 16/01/2024 9:06 PM ] "),
    "copied from the web, de": ("[09:05, 15.1.2024] ", "[21:06, 16.1.2024] "),
    "android es": (f"15/01/24, 9:05{NBSP}a.{NBSP}m. - ", f"16/01/24, 9:06{NBSP}p.{NBSP}m. - "),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_of_any_locale_is_read(reading, name: str):
    first, second = HEADERS[name]
    mark = LRM if name.startswith("ios") else ""
    kept, aside = reading(f"{mark}{first}Ana Cruz: a las 10:30: sí\nsigue\n{second}Luis: ok\n")
    seconds = (":12", ":13") if name.startswith("ios") else (":00", ":00")
    assert not aside
    assert [(m.metadata["author"], m.timestamp, m.content) for m in turns(kept)] == [
        ("Ana Cruz", f"2024-01-15T09:05{seconds[0]}", "a las 10:30: sí\nsigue"),
        ("Luis", f"2024-01-16T21:06{seconds[1]}", "ok"),
    ]


def test_what_was_copied_on_a_phone_has_no_year_and_so_no_time(reading):
    kept, aside = reading(
        "[15/1, 9:05 a. m.] Ana: hola\n[15/1, 9:06 a. m.] Luis: ok\n[17/1, 9:06 a. m.] Ana: ya\n"
    )
    assert not aside
    assert [[(m.timestamp, m.content) for m in item.messages] for item in kept] == [
        [(None, "hola"), (None, "ok")],
        [(None, "ya")],
    ]


NOTICES = [
    'Du hast die Gruppe "Ventas: norte" erstellt',
    "Ana hat den Betreff von „a: b“ zu „c“ geändert",
    'Vous avez créé le groupe "Ventas: norte"',
    "Ana a changé le sujet de « a: b » à « c »",
    'Hai creato il gruppo "Ventas: norte"',
    'Je hebt de groep "Ventas: norte" gemaakt',
    'Anyone in the community "Barrio: sur" can join',
    "Welcome to the community: Vecinos",
    "Ana added this group to the community: Barrio sur",
    "Ana cambió las configuraciones de este grupo: solo los admins. pueden editar",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_with_a_colon_has_no_author(reading, notice: str):
    kept, _ = reading(f"16/01/24, 9:00 - Ana: hola\n16/01/24, 9:05 - {notice}\n16/01/24, 9:10 - Luis: ok\n")
    assert [(m.kind, m.content) for m in turns(kept)] == [
        ("text", "hola"),
        ("system", notice),
        ("text", "ok"),
    ]


def test_a_name_in_quotation_marks_is_still_a_name(reading):
    kept, _ = reading('16/01/24, 9:00 - Ana "la Güera" Cruz: hola\n16/01/24, 9:10 - Luis: ok\n')
    assert kept[0].metadata["participants"] == ['Ana "la Güera" Cruz', "Luis"]


@pytest.mark.parametrize(
    ("text", "kind", "marked"),
    [
        ("<ficheiro anexado: 00000012-PHOTO.jpg>", "media", True),
        ("<Média omis>", "media", False),
        ("<File non incluso>", "media", False),
        ("This message was deleted by admin ~Ana.", "deleted", True),
        ("Silenced voice call", "call", True),
        ("Location: Taller Sol (https://foursquare.com/v/4b)", "location", True),
        ("POLL:\nWhich day?\nOPTION: Monday (2 votes)", "poll", False),
        ("ENCUESTA:\n¿Cuándo?\nOPCIÓN: Lunes (1 voto)", "poll", False),
        ("Encuesta: ya la contesté", "text", False),
        ("ok <Message modifié>", "edited", False),
        (
            "Las llamadas y los mensajes enviados a este chat ahora están protegidos con cifrado de extremo a extremo.",
            "system",
            False,
        ),
        ("As mensagens são encriptadas ponta a ponta.", "system", False),
    ],
)
def test_what_the_app_wrote_has_its_kind(reading, text: str, kind: str, marked: bool):
    kept, _ = reading(
        f"[16/01/24, 9:05:12] Ana: hola\n[16/01/24, 9:06:12] Luis: {LRM if marked else ''}{text}\n[16/01/24, 9:07:12] Luis: ok\n"
    )
    assert turns(kept)[1].kind == kind


@pytest.mark.parametrize("notice", ["Missed voice call at 9:05", "Llamada de voz perdida a las 9:05"])
def test_a_missed_call_without_an_author_is_a_call(reading, notice: str):
    kept, _ = reading(f"16/01/24, 9:00 - Ana: hola\n16/01/24, 9:05 - {notice}\n")
    assert turns(kept)[1].kind == "call"


def test_a_colon_inside_a_name_that_comes_back_belongs_to_the_name(reading):
    lines = [("Ana 24:7", "hola"), ("Paco", "ok"), ("Ana 24:7", "Precio: 5")]
    kept, _ = reading("".join(f"16/01/24, 9:05 - {who}: {text}\n" for who, text in lines))
    assert [(m.metadata["author"], m.content) for m in turns(kept)] == lines


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{LRM}IMG-20240116-WA0001.jpg (archivo adjunto)\nmira", "text"),
        (f"<{LRM}archivo omitido>", "media"),
        ("STK-20240116-WA0001.webp (file attached)", "media"),
    ],
)
def test_a_mark_does_not_hide_what_was_sent(reading, text: str, kind: str):
    kept, _ = reading(f"16/01/24, 9:05 - Ana: {text}\n16/01/24, 9:06 - Paco: ok\n")
    assert turns(kept)[0].kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("null", "media"),
        ("<Videomensaje omitido>", "media"),
        ("<Tarjeta de contacto omitida>", "media"),
        ("<Foto oculta>", "media"),
        ("<Pominięto multimedia>", "media"),
        ("IMG-20240116-WA0001.jpg (dosya ekli)", "media"),
        ("...", "text"),
        ("<hola>", "text"),
        ("precio < 5 y > 3", "text"),
        ("contrato.pdf (firmado)", "text"),
        ("Eliminaste este mensaje como admin.", "deleted"),
        ("Ce message a été supprimé par l'admin Ana", "deleted"),
        ("Se borró este mensaje", "deleted"),
        ("se eliminó este mensaje que me mandaste?", "text"),
        ("Emplacement : https://maps.google.com/?q=1,1", "location"),
        (f"ok {LRM}<Bu mesaj düzenlendi>", "edited"),
    ],
)
def test_what_android_writes_without_a_mark_has_its_kind(reading, text: str, kind: str):
    kept, _ = reading(f"16/01/24, 9:05 - Ana: {text}\n16/01/24, 9:06 - Paco: ok\n")
    assert [(m.metadata["author"], m.kind) for m in turns(kept)] == [("Ana", kind), ("Paco", "text")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You deleted this message as admin", "deleted"),
        ("Photo à vue unique", "media"),
        ("Foto zur einmaligen Ansicht", "media"),
        ("Videomensaje omitido", "media"),
        ("<załączono: 00000012-PHOTO-2024-01-16.jpg>", "media"),
        (f"Contrato.pdf • {LRM}3 páginas {LRM}<adjunto: 00000041-Contrato.pdf>", "media"),
        ("Ubicación en tiempo real", "location"),
        ("Voice chat, 3 min", "call"),
    ],
)
def test_what_an_iphone_marks_as_its_own_keeps_its_author(reading, text: str, kind: str):
    kept, _ = reading(f"[16/01/24, 9:05:12] Ana: {LRM}{text}\n[16/01/24, 9:06:12] Luis: ok\n")
    assert [(m.metadata["author"], m.kind) for m in turns(kept)] == [("Ana", kind), ("Luis", "text")]


def test_a_bot_that_begins_every_message_alike_is_not_called_so(reading):
    lines = [("Tienda", "Aviso: su cita es hoy"), ("Ana", "ok")] * 5
    kept, _ = reading("".join(f"16/01/24, 9:05 - {who}: {text}\n" for who, text in lines))
    assert [(m.metadata["author"], m.content) for m in turns(kept)] == lines
