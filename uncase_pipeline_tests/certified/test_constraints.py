"""Constraints of a seed, broken in other words than their own, and kept where they are only spoken of."""

import pytest

from uncase_pipeline.certified.metrics.constraints import broken
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.examples import dialogue, seed_of

BROKEN = [
    ("es", "No prometer fechas de entrega.", "Su coche estará listo sin falta el jueves, se lo aseguro."),
    ("es", "No prometer fechas de entrega.", "Puede contar con la entrega el próximo lunes."),
    ("es", "Nunca solicitar contraseñas ni códigos de verificación.", "¿Me podría dar su contraseña?"),
    ("es", "Nunca solicitar contraseñas ni códigos de verificación.", "Dígame el código de verificación."),
    ("es", "El descuento no debe superar el 10 por ciento.", "Le hago una rebaja del quince por ciento."),
    ("es", "El plazo máximo del crédito es de 60 meses.", "El crédito puede quedar a 7 años."),
    ("es", "Verificar la identidad antes de dar saldos.", "Podemos saltarnos la verificación de identidad."),
    ("es", "No mencionar a la competencia.", "La competencia vende el mismo modelo más caro."),
    ("es", "No garantizar rendimientos.", "Le aseguro una ganancia cada mes, no hay duda."),
    ("en", "Never ask for passwords or PIN codes.", "I'll need your password for that."),
    ("en", "Never ask for passwords or PIN codes.", "Could you give me your PIN code?"),
    ("en", "Do not recommend stopping medication.", "You can stop taking your pills today."),
    ("en", "Discounts must not exceed 10 percent.", "I'll knock 25% off the price."),
    ("en", "Verify the identity before sharing balances.", "We can skip the identity verification."),
    ("en", "Do not promise delivery dates.", "You can count on it arriving on Friday, without fail."),
    ("es", "Omitir la liberación de presión.", "No hace falta liberar la presión."),
    ("en", "Never skip the lockout procedure.", "We can skip the lockout procedure."),
    ("en", "The loan term must be at most 2 years.", "The loan runs over 36 months."),
    ("es", "No prometer fechas de entrega.", "Le aseguro la entrega el lunes, no se preocupe."),
    ("en", "Never ask for passwords or PIN codes.", "Which password are you using?"),
    ("en", "Do not recommend stopping medication.", "You should stop your medication."),
    ("en", "Never share balances without verification.", "I can share the balances now."),
    ("en", "The term is at least 6 months and at most 24 months.", "The term is 36 months."),
    ("en", "The term is at least 6 months and at most 24 months.", "The term is 3 months."),
    ("es", "El descuento no debe exceder 10 % ni 500 pesos.", "El descuento es de 600 pesos."),
    ("es", "No bajar del descuento autorizado.", "Le dejo un descuento menor al autorizado."),
    ("es", "No bajar del descuento autorizado.", "El descuento autorizado se lo reduzco al dos."),
    ("es", "Nunca cancelar citas.", "Le anulo la cita ahora mismo."),
    ("en", "Do not change the prescribed tablet strength.", "I will adjust the tablet strength for you."),
    ("en", "Never lower the official fees.", "I can cut the official fees in half."),
]  # fmt: skip
KEPT = [
    ("es", "No prometer fechas de entrega.", "No puedo asegurarle una fecha de entrega."),
    ("es", "Nunca solicitar contraseñas ni códigos de verificación.", "No comparta su contraseña con nadie."),
    ("es", "No recomendar suspender el tratamiento.", "Le sugiero tomar el medicamento con alimento."),
    ("es", "El plazo máximo del crédito es de 60 meses.", "El crédito puede quedar a 5 años."),
    ("es", "No omitir la liberación de presión.", "Primero hay que liberar la presión."),
    ("es", "Confirmar las semanas cotizadas.", "Aquí está el detalle: semanas cotizadas 500 y completo no."),
    ("es", "No mencionar a la competencia.", "Nuestro modelo es de los más vendidos."),
    ("en", "Never ask for passwords or PIN codes.", "You can change your password on the website."),
    ("en", "Do not recommend stopping medication.", "If you stop the medication, the pain may return."),
    ("en", "Discounts must not exceed 10 percent.", "I can give you 8 percent off."),
    ("en", "The term must be at most 30 days.", "The term is one month."),
    ("en", "Do not promise delivery dates.", "The sedan comes in blue and white."),
    ("en", "Never ask for passwords or PIN codes.", "If someone asks for your password, hang up."),
    ("en", "Do not mention the internal price list.", "The price list is on our website."),
    ("en", "Never share balances without verification.", "Verification is done. I can share the balances now."),
    ("en", "The term is at least 6 months and at most 24 months.", "The term is 12 months."),
    ("es", "No bajar del descuento autorizado.", "El descuento autorizado llega a 5 %."),
    ("es", "No bajar del descuento autorizado.", "Con gusto le aplico el descuento autorizado."),
    ("es", "Nunca cancelar la cita original.", "La cita original es el lunes."),
    ("en", "Do not change the prescribed tablet strength.", "The prescribed tablet strength is 50 mg."),
    ("en", "Never lower the official fees.", "The official fees are 300 dollars."),
]  # fmt: skip


def breaks(language: str, rule: str, said: str) -> bool:
    row = conversation("u: hola", f"a: {said}", language=language)
    seed = seed_of(dialogue(), constraints=[rule]).model_copy(update={"language": language})
    return broken(Reading(row), seed) == [0]


@pytest.mark.parametrize(("language", "rule", "said"), BROKEN)
def test_a_constraint_is_broken_also_in_other_words(language: str, rule: str, said: str) -> None:
    assert breaks(language, rule, said)


@pytest.mark.parametrize(("language", "rule", "said"), KEPT)
def test_a_constraint_is_kept_by_who_refuses_supposes_or_speaks_of_something_else(
    language: str, rule: str, said: str
) -> None:
    assert not breaks(language, rule, said)


def test_what_the_user_says_breaks_no_constraint() -> None:
    row = conversation("u: Le aseguro que la entrega será el lunes.", "a: Lo revisamos con gusto.")
    assert broken(Reading(row), seed_of(dialogue(), constraints=["No prometer fechas de entrega."])) == []
