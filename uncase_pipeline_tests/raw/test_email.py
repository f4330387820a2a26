"""Mail: threads by their headers, own words without quotations, who is the team."""

from email.message import EmailMessage

import pytest

from uncase_pipeline_tests.raw.conftest import said, turns

ANA, DESK, PACO = "Ana Cruz <ana@correo.mx>", "Soporte <soporte@tienda.mx>", "Paco Ruiz <paco@tienda.mx>"


def mail(
    number: int, sender: str, to: str, text: str, answers: int | None = None, html: str | None = None
) -> bytes:
    """One mail of a thread."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Factura de enero"
    message["Date"] = f"Mon, 15 Jan 2024 {9 + number:02d}:05:00 -0600"
    message["Message-ID"] = f"<{number}@x>"
    if answers is not None:
        message["In-Reply-To"] = f"<{answers}@x>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return bytes(message)


def box(*mails: bytes) -> bytes:
    """An mbox of these mails."""
    return b"".join(b"From ana@correo.mx Mon Jan 15 09:05:00 2024\n" + one + b"\n" for one in mails)


def test_a_thread_is_a_conversation_and_the_desk_with_its_colleagues_is_the_assistant(reading):
    kept, aside = reading(
        box(
            mail(0, ANA, DESK, "Hola, ¿y mi factura?"),
            mail(1, "Luis <luis@otro.mx>", DESK, "Otro asunto"),
            mail(2, DESK, ANA, "Buenas, va mañana."),
            mail(3, PACO, ANA, "Ya la envié.", answers=0),
        ).replace(b"From: Soporte", b"In-Reply-To: <0@x>\nFrom: Soporte"),
        "inbox.mbox",
    )
    assert not aside
    assert [said([item]) for item in kept] == [
        [
            ("user", "Hola, ¿y mi factura?"),
            ("assistant", "Buenas, va mañana."),
            ("assistant", "Ya la envié."),
        ],
        [("user", "Otro asunto")],
    ]
    assert kept[0].metadata["subject"] == "Factura de enero"
    assert turns(kept)[0].timestamp == "2024-01-15T09:05:00-06:00"


@pytest.mark.parametrize(
    "quotation",
    [
        "> Hola, ¿y mi factura?\n> Gracias",
        "El lun, 15 ene 2024 a las 9:05, Ana Cruz (<ana@correo.mx>) escribió:\n\n> Hola\n",
        "On Mon, Jan 15, 2024 at 9:05 AM Ana Cruz <ana@correo.mx>\nwrote:\n> Hola\n",
        "-----Mensaje original-----\nDe: Ana\nEnviado: lunes\n\nHola",
        "________________________________\nFrom: Ana\nSent: Monday\n\nHola",
    ],
)
def test_what_a_mail_quotes_is_no_part_of_its_turn_and_is_counted(reading, quotation: str):
    kept, _ = reading(box(mail(0, DESK, ANA, f"Va mañana.\n\n{quotation}\n")), "inbox.mbox")
    assert [m.content for m in turns(kept)] == ["Va mañana."]
    assert kept[0].metadata["quoted_lines_left_out"] > 0


def test_a_mail_that_holds_a_quotation_only_is_kept_whole(reading):
    kept, _ = reading(mail(0, ANA, DESK, "> reenvío esto"), "m.eml")
    assert [m.content for m in turns(kept)] == ["> reenvío esto"]


def test_the_plain_part_is_read_and_markup_where_there_is_no_other(reading):
    both = mail(0, ANA, DESK, "hola", html="<p>hola <b>HTML</b></p>")
    kept, _ = reading(both, "m.eml")
    assert [m.content for m in turns(kept)] == ["hola"]
    kept, _ = reading(
        mail(0, ANA, DESK, "x").replace(b"text/plain", b"text/html").replace(b"\nx", b"\n<p>hola</p>"),
        "m.eml",
    )
    assert [m.content for m in turns(kept)] == ["hola"]


def test_a_mail_that_says_no_encoding_is_read(reading):
    head = b"From: ana@correo.mx\nTo: soporte@tienda.mx\nDate: Mon, 15 Jan 2024 09:05:00 +0000\n\n"
    for body in ("ñandú".encode(), "ñandú".encode("cp1252")):
        kept, _ = reading(head + body, "m.eml")
        assert [m.content for m in turns(kept)] == ["ñandú"]


def test_the_customer_of_a_thread_is_its_subject_by_address(reading):
    kept, _ = reading(
        box(mail(0, ANA, DESK, "a"), mail(1, "Ana C. <ANA@correo.mx>", DESK, "b")), "inbox.mbox"
    )
    assert kept[0].subject_id == kept[1].subject_id is not None


def test_a_thread_over_several_time_zones_is_in_the_order_in_which_it_was_written(reading):
    asked = mail(0, ANA, DESK, "¿y mi factura?").replace(b"09:05:00 -0600", b"15:05:00 +0000")
    answered = mail(0, DESK, ANA, "va mañana").replace(b"09:05:00 -0600", b"09:10:00 -0600")
    kept, _ = reading(box(answered, asked), "inbox.mbox")
    assert [m.content for m in turns(kept)] == ["¿y mi factura?", "va mañana"]


def test_a_thread_with_a_mail_that_has_no_date_stays_as_it_lies(reading):
    undated = mail(1, DESK, ANA, "va mañana", answers=0).replace(b"Date:", b"X-Date:")
    kept, _ = reading(box(mail(0, ANA, DESK, "¿y mi factura?"), undated), "inbox.mbox")
    assert [m.content for m in turns(kept)] == ["¿y mi factura?", "va mañana"]


def test_of_a_page_only_what_people_see_is_read(reading):
    page = (
        "<html><head><title>x</title><style>p{color:red}</style></head><body><!-- a > b --><p>Buenos días,</p>"
        "<script>if (1 < 2) { alert(1) }</script><p>va hoy</p></body></html>"
    )
    message = EmailMessage()
    message["From"], message["To"] = DESK, ANA
    message["Date"], message["Message-ID"] = "Mon, 15 Jan 2024 09:05:00 -0600", "<1@x>"
    message.set_content(page, subtype="html")
    kept, _ = reading(bytes(message), "a.eml")
    assert [m.content for m in turns(kept)] == ["Buenos días,\nva hoy"]


OUTLOOK = {
    "en": ("From", "Sent", "To", "Subject", "Monday, March 3, 2025 {}:15 AM"),
    "es": ("De", "Enviado el", "Para", "Asunto", "lunes, 3 de marzo de 2025 {:02d}:15"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Montag, 3. März 2025 {:02d}:15"),
    "fr": ("De", "Envoyé", "À", "Objet", "lundi 3 mars 2025 {:02d}:15"),
}


def outlook(language: str) -> str:
    """A thread of three mails as Outlook saves it as text, newest first."""
    sender, sent, to, subject, time = OUTLOOK[language]
    mails = (
        (10, ANA, DESK, "Gracias,\n\nya la recibí."),
        (9, DESK, ANA, "Le adjunto la factura."),
        (8, ANA, DESK, "No tengo la factura."),
    )
    return "\n\n".join(
        f"{sender}: {who}\n{sent}: {time.format(hour)}\n{to}: {whom}\n{subject}: RE: Factura\n\n{text}\n"
        for hour, who, whom, text in mails
    )


@pytest.mark.parametrize("language", OUTLOOK)
def test_a_thread_that_outlook_saved_as_text_is_read_oldest_first(reading, language: str):
    for content in (outlook(language), outlook(language).replace("\n", "\r\n")):
        kept, aside = reading(content, "RE Factura.txt")
        assert not aside
        assert said(kept) == [
            ("user", "No tengo la factura."),
            ("assistant", "Le adjunto la factura."),
            ("user", "Gracias,\n\nya la recibí."),
        ]
        assert turns(kept)[0].timestamp == "2025-03-03T08:15:00"


@pytest.mark.parametrize("language", OUTLOOK)
def test_what_outlook_puts_below_an_answer_without_a_rule_is_no_part_of_it(reading, language: str):
    kept, _ = reading(mail(0, ANA, DESK, f"Gracias.\n\n{outlook(language)}"), "a.eml")
    assert [m.content for m in turns(kept)] == ["Gracias."]


def test_a_letter_that_names_a_sender_is_no_thread(reading):
    kept, _ = reading("From: the bank\nTo: you\n\nWe raise our prices.\n", "letter.txt")
    assert not kept


def test_a_mail_whose_sender_goes_on_for_pages_is_set_aside_alone(reading):
    long = mail(1, ANA, DESK, "otra").replace(b"From: Ana Cruz", b"From: " + b"a b\n c " * 1_000)
    kept, aside = reading(box(mail(0, ANA, DESK, "hola"), long, mail(2, DESK, ANA, "buenas")), "box.mbox")
    assert [m.content for m in turns(kept)] == ["hola", "buenas"]
    assert [item.reason for item in aside] == ["bad-mail"]
