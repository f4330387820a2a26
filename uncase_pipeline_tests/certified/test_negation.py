"""Negations that somebody put in: how much a row denies, and where a negation has no place."""

import re
from collections.abc import Callable

import pytest

from uncase_pipeline.certified.metrics.misplaced import misplaced_negations
from uncase_pipeline.certified.metrics.polarity import polarity
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import dialogue, seed_of

ENGLISH = conversation(
    "u: Hi, I need a table for four on Friday. Is the terrace open?",
    "a: The terrace is open until ten. We have a table at eight, and there is parking behind the house.",
    "u: That works. Can you also do a cake? My mother is turning seventy.",
    "a: Our baker can make one. It takes two days, so I will need the flavour by Wednesday.",
    "u: Chocolate would be great. I can pay when we arrive.",
    "a: Then I have everything. You will get a message on Friday morning.",
    language="en",
)
SPANISH = conversation(
    "u: Buenas tardes, necesito una mesa para cuatro el viernes. ¿La terraza está abierta?",
    "a: La terraza está abierta hasta las diez. Tenemos una mesa a las ocho y hay estacionamiento atrás.",
    "u: Me parece bien. ¿También puede preparar un pastel? Mi madre tiene fiesta ese día.",
    "a: Nuestro panadero puede hacerlo. Se necesitan dos días y quiero el sabor antes del miércoles.",
    "u: Quiero chocolate. Puedo pagar cuando lleguemos.",
    "a: Entonces tengo todo. El viernes le vamos a enviar un mensaje.",
)
REFUSING = conversation(
    "u: Hello, do you have any allergies on file for me? I don't remember.",
    "a: There is no allergy on file. Have you noticed a rash, a cough or pain?",
    "u: No rash, no cough. I have some pain in the knee when I walk.",
    "a: Let us look at it. Does it hurt when I bend it?",
    "u: It doesn't hurt much. It is worse in the morning.",
    "a: I see. We will do an X-ray today and I will call you with the result.",
    language="en",
)


def put(verbs: str, change: Callable[[str], str], row: Conversation) -> Conversation:
    """Put a negation at the first verb of every sentence."""

    def sentence(text: str) -> str:
        return re.sub(rf"\b({verbs})\b", lambda verb: change(verb[0]), text, count=1)

    turns = [
        f"{message.role[0]}: " + "".join(map(sentence, re.split(r"(?<=[.!?])", message.content)))
        for message in row.messages
    ]
    return conversation(*turns, language=row.language or "es")


EN = "is|are|was|can|could|will|would|need|have|takes|works"
ES = "es|está|tenemos|hay|parece|puede|puedo|tiene|hacerlo|necesitan|quiero|tengo|vamos|necesito"
FORMS = {
    "not": (ENGLISH, EN, lambda verb: f"{verb} not"),
    "n't": (ENGLISH, EN, lambda verb: f"{verb}n't" if verb[0] in "iaw" else f"don't {verb}"),
    "never": (ENGLISH, EN, lambda verb: f"never {verb}"),
    "hardly": (ENGLISH, EN, lambda verb: f"{verb} hardly"),
    "false": (ENGLISH, EN, lambda verb: f"is what is false that {verb}"),
    "unable": (ENGLISH, EN, lambda verb: f"is unable, {verb}"),
    "no": (SPANISH, ES, lambda verb: f"no {verb}"),
    "nunca": (SPANISH, ES, lambda verb: f"nunca {verb}"),
    "tampoco": (SPANISH, ES, lambda verb: f"tampoco {verb}"),
    "imposible": (SPANISH, ES, lambda verb: f"es imposible que {verb}"),
    "apenas": (SPANISH, ES, lambda verb: f"apenas {verb}"),
    "dudo": (SPANISH, ES, lambda verb: f"dudo que {verb}"),
    "I deny": (ENGLISH, EN, lambda verb: f", I deny that it {verb}"),
}  # fmt: skip


def natural(row: Conversation) -> float:
    return polarity(Reading(row), seed_of(dialogue()))


@pytest.mark.parametrize("row", [ENGLISH, SPANISH, REFUSING, dialogue()])
def test_what_people_say_is_natural_also_where_they_deny(row: Conversation) -> None:
    assert natural(row) > 0.9


@pytest.mark.parametrize("form", FORMS)
def test_a_negation_in_every_sentence_is_not_natural_whatever_its_form(form: str) -> None:
    assert natural(put(FORMS[form][1], FORMS[form][2], FORMS[form][0])) < 0.9


def test_a_refusal_that_is_said_again_and_again_is_counted_once() -> None:
    again = [
        turn
        for n in range(5)
        for turn in (f"u: What about theater {n}?", "a: There is no such theater here.")
    ]
    row = conversation(
        "u: Can you find me a film? I like comedies.", "a: I can help with that.", *again, language="en"
    )
    assert natural(row) > 0.9


def test_two_sentences_that_deny_are_never_too_much() -> None:
    row = conversation(
        "u: Is the pool open today?", "a: It is not open. We do not open in May.", language="en"
    )
    assert natural(row) >= 0.9


def test_who_regrets_refuses_and_puts_no_negation_in() -> None:
    again = [
        turn
        for n in range(6)
        for turn in (f"u: Is number {n} free?", f"a: Unfortunately, number {n} is not free on that day.")
    ]
    assert natural(conversation("u: Can I book a room? I like a view.", *again, language="en")) > 0.9


def test_what_others_refuse_is_told_and_not_denied() -> None:
    row = conversation(
        *(
            f"u: {who} refuses to pay me."
            for who in ("My landlord", "My boss", "My bank", "My uncle", "My firm")
        ),
        "a: That is hard.",
        language="en",
    )
    assert natural(row) == 1.0


def test_refusals_of_the_plan_are_expected() -> None:
    row = put(EN, lambda verb: f"{verb} not", ENGLISH)
    refusing = seed_of(dialogue()).model_copy(update={"steps": ["user:ask", "assistant:refuse"] * 4})
    assert polarity(Reading(row), refusing) > natural(row)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Are not you coming"), ("en", "What is not the price"), ("en", "Can not I pay"),
        ("en", "I have not a car"), ("en", "I can not't pay"), ("en", "it don't is"), ("en", "I not want that"),
        ("en", "he has not never paid"), ("es", "me no puede ayudar"), ("es", "¿Cuánto no cuesta el coche?"),
        ("es", "nunca no viene"), ("es", "se tampoco aplica"),
        ("en", "it has not three doors"), ("en", "we have not anything"), ("en", "they didn't do not much"),
        ("en", "It's false that it rains"), ("es", "es falso que cuesta mucho"),
        ("es", "¿Qué lugar no tiene el pago?"), ("es", "¿Qué lugar nuevo no tiene el pago?"),
        ("en", "it has not 3 doors"),
        ("en", "Yes, it does not."), ("es", "Sí, eso no está bien."), ("en", "I am not happy to help."),
        ("en", "You are never welcome."), ("es", "No le agradezco su tiempo."),
        ("es-MX", "me no puede ayudar"), ("es_ES", "se tampoco aplica"), ("en-GB", "Are not you coming"),
    ],
)  # fmt: skip
def test_a_negation_without_a_place_is_seen(language: str, said: str) -> None:
    assert misplaced_negations(Reading(conversation(f"u: {said}", language=language))) == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Isn't it? Why not you? I do not know, and he is not here."), ("en", "Do not worry, no, no problem."),
        ("en", "Fees, which are not due now, have not been paid. I know what is not covered."),
        ("en", "It has not changed, they have not fallen, and we have not fully paid."),
        ("en", "You not only paid, you were early. Are you not coming?"),
        ("en", "Yes, no problem. Yes, there is no doubt. I am not happy with it. Yes. It is not, yes, not now."),
        ("es", "Si no viene, mejor. Sí, claro, no hay problema. Apenas rojo."),
        ("es", "No me puede ayudar, no, ¿por qué no?"),
        ("es", "¿Por qué no viene? ¿Usted no sabe qué no cubre?"),
        ("es", "Creo que no es así; él no tiene coche y tampoco lo quiere."),
    ],
)  # fmt: skip
def test_a_negation_in_its_place_is_none(language: str, said: str) -> None:
    assert misplaced_negations(Reading(conversation(f"u: {said}", language=language))) == 0
