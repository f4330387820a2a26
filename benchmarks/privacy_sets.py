"""The labelled and the name-free texts of ``privacy.py``, but for those of ``fresh.py``. Knows no anonymizer."""

import importlib
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.privacy_tally import Document, Gold
from uncase_pipeline.anonymized.invented import invented
from uncase_pipeline.anonymized.training import corpora
from uncase_pipeline.anonymized.training.grammar import slipped
from uncase_pipeline.anonymized.training.people import reserved

SEED = 7
CHATS = 300

_DIRECT_CLINICAL = {
    "NOMBRE_SUJETO_ASISTENCIA": "PERSON",
    "NOMBRE_PERSONAL_SANITARIO": "PERSON",
    "ID_SUJETO_ASISTENCIA": "structured",
    "ID_TITULACION_PERSONAL_SANITARIO": "structured",
    "ID_ASEGURAMIENTO": "structured",
    "ID_CONTACTO_ASISTENCIAL": "structured",
    "CORREO_ELECTRONICO": "structured",
    "NUMERO_TELEFONO": "structured",
    "NUMERO_FAX": "structured",
    "CALLE": "structured",
}
_FRAMES = {
    "es": (
        "Buen día. Les habla {P}, compré hace un mes y sigo esperando",
        "qué tal, {P} de nuevo, ¿alguna novedad?",
        "la reservación debería aparecer como {P}",
        "el conductor adicional sería {P}, mayor de edad",
        "¿podrían avisarle a {P} que ya llegué?",
        "mi hermana {P} dejó los papeles ayer",
        "el doctor {P} me mandó estos estudios",
        "quien firmó fue {P}, tengo copia",
        "Encantada, {P}. Le confirmo su cita",
        "{P}",
        "sí, claro: {P}",
        "busco a {P}, trabaja con ustedes",
        "me recomendó {P} y quiero cotizar",
        "Saludos cordiales, {P}",
        "de parte de {P} les dejo el contrato",
    ),
    "en": (
        "Morning! {P} here, I bought it a month ago and I'm still waiting",
        "hey it's {P} again, any news?",
        "the reservation should be listed as {P}",
        "the additional driver would be {P}, over 25",
        "could you let {P} know that I arrived?",
        "my sister {P} dropped off the papers yesterday",
        "doctor {P} ordered these tests",
        "the one who signed was {P}, I have a copy",
        "Lovely to meet you, {P}. Your appointment is confirmed",
        "{P}",
        "yes of course: {P}",
        "I'm looking for {P}, they work with you",
        "{P} recommended you and I want a quote",
        "Kind regards, {P}",
        "on behalf of {P} I'm leaving the contract",
    ),
}
_PLAIN = {
    "es": (
        "¿Qué color prefiere?",
        "El blanco está bien, gracias",
        "¿Cuánto sería al mes?",
        "Depende del enganche, desde $4,500",
        "mañana paso por la tarde",
        "Perfecto, quedo pendiente",
    ),
    "en": (
        "Which color would you like?",
        "White is fine, thanks",
        "How much would it be per month?",
        "It depends on the down payment, from $350",
        "I'll stop by tomorrow afternoon",
        "Great, talk soon",
    ),
}


def chats(language: str, style: str) -> Iterator[Document]:
    """Yield chats of six turns: two people, two structured identifiers, the rest plain."""
    chance = random.Random(f"{SEED}{language}{style}")
    given, family = _reserved_names(language)
    for _ in range(CHATS):
        turns: Document = [_person_turn(language, style, given, family, chance) for _ in range(2)]
        plants = [
            plant for plant in invented(language, chance) if plant.entity != "PERSON" and not plant.rest
        ]
        turns += [(p.text, [(p.start, p.end, "structured")]) for p in chance.sample(plants, 2)]
        turns += [(text, []) for text in chance.sample(_PLAIN[language], 2)]
        chance.shuffle(turns)
        yield turns


def _person_turn(
    language: str, style: str, given: list[str], family: list[str], chance: random.Random
) -> tuple[str, Gold]:
    name = f"{chance.choice(given)} {chance.choice(family)}"
    if language == "es" and chance.random() < 0.4:
        name += f" {chance.choice(family)}"
    if chance.random() < 0.3:
        name = name.split()[0]
    frame = chance.choice(_FRAMES[language])
    start = frame.index("{P}")
    text, spans = frame.format(P=name), [(start, start + len(name), "PER")]
    if style == "lower":
        text = text.lower()
    if style == "typo":
        text, spans = slipped(text, spans, chance)
    return text, [(begin, end, f"PERSON {style}") for begin, end, _ in spans]


def _reserved_names(language: str) -> tuple[list[str], list[str]]:
    given: set[str] = set()
    family: set[str] = set()
    for locale in {"es": ("es_MX", "es_ES", "es_CO"), "en": ("en_US", "en_GB")}[language]:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        given |= {n for n in (*provider.first_names_female, *provider.first_names_male) if reserved(n)}
        family |= {n for n in provider.last_names if reserved(n)}
    return sorted(n for n in given if " " not in n), sorted(n for n in family if " " not in n)


def fakers(locale: str) -> Iterator[Document]:
    """Yield one-turn documents with the structured identifiers of a Faker locale."""
    from faker import Faker

    faker, chance = Faker(locale), random.Random(SEED)
    faker.seed_instance(SEED)
    random.seed(SEED)  # some of its providers draw from the module, not from the instance
    frames = {
        "es": ("anote {} por favor", "es {}, gracias", "{}"),
        "en": ("please note {} ok", "it's {}, thanks", "{}"),
    }[locale[:2]]
    kinds = (
        "phone_number",
        "cellphone_number",
        "email",
        "ssn",
        "curp",
        "rfc",
        "iban",
        "nif",
        "nie",
        "nuss",
        "rut",
        "credit_card_number",
        "ipv4",
        "ipv6",
        "mac_address",
        "vin",
        "street_address",
    )
    for kind in kinds:
        draw = getattr(faker, kind, None)
        for _ in range(40 if draw else 0):
            try:
                value = str(draw()).replace("\n", ", ")
            except AttributeError:
                break
            frame = chance.choice(frames)
            start = frame.index("{}")
            yield [
                (
                    frame.format(value),
                    [(start, start + len(value), "address" if kind == "street_address" else "structured")],
                )
            ]


def bookings(shared: Path, style: str) -> Iterator[Document]:
    """Yield held-out Restaurant8k turns that hold a name."""
    for text, spans in corpora.bookings(shared / "ner_training", test=True):
        if spans:
            yield [
                (text.lower() if style == "lower" else text, [(s, e, f"PERSON {style}") for s, e, _ in spans])
            ]


def clinical(shared: Path) -> Iterator[Document]:
    """Yield held-out MEDDOCAN documents; what is not a direct identifier counts for precision only."""
    for text, entities in corpora.clinical_documents(shared / "ner_training"):
        if corpora.held_out(text):
            yield [(text, [(s, e, _clinical_kind(kind, text[s:e])) for s, e, kind in entities])]


def _clinical_kind(label: str, text: str) -> str:
    """A description such as ``hijo único``, which the corpus labels as an id, points to nobody by itself."""
    if label == "ID_SUJETO_ASISTENCIA" and not any(character.isdigit() for character in text):
        return "quasi"
    return _DIRECT_CLINICAL.get(label, "quasi")


def chit_chat(shared: Path) -> Iterator[str]:
    """Yield what the Spanish ChatterBot corpus says of money and of the day; its trivia are full of names."""
    for name in ("conversations", "dinero", "greetings"):
        lines = (shared / "corpora/chatterbot_es" / f"{name}.yml").read_text(encoding="utf-8").splitlines()
        yield from (
            line.strip().lstrip("- ").strip("'\"") for line in lines if line.startswith(("- -", "  -"))
        )
