"""Every structured type, in three shapes or more, said in a chat, in lower case and without punctuation."""

import re

import pytest

TYPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "EMAIL": (
        ("Mi correo es {}, gracias.", "Escribe a {} por favor."),
        ("ana.lopez@correo.mx", "j_perez+casa@uni-sur.edu.ar", "luis punto vega arroba gmail punto com"),
    ),
    "PHONE": (
        ("Márcame al {}, por favor.", "You can call {} tomorrow."),
        (
            "55 1234 5678",
            "5512345678",
            "+52 33 1234 5678",
            "612 34 56 78",
            "612345678",
            "+34 612 345 678",
            "(212) 555-0143",
            "2125550143",
            "212-555-0143 ext. 12",
            "07911 123456",
            "07911123456",
            "020 7946 0018",
            "+54 9 11 2345-6789",
            "+57 310 123 4567",
            "3101234567",
            "+56 9 8765 4321",
            "987654321",
            "690.736.553",
            "+56 2 2017 2351",
        ),
    ),
    "SSN": (("My social is {}, ok?", "SSN {}."), ("123-45-6789", "123 45 6789", "123456789")),
    "CURP": (
        ("Mi CURP es {}.", "{}, esa es."),
        ("HEGG560427MVZRRL04", "GOMC 850712 HDFRRL 09", "hegg560427mvzrrl04"),
    ),
    "RFC": (
        ("Mi RFC es {}.", "Factura con {}, gracias."),
        ("GOMC850712AB3", "GOMC-850712-AB3", "ABC850712XY9", "GOMC 850712 AB3"),
    ),
    "CLABE": (
        ("La CLABE es {}.", "Deposite a {}, gracias."),
        ("032180000118359719", "032 180 00011835971 9", "032-180-00011835971-9"),
    ),
    "NSS": (("Mi NSS es {}.", "Seguro social: {}."), ("72 95 83 1234 5", "72958312345", "72-95-83-1234-5")),
    "DNI": (
        ("Mi DNI es {}.", "Con documento {}, gracias."),
        ("12345678Z", "12.345.678-Z", "X1234567L", "12345678 Z"),
    ),
    "NATIONAL_ID": (
        ("Mi cédula es {}.", "Con identificación {}, gracias."),
        ("529.982.247-25", "52998224725", "1.020.345.678", "12.345.678-5", "12345678-K"),
    ),
    "CREDIT_CARD": (
        ("La tarjeta es {}, visa.", "Paid with {}, thanks."),
        (
            "4222222222222",
            "378282246310005",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "6304 0000 0000 0000 000",
        ),
    ),
    "IBAN": (
        ("El IBAN es {}.", "Wire it to {}, please."),
        (
            "ES9121000418450200051332",
            "ES91 2100 0418 4502 0005 1332",
            "GB29 NWBK 6016 1331 9268 19",
            "ES 9121000418450200051332",
        ),
    ),
    "IP": (
        ("Entró desde {}, ayer.", "The login came from {}."),
        ("192.168.10.25", "2001:db8::ff00:42:8329", "fe80::1ff:fe23:4567:890a"),
    ),
    "MAC": (
        ("La MAC es {}.", "MAC address {}."),
        (
            "00:1A:2B:3C:4D:5E",
            "00-1A-2B-3C-4D-5E",
            "001a.2b3c.4d5e",
            "001A2B3C4D5E",
            "00 1A 2B 3C 4D 5E",
        ),
    ),
    "URL": (
        ("Mi perfil: {} y ya", "See {} for it"),
        (
            "https://facebook.com/ana.lopez.7",
            "www.sitio-ana.mx/yo",
            "linkedin.com/in/ana-lopez-77",
            "ana-lopez.blogspot.com",
            "dulcesdeana.com.mx",
        ),
    ),
    "HANDLE": (
        ("Sígueme en {} ahora", "I'm {} there"),
        ("@ana_l77", "@ana.lopez", "@analopez", "@ anacarbonell"),
    ),
    "USERNAME": (
        ("Mi user {}.", "I log in as {}.", "Username {}.", "Telegram: {}."),
        ("juanperez88", "lolita_mx", "kim.smith"),
    ),
    "PASSPORT": (
        ("Mi pasaporte es {}.", "Passport number {}."),
        ("AAB123456", "G12345678", "XDB123456", "123456789", "E 6870972"),
    ),
    "DRIVING_LICENCE": (
        ("Mi licencia de conducir es {}.", "Driver's license {}."),
        ("B1234567", "D123-4567-8901", "MORGA657054SM9IJ"),
    ),
    "MEDICAL_LICENCE": (
        ("Cédula profesional {}.", "Medical license {}."),
        ("1234567", "12345678", "ME-12345"),
    ),
    "BANK_ACCOUNT": (
        ("Mi cuenta es {}.", "Account {}."),
        ("1234567890", "0123-4567-89", "20-44-12 12345678"),
    ),
    "MEDICAL_RECORD": (("Expediente {}.", "MRN {}."), ("123456", "H-123456", "123456/21")),
    "POLICY_NUMBER": (
        ("Mi póliza es {}.", "Policy {}."),
        ("AX-99281", "GM123456789", "POL12-34567", "HBC 96303551"),
    ),
    "VIN": (
        ("El VIN es {}.", "Chassis {}."),
        ("1HGCM82633A004352", "WVWZZZ1JZ3W386752", "3N1AB7AP5KY123456"),
    ),
    "PLATE": (
        ("Mis placas son {}.", "License plate {}."),
        ("ABC-12-34", "1234 BCD", "ABC 123", "AB 123 CD", "AB12 CDE", "BE·YD·02", "MC-CV-73"),
    ),
    "BIRTH_DATE": (
        ("Nací el {}.", "Date of birth: {}."),
        (
            "12/03/1985",
            "1985-03-12",
            "12 de marzo de 1985",
            "March 12, 1985",
            "12 mar 1985",
            "marzo 12 de 1985",
        ),
    ),
    "ADDRESS": (
        ("Vivo en {}.", "Send it to {} please"),
        (
            "Calle Mayor 12, 3º B, 28013 Madrid",
            "Av. Insurgentes Sur 1602, Int. 4, Col. Del Valle, C.P. 03100",
            "Carrera 45 # 23-18 apto 501",
            "742 Evergreen Terrace, Springfield, IL 62704",
            "221B Baker Street, London NW1 6XE",
            "Av. Corrientes 2450 piso 6, Buenos Aires",
            "Calle Irán 134 Interior 886, San Anel los Bajos, JAL 80971",
            "Eje vial Norte Ocasio 056 Interior 564",
            "Urb. El Paraíso, Calle 3, Casa 15",
            "Mz 14 Lt 7, Col. Lomas de San Juan",
            "Rivadavia 4580, 2do B, CABA",
            "Paseo de Gracia 45, principal, Barcelona",
            "Calle 60 #491 x 57 y 59, Centro, Mérida",
            "Carrera 4 Bis J # 25-6 Este, 704888, Colosó, Sucre",
            "Los Copihues 3 Piso 7, Maullín, Región de Los Lagos",
            "Camino Castelli N° 9857, Neuquén 8300, Neuquén",
            "Ruta T-21, km 24, Región Metropolitana",
            "147 Davis Walk Apt. 077, Solisberg, MP 40752",
            "1020 Martin Luther King Jr Blvd, Durham, NC 27707",
            "Rose Cottage, Church Lane, Little Snoring NR21 0HZ",
            "2 The Crescent, Bath",
            "RR 2 Box 145, Fairfield, IA 52556",
        ),
    ),
    "CREDENTIAL": (
        ("Mi contraseña es {}.", "Password {}.", "La clave es {}."),
        ("Perro2024!", "qwerty-123", "hunter2"),
    ),
    "POSTCODE": (("Mi código postal es {}.", "Zip code {}."), ("06700", "SW1A 1AA", "90210-1234")),
    "WALLET": (
        ("Mi wallet es {}.", "Send it to {}."),
        (
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        ),
    ),
    "ID": (("El folio es {}.", "Reference {}."), ("778899", "AB-77889", "99-1234-77", "2:21-cv-77662")),
}
NAMED = {"USERNAME": "HANDLE"}
"""Types that are masked under another one's label."""
NO_LOWER = {"1BoatSLRHtKNngkdXEeobR76b53LETtpyT"}
"""Base58 without its capitals is another text."""
CASES = [
    (entity, frame, value)
    for entity, (frames, values) in TYPES.items()
    for frame in frames
    for value in values
]


def covered(chain, text, value):
    found = {i for span in chain.find(text) for i in range(span.start, span.end)}
    start = text.index(value)
    return all(i in found for i in range(start, start + len(value)) if text[i].isalnum())


@pytest.mark.parametrize(("entity", "frame", "value"), CASES, ids=[f"{e}-{v}"[:40] for e, _, v in CASES])
def test_every_type_is_covered_in_a_sentence_in_lower_case_and_without_punctuation(
    chain, entity, frame, value
):
    assert covered(chain, frame.format(value), value)
    bare = re.sub(r"[.,:;?!¿¡](?!\S)", "", frame)
    assert covered(chain, bare.format(value), value)
    if value not in NO_LOWER:
        assert covered(chain, frame.format(value).lower(), value.lower())
        assert covered(chain, bare.format(value).lower(), value.lower())


@pytest.mark.parametrize("entity", TYPES)
def test_every_type_has_three_shapes_and_a_name_in_the_list(entity):
    from uncase_pipeline.anonymized.entities import ENTITIES

    assert NAMED.get(entity, entity) in ENTITIES
    assert len(TYPES[entity][1]) >= 3
