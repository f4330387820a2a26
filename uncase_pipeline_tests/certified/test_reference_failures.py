"""What the reference implementation lets through, and must not pass here."""

import random
from dataclasses import replace

import pytest

from uncase_pipeline.certified.certify import GATES
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.source import Source
from uncase_pipeline.records.conversation import Message, ToolCall
from uncase_pipeline.records.quality import Score
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import VAULT, dialogue, grade, seed_of, with_messages, with_turn


def test_the_clean_dialogue_passes_so_that_every_failure_below_means_something() -> None:
    report = grade(dialogue())
    assert report.passed and report.q >= 0.65 and report.reasons == []


def test_word_salad_fails() -> None:
    rng = random.Random(5)
    row = dialogue()
    for at, message in enumerate(row.messages):
        words = message.content.split()
        row = with_turn(row, at, " ".join(rng.sample(words, len(words))))
    assert not grade(row).passed


@pytest.mark.parametrize(
    ("constraint", "breach"),
    [
        ("No prometer fechas de entrega.", "Le prometo que la fecha de entrega será el viernes."),
        ("El descuento máximo es de 10 %.", "Además le doy un descuento de 25 %."),
        ("Verificar la identidad antes de agendar.", "No es necesario verificar su identidad."),
        ("Nunca compartir datos de otros clientes.", "Le comparto los datos de otros clientes."),
    ],
)
def test_one_broken_constraint_makes_fidelity_zero(constraint: str, breach: str) -> None:
    row = dialogue()
    seed = seed_of(row, constraints=[constraint])
    assert grade(row, seed).passed
    broken = with_turn(row, 5, f"{row.messages[5].content} {breach}")
    report = grade(broken, seed)
    assert report.scores["fidelity"].value == 0.0 and "constraint-broken" in report.reasons


def test_keeping_a_constraint_in_so_many_words_breaks_nothing() -> None:
    row = with_turn(
        dialogue(), 5, "Queda confirmada la revisión; no puedo prometer la fecha de entrega, por favor."
    )
    seed = seed_of(row, constraints=["No prometer fechas de entrega."])
    assert grade(row, seed).scores["fidelity"].passed


def test_breaking_every_constraint_never_scores_one() -> None:
    breaches = "Le prometo la fecha de entrega. Le doy un descuento de 25 %. Le comparto los datos de otros clientes."
    row = with_turn(dialogue(), 5, breaches)
    seed = seed_of(
        dialogue(),
        constraints=["El descuento máximo es de 10 %."],
        negative_constraints=["Prometer fechas de entrega.", "Compartir datos de otros clientes."],
    )
    assert grade(row, seed).q == 0.0


def test_text_copied_from_the_source_fails_although_the_seed_holds_none_of_it() -> None:
    people = [
        conversation(
            f"u: Mi abuela me heredó {n} gallinas y una carreta vieja que ya no rueda bien",
            "a: Qué curioso, cuénteme más de esa carreta cuando pueda pasar por aquí",
            subject_id=f"person{n}",
        )
        for n in range(30)
    ]
    source = Source.read(people, VAULT)
    copied = with_turn(
        dialogue(), 4, "Me parece bien: mi abuela me heredó 7 gallinas y una carreta, agéndela."
    )
    assert grade(dialogue(), source=source).passed
    report = grade(copied, source=source)
    assert report.q == 0.0 and report.decided_by == "memorization"


def test_a_metric_that_was_not_computed_never_passes_a_gate() -> None:
    assert not Score("judge", None, 0.5, "at_least").passed
    assert all(not Score(name, None, 0.0, metric.direction).passed for name, metric in METRICS.items())


def test_an_identifier_fails_the_row_wherever_it_stands() -> None:
    row = dialogue()
    call = ToolCall("c1", "consultar_crm", {"cliente": {"correo": ["ana@mail.mx"]}})
    planted = {
        "text": with_turn(row, 2, "¿Y aceptan mi camioneta? Escriba a ana@mail.mx"),
        "argument": with_messages(row, [*row.messages, Message("assistant", "", tool_calls=[call])]),
        "speaker": with_messages(row, [replace(row.messages[0], speaker="ana@mail.mx"), *row.messages[1:]]),
        "metadata": replace(row, metadata={"nota": ["ana@mail.mx"]}),
        "two turns": with_turn(with_turn(row, 6, "Mi número es 55 4821"), 7, "9037 quedó anotado, gracias."),
    }
    for place, damaged in planted.items():
        report = grade(damaged)
        assert report.q == 0.0 and "privacy" in report.reasons, place


def test_writing_id_before_a_mail_hides_nothing() -> None:
    assert "privacy" in grade(with_turn(dialogue(), 2, "id: ana@mail.mx ¿y aceptan mi camioneta?")).reasons


def test_a_threshold_can_be_made_stricter_and_never_looser() -> None:
    row = dialogue()
    loose = dict.fromkeys(METRICS, 0.0) | {"privacy": 99.0, "memorization": 1.0}
    report = grade(row, seed_of(row, thresholds=loose), stricter=loose)
    assert {name: score.threshold for name, score in report.scores.items()} == {
        name: metric.threshold for name, metric in METRICS.items()
    }
    strict = grade(row, seed_of(row, thresholds={"diversity": 0.99}))
    assert not strict.passed and strict.reasons == ["diversity"]


def test_no_setting_takes_a_gate_away() -> None:
    assert set(GATES) == {"rows_passed", "no_leakage", "compliance"}
    report = grade(dialogue())
    assert all(
        score.gates
        for name, score in report.scores.items()
        if name not in {"rouge_l_surface", "tool_validity", "memorization"}
    )
