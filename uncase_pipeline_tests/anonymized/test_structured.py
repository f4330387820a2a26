import random

import pytest

from uncase_pipeline.anonymized.invented import invented
from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.structured import cities

FOUND = [
    ("EMAIL", "escríbame a {}", "juan.perez+ventas@correo.com.mx"),
    ("EMAIL", "es {} ok", "juan arroba gmail punto com"),
    ("EMAIL", "id: {}", "foo@bar.com"),
    ("EMAIL", "#{}", "foo@bar.com"),
    ("PHONE", "mi cel es {}", "55 1234 5678"),
    ("PHONE", "llámame al {}, gracias", "+52 1 55 1234 5678"),
    ("PHONE", "call {} today", "(555) 123-4567"),
    ("PHONE", "{}", "+34 612 34 56 78"),
    ("PHONE", "{}", "07911 123456"),
    ("PHONE", "{}", "5512345678"),
    ("CREDIT_CARD", "la tarjeta {}", "4111-1111-1111-1111"),
    ("CREDIT_CARD", "{}", "378282246310005"),
    ("IBAN", "IBAN {}", "ES91 2100 0418 4502 0005 1332"),
    ("IBAN", "iban {}", "es9121000418450200051332"),
    ("CLABE", "clabe {}", "032180000118359719"),
    ("CURP", "mi curp {}", "HEGG560427MVZRRL04"),
    ("CURP", "mi curp {}", "hegg560427mvzrrl04"),
    ("RFC", "RFC {}", "GOMC850712AB3"),
    ("DNI", "dni {}", "12345678Z"),
    ("DNI", "{}", "12.345.678-Z"),
    ("SSN", "ssn {}", "123-45-6789"),
    ("NATIONAL_ID", "cpf {}", "529.982.247-25"),
    ("NSS", "NASS: {}", "26 63514095"),
    ("MEDICAL_RECORD", "NHC: {}.", "368503"),
    ("POLICY_NUMBER", "my policy number is {}", "AX-99281"),
    ("PASSPORT", "mi pasaporte es {}", "AAB123456"),
    ("DRIVING_LICENCE", "licencia de conducir {}", "B1234567"),
    ("VIN", "vin {}", "1HGCM82633A004352"),
    ("PLATE", "placas {}", "ABC-12-34"),
    ("PLATE", "matrícula {}", "1234 BCD"),
    ("IP", "desde {} entró", "192.168.10.25"),
    ("IP", "from {}", "2001:db8::ff00:42:8329"),
    ("MAC", "mac {}", "00:1A:2B:3C:4D:5E"),
    ("URL", "mira {}", "https://www.facebook.com/juan.perez.77"),
    ("HANDLE", "sígueme en {}", "@juanp_77"),
    ("HANDLE", "says {} today", "@ richardbarley1"),
    ("BIRTH_DATE", "Nací el {}", "12 de marzo de 1985"),
    ("BIRTH_DATE", "DOB: {}", "03/12/1985"),
    ("ADDRESS", "vivo en {}", "Calle Mayor 12, 3º B"),
    ("ADDRESS", "vivo en {}", "av. insurgentes sur 1602 int. 4"),
    ("ADDRESS", "I live at {}", "742 Evergreen Terrace"),
    ("ADDRESS", "vivimos en {}, ¿llegan?", "luna 1180, ñuñoa, santiago"),
    ("ADDRESS", "entrega en {} porfa", "cerrada de berrío 9 mz 4 lt 12"),
    ("ADDRESS", "es {}, frente al parque", "C/ Rubio, 14, 3º izda, 28013 Madrid"),
    ("ADDRESS", "ship it to {}, leave it there", "po box 2291, flagstaff, az 86003"),
    ("ADDRESS", "we live at {}", "the old mill, 4 pettway lane, york yo1 7hh"),
    ("ADDRESS", "déjelo en {} ok", "privada cuautle 22, fracc. los pinos, querétaro"),
    ("POSTCODE", "my postcode is {}", "SW1A 1AA"),
    ("PHONE", "call {} after five", "656 621 2499 x204"),
    ("PLATE", "la matrícula es {} y ya", "axy 266"),
    ("PLATE", "placas {} del estado", "vw 705 yv"),
    ("WALLET", "mándalo a {}", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ("EMAIL", "mi correo es {}", "ana punto ruiz arroba hotmail punto com"),
    ("CREDENTIAL", "mi contraseña es {}", "Perro#2020"),
]
HARMLESS = [
    "el Versa 2020 cuesta $250,000 pesos a 48 meses con 11.5% de enganche",
    "tengo 123456 km recorridos",
    "book a table for 5 people at 7:30 pm on August 23rd",
    "torque de 45 Nm, 3500 rpm, 220 V y 4.7 kW",
    "I can offer 15000 or 16500 cash",
    "entre 2019-2023 subió 12.5%",
    "el modelo gpt-4o-mini y la herramienta search_inventory",
    "conv_1a2b3c4d5e6f7a8b9c0d1e2f",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "[PERSON_1] vive en [ADDRESS_2] y su correo es [EMAIL_1]",
    "tomar 500 mg cada 8 horas por 7 días",
    "the meeting is on March 5, 2025 at 10:30",
    "vivimos en Madrid desde 2019 y somos 3",
    "las placas de 2019 ya no sirven y la matrícula es de 3000 pesos",
    "send it to me by 5 and deliver to 3 stores",
    "the coins are in my wallet and the wallet is new",
    "see you @ home or @ 5pm, 3 @ 4.50 each",
    "1 + 1 = 2 and x = 3.14159",
    "My passcode is not being accepted",
    "15 of 15 planned steps are met and 3 of 4 checks",
    "off by 0.07). 15 of 15 planned steps",
    "it is 12 bedroom windows and 4 in house 1",
    "una solicitud de acceso se responde en 20 días hábiles",
    "La corriente marca 160 A, y lo normal va de 120 a 200",
    "me llama 300 veces al mes",
    "comprobante de domicilio, con tasa de 4.5%",
]


@pytest.mark.parametrize(("entity", "frame", "value"), FOUND, ids=lambda part: str(part)[:24])
def test_an_identifier_is_covered_whole_and_named(chain, entity, frame, value):
    text = frame.format(value)
    start = text.index(value)
    span = next(span for span in chain.find(text) if span.start <= start and span.end >= start + len(value))
    assert span.entity == entity
    assert 0 < span.score <= 1


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_that_identify_nobody_are_left_alone(chain, text):
    assert chain.find(text) == []


def test_a_failed_checksum_lowers_confidence_and_suppresses_nothing(chain):
    (right,) = chain.find("4111 1111 1111 1111")
    (wrong,) = chain.find("4111 1111 1111 1112")
    assert right.score > wrong.score
    assert (wrong.start, wrong.end) == (right.start, right.end)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_invented_identifier_is_found_whole(chain, language):
    chance = random.Random(11)
    missed = []
    for _ in range(20):
        for plant in invented(language, chance):
            covered = {i for span in chain.find(plant.text) for i in range(span.start, span.end)}
            if (
                plant.entity != "PERSON"
                and not plant.rest
                and not covered.issuperset(range(plant.start, plant.end))
            ):
                missed.append((plant.entity, plant.style))
    assert missed == []


def test_dates_are_masked_in_clinical_text_and_left_elsewhere(found):
    text = "Fecha de ingreso: 12/12/2016"
    assert found(text, domain="medical.consultation") == [("DATE", "12/12/2016")]
    assert found(text, domain="automotive.sales") == []


def test_no_place_is_listed_twice():
    listed = [folded(name) for name in cities._NAMES.split(";")]
    assert sorted(listed) == sorted(cities.CITIES)
