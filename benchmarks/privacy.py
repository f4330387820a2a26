"""Recall and precision of the anonymizer on texts it was not trained on: ``make bench-privacy``.

An identifier counts as found only if every letter and digit of it is covered. Sets: chats grown from frames and
names that training never sees, held-out Restaurant8k turns, held-out MEDDOCAN documents, structured identifiers
of Faker and of our own shapes, real customer turns without a name, and the two halves of ``fresh.py``: one that
was looked at while the detectors were tuned, and one of which nobody has seen more than these figures.
"""

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import fresh
from uncase_pipeline.anonymized.anonymizer import Quarantined
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.invented import invented
from uncase_pipeline.anonymized.meter import Recall
from uncase_pipeline.anonymized.training import corpora
from uncase_pipeline.anonymized.training.grammar import slipped
from uncase_pipeline.anonymized.training.people import reserved
from uncase_pipeline.anonymized.work import Task, anonymizer_for
from uncase_pipeline.records.conversation import Conversation, Message

SEED = 7
CHATS = FRESH = 300
LANGUAGES = ("es", "en")
Gold = list[tuple[int, int, str]]
Document = list[tuple[str, Gold]]
"""The turns of one conversation, each with its identifiers."""

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


@dataclass(slots=True)
class Tally:
    """Counts of one set."""

    found: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    leaking: int = 0
    quarantined: int = 0
    masked: int = 0
    rightly: int = 0
    misses: list[tuple[str, str]] = field(default_factory=list)

    def count(
        self, text: str, gold: Gold, covered: set[int], wide: Callable[[str], bool] | None = None
    ) -> bool:
        """Compare one turn with what is known to be in it, and return whether it leaks."""
        known = {i for start, end, _ in gold for i in range(start, end)}
        self.masked += len(covered)
        self.rightly += len(covered & known)
        leaks = False
        for start, end, kind in gold:
            if wide is not None and not wide(kind):
                continue
            whole = all(i in covered for i in range(start, end) if text[i].isalnum())
            self.asked[kind] += 1
            self.found[kind] += whole
            if not whole:
                leaks = True
                self.misses.append((kind, text[max(0, start - 40) : end + 20]))
        return leaks

    def row(self) -> dict[str, object]:
        """Return the figures; an interval for every recall."""
        asked, found = Counter[str](), Counter[str]()
        for kind, number in self.asked.items():
            asked[_group(kind)] += number
            found[_group(kind)] += self.found[kind]
        clean = Recall("", "", self.documents - self.leaking, max(1, self.documents)).interval
        return {
            **{kind: _figure(Recall(kind, "", found[kind], n)) for kind, n in sorted(asked.items())},
            "types_missed": {
                kind: round(self.found[kind] / n, 3)
                for kind, n in sorted(self.asked.items())
                if self.found[kind] < n and kind.isupper()
            },
            "documents": self.documents,
            "documents_with_a_miss": round(self.leaking / max(1, self.documents), 4),
            "documents_with_a_miss_95": [round(1 - clean[1], 4), round(1 - clean[0], 4)],
            "character_precision": round(self.rightly / max(1, self.masked), 4),
            "quarantined": self.quarantined,
        }


def _figure(recall: Recall) -> dict[str, float]:
    return {
        "recall": round(recall.share, 4),
        "n": recall.planted,
        "low": round(recall.interval[0], 4),
    }


def _group(kind: str) -> str:
    """Entity types other than people are told as one."""
    return "structured" if kind.isupper() and kind != "PERSON" else kind


def score(
    documents: Iterable[Document], domain: str, language: str, *, wide: Callable[[str], bool] | None = None
) -> Tally:
    """Mask every document and compare with what is known to be in it.

    Args:
        documents: Turns with their identifiers; a label is the kind under which it is counted.
        domain: Domain to read them as.
        language: Declared language.
        wide: Which labels are asked for; all of them count as rightly masked.
    """
    return scored(((domain, document) for document in documents), language, wide=wide)


def scored(
    documents: Iterable[tuple[str, Document]],
    language: str,
    *,
    wide: Callable[[str], bool] | None = None,
    profile: Profile = "strict",
) -> Tally:
    """Do what ``score`` does for documents of several domains."""
    anonymizer = anonymizer_for(Task(processes=1, profile=profile))
    tally = Tally()
    for number, (domain, document) in enumerate(documents):
        messages = [
            Message("user" if n % 2 == 0 else "assistant", text) for n, (text, _) in enumerate(document)
        ]
        outcome = anonymizer.anonymize(Conversation(f"b{number}", domain, messages, language))
        tally.documents += 1
        tally.quarantined += isinstance(outcome, Quarantined)
        leaks = False
        for index, (text, gold) in enumerate(document):
            spans = outcome.spans.get(f"messages[{index}].content", ())
            covered = {i for span in spans for i in range(span.start, span.end)}
            leaks |= tally.count(text, gold, covered, wide)
        tally.leaking += leaks
    return tally


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
    import importlib

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


def touched(texts: Iterable[str], profile: Profile = "strict", *, language: str = "en") -> dict[str, object]:
    """Return the share of name-free turns in which something is masked."""
    anonymizer = anonymizer_for(Task(processes=1, profile=profile))
    number = hits = 0
    for text in texts:
        outcome = anonymizer.anonymize(
            Conversation("n", "finance.advisory", [Message("user", text)], language)
        )
        number += 1
        hits += bool(outcome.spans)
    return {"turns": number, "touched": round(hits / max(1, number), 4)}


def _chit_chat(shared: Path) -> Iterator[str]:
    """Yield what the Spanish ChatterBot corpus says of money and of the day; its trivia are full of names."""
    for name in ("conversations", "dinero", "greetings"):
        lines = (shared / "corpora/chatterbot_es" / f"{name}.yml").read_text(encoding="utf-8").splitlines()
        yield from (
            line.strip().lstrip("- ").strip("'\"") for line in lines if line.startswith(("- -", "  -"))
        )


def main() -> None:
    """Print the table, or a JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--misses", action="store_true", help="show what was missed (the sets are public or invented)"
    )
    options = parser.parse_args()
    results: dict[str, dict[str, object]] = {}
    for name, tally in _sets(os.environ.get("UNCASE_SHARED")):
        results[name] = tally.row()
        if options.misses:
            for kind, text in tally.misses[:20]:
                print(f"    {name} {kind}: {text!r}")
    if shared := os.environ.get("UNCASE_SHARED"):
        root = Path(shared)
        free = [t for t, spans in corpora.bookings(root / "ner_training", test=True) if not spans]
        bank = [t for t, _ in corpora.banking(root / "corpora/banking77/train_cut.csv", test=True)]
        results["name-free turns: restaurant8k"] = touched(free)
        results["name-free turns: banking77"] = touched(bank)
        results["name-free turns: spanish chit-chat"] = touched(_chit_chat(root), language="es")
        results["balanced: name-free turns: restaurant8k"] = touched(free, "balanced")
    if options.json:
        print(json.dumps(results, indent=1))
        return
    for name, row in results.items():
        cells = ", ".join(f"{key.replace('_', ' ')} {_cell(value)}" for key, value in row.items())
        print(f"{name}: {cells}")


def _cell(value: object) -> str:
    if isinstance(value, dict) and "recall" in value:
        return f"{value['recall']:.4f} ({value['n']})"
    if isinstance(value, dict):
        return " ".join(f"{kind} {share}" for kind, share in value.items()) or "none"
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)


def _sets(shared: str | None) -> Iterator[tuple[str, Tally]]:
    for language in LANGUAGES:
        for style in ("cased", "lower", "typo"):
            yield f"chat {language} {style}", score(chats(language, style), "automotive.sales", language)
    for half, name in ((fresh.TUNED, "tuned"), (fresh.FAIR, "fair")):
        for language in LANGUAGES:
            for register in fresh.REGISTERS:
                yield f"fresh {name} {language} {register}", _fresh(half, language, register)
    for locale in ("es_MX", "es_ES", "es_CO", "en_US", "en_GB"):
        yield f"faker {locale}", score(fakers(locale), "automotive.sales", locale[:2])
    if shared:
        for style in ("cased", "lower"):
            yield f"restaurant8k {style}", score(bookings(Path(shared), style), "finance.advisory", "en")
        yield (
            "clinical meddocan",
            score(clinical(Path(shared)), "medical.consultation", "es", wide=_is_direct),
        )
    for language in LANGUAGES:
        for register in ("cased", "lower"):
            name = f"balanced: fresh fair {language} {register}"
            yield name, _fresh(fresh.FAIR, language, register, profile="balanced")


def _fresh(half: int, language: str, register: str, profile: Profile = "strict") -> Tally:
    talks = fresh.conversations(half, language, register, FRESH)
    tally = scored(talks, language, wide=_is_direct, profile=profile)
    if half == fresh.FAIR:
        tally.misses.clear()
    return tally


def _is_direct(kind: str) -> bool:
    return kind != "quasi"


if __name__ == "__main__":
    main()
