"""What leaves the masker, and what does not: the traps that others walked into are here."""

from dataclasses import replace

import pytest

from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer, Quarantined
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.scanner import ChainScanner
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import ToolCall
from uncase_pipeline_tests.builders import conversation


def turns(outcome):
    assert isinstance(outcome, Anonymized), outcome
    return [message.content for message in outcome.conversation.messages]


def everything(outcome):
    assert isinstance(outcome, Anonymized), outcome
    return " ".join(text for _, text in outcome.conversation.strings())


def test_identifiers_become_numbered_tokens_and_two_people_stay_two(anonymizer):
    talk = conversation(
        "u: soy Ana López, mi correo es ana@correo.mx",
        "a: Gracias Ana. ¿Y su esposo?",
        "u: se llama Luis Ortega, luis@correo.mx",
    )
    assert turns(anonymizer.anonymize(talk)) == [
        "soy [PERSON_1], mi correo es [EMAIL_1]",
        "Gracias [PERSON_1]. ¿Y su esposo?",
        "se llama [PERSON_2], [EMAIL_2]",
    ]


def test_a_name_found_once_is_masked_everywhere_in_the_conversation(anonymizer):
    talk = conversation(
        "u: me llamo Xochitl Baranda", "a: ok xochitl, un momento", "u: es XÓCHITL con x, o Xochilt si quiere"
    )
    assert "xochi" not in everything(anonymizer.anonymize(talk)).lower().replace("ó", "o")


def test_a_name_that_is_an_ordinary_word_does_not_mask_that_word(anonymizer):
    talk = conversation("u: me llamo Dolores Ruiz", "u: tengo dolores de espalda", "a: Gracias Dolores")
    assert turns(anonymizer.anonymize(talk))[1:] == ["tengo dolores de espalda", "Gracias [PERSON_1]"]


def test_participants_of_the_export_are_masked_and_leave_metadata_and_speakers(anonymizer):
    talk = conversation("u: hola, quiero informes del coche", "a: con gusto, Zulubeth")
    talk.metadata["participants"] = ["Zulubeth Qintanar", "+52 55 9876 5432"]
    talk.messages[0].speaker = "Zulubeth Qintanar"
    outcome = anonymizer.anonymize(talk)
    assert "zulubeth" not in everything(outcome).lower()
    assert [message.speaker for message in outcome.conversation.messages] == ["customer", "sales_advisor"]
    assert "participants" not in outcome.conversation.metadata


def test_a_number_split_over_two_turns_is_caught(anonymizer):
    talk = conversation("u: hola mi número de teléfono es el 55 1234", "u: 5678 por favor")
    assert not any(
        character.isdigit()
        for text in turns(anonymizer.anonymize(talk))
        for character in text.replace("_1]", "").replace("_2]", "")
    )


def test_the_question_makes_the_answer_an_identifier(anonymizer):
    talk = conversation(
        "a: ¿Me da su número de póliza por favor?",
        "u: claro, 8821",
        "a: ¿A nombre de quién está, cómo se llama?",
        "u: dolores pilar",
    )
    answers = turns(anonymizer.anonymize(talk))
    assert answers[1] == "claro, [POLICY_NUMBER_1]"
    assert answers[3] == "[PERSON_1]"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("¿Cuál es su usuario?", "juanperez88"),
        ("¿Me da los últimos cuatro dígitos?", "3893"),
        ("What's the verification code?", "3040"),
        ("CVV please?", "723"),
    ],
)
def test_a_code_that_was_asked_for_is_masked_in_the_answer(anonymizer, question, answer):
    talk = conversation("u: hola, necesito ayuda con mi cuenta por favor", f"a: {question}", f"u: {answer}")
    assert answer not in everything(anonymizer.anonymize(talk))


def test_what_is_said_of_a_proof_of_address_asks_for_none(anonymizer):
    talk = conversation(
        "a: Necesito un comprobante de domicilio", "u: la tasa es del 12 por ciento, ¿verdad?"
    )
    assert turns(anonymizer.anonymize(talk))[1] == "la tasa es del 12 por ciento, ¿verdad?"


def test_tool_arguments_results_and_metadata_are_treated_like_text(anonymizer):
    talk = conversation(
        "u: quiero que me llamen por favor",
        "a: listo, queda registrado",
        't: {"name": "Ana Ruiz", "phone": "5512345678"}',
    )
    talk.messages[1].tool_calls = [
        ToolCall(
            "call_1",
            "create_lead",
            {
                "customer_name": "Xiadani",
                "phone": 5512345678,
                "price": 251334,
                "notes": ["mail a.ruiz@correo.mx"],
            },
        )
    ]
    talk.metadata["contact"] = {"juan@correo.mx": "cliente"}
    outcome = anonymizer.anonymize(talk)
    text = everything(outcome)
    for original in ("Xiadani", "5512345678", "a.ruiz", "juan@correo.mx", "Ana", "Ruiz"):
        assert original not in text
    arguments = outcome.conversation.messages[1].tool_calls[0].arguments
    assert arguments["price"] == 251334
    assert arguments["customer_name"].startswith("[PERSON_")


def test_exclusion_words_hide_nothing(anonymizer):
    talk = conversation("u: el id: foo@bar.com y #baz@bar.com son de prueba para el ticket")
    assert "bar.com" not in everything(anonymizer.anonymize(talk))


def test_replacement_corrupts_no_text_around_it(anonymizer):
    talk = conversation("u: llámame al +1 555-123-4567, clave 9876, gracias por todo")
    assert turns(anonymizer.anonymize(talk)) == [
        "llámame al [PHONE_1], clave [CREDENTIAL_1], gracias por todo"
    ]


def test_a_language_that_is_not_supported_is_quarantined(anonymizer):
    talk = conversation("u: Bonjour, je voudrais acheter une voiture et je ne sais pas", language="fr")
    assert anonymizer.anonymize(talk).reason == "unsupported-language"


def test_a_declared_language_that_is_not_supported_is_quarantined_where_the_text_can_not_tell(anonymizer):
    assert isinstance(anonymizer.anonymize(conversation("u: ok", language="de")), Quarantined)


class _Deaf:
    """A chain with its detectors switched off."""

    version = "deaf"

    def look_ahead(self, _texts, **_options):
        pass

    def find_all(self, texts, **_options):
        return [[] for _ in texts]


class _Broken(_Deaf):
    def find_all(self, texts, **_options):
        raise ValueError(f"can not read {texts}")


def test_with_the_masker_switched_off_the_audit_holds_everything_back(gate):
    deaf = Anonymizer(_Deaf(), Auditor(gate))
    for text in (
        "mi correo es ana@correo.mx para la cita",
        "mi número es 55 1234 5678 para la cita",
        "me llamo Juan Pérez y quiero una cita",
    ):
        assert isinstance(deaf.anonymize(conversation(f"u: {text}")), Quarantined)


def test_the_audit_does_not_need_the_scanner_to_see_what_the_masker_left():
    class Blind:
        version = "blind"

        def scan_texts(self, texts, **_options):
            return [[] for _ in texts]

    deaf = Anonymizer(_Deaf(), Auditor(Blind()))
    assert (
        deaf.anonymize(conversation("u: mi correo es ana@correo.mx para la cita")).reason == "residual-mail"
    )
    talk = conversation("u: quiero una cita para el coche", "a: claro que sí, Zulubeth")
    talk.metadata["participants"] = ["Zulubeth"]
    half = Anonymizer(_Deaf(), Auditor(Blind()))
    half._spans = lambda draft: [[] for _ in draft.fields]
    assert half.anonymize(talk).reason == "residual-token"


def test_a_detector_that_fails_quarantines_and_tells_nothing_of_the_text(monkeypatch, gate):
    monkeypatch.setattr(
        "uncase_pipeline.anonymized.work.anonymizer_for", lambda _task: Anonymizer(_Broken(), Auditor(gate))
    )
    ((_, outcome),) = anonymize_all(
        [conversation("u: hola soy Ana López y quiero un coche")], Task(processes=1)
    )
    assert outcome.reason == "detector-failed-ValueError"
    assert "Ana" not in repr(outcome)


def test_a_missing_model_stops_and_is_not_a_pass(tmp_path):
    from uncase_pipeline.anonymized.names.model import NameModel

    with pytest.raises(UncaseError, match="make model"):
        NameModel(tmp_path / "absent.crfsuite")


def test_what_a_person_released_is_published_with_the_doubts_blotted(gate):
    deaf = Anonymizer(_Deaf(), Auditor(gate))
    outcome = deaf.anonymize(conversation("u: mi correo es ana@correo.mx para la cita"), reviewed=True)
    assert turns(outcome) == ["mi correo es [REDACTED] para la cita"]


def test_findings_carry_types_and_offsets_and_never_text(anonymizer):
    outcome = anonymizer.anonymize(conversation("u: soy Ana López, mi correo es ana@correo.mx"))
    assert "Ana" not in repr(outcome.spans)
    assert outcome.counts == {"PERSON": 1, "EMAIL": 1}


def test_masking_again_changes_nothing(anonymizer):
    once = anonymizer.anonymize(conversation("u: soy Ana López, tel 55 1234 5678, vivo en Calle Mayor 12"))
    again = anonymizer.anonymize(once.conversation)
    assert turns(again) == turns(once)


def test_the_input_is_left_as_it_was(anonymizer):
    talk = conversation("u: soy Ana López y quiero un coche")
    before = replace(talk, messages=[replace(message) for message in talk.messages])
    anonymizer.anonymize(talk)
    assert talk == before


def test_balanced_masks_less_than_strict(chain, gate):
    talk = conversation("u: mi pedido es el 48213 y soy Ana López")
    strict, balanced = (
        Anonymizer(chain, Auditor(gate), profile=profile).anonymize(talk)
        for profile in ("strict", "balanced")
    )
    assert set(balanced.counts) < set(strict.counts) or balanced.counts.total() <= strict.counts.total()
    assert balanced.counts["PERSON"] == 1


def test_the_scanner_sees_what_is_in_a_conversation_and_says_where(chain):
    scanner = ChainScanner(chain, "gate")
    (finding,) = scanner.scan_conversation(conversation("u: hola, ¿qué tal?", "a: escriba a ana@correo.mx"))
    assert (finding.entity_type, finding.where) == ("EMAIL", "messages[1].content")
