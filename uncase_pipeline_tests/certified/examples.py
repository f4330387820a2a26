"""One clean dialogue with its seed, and ways to grade it, for the tests of certification."""

from dataclasses import replace

from uncase_pipeline.certified.codes import Coder
from uncase_pipeline.certified.grading import Grader, Yardstick
from uncase_pipeline.certified.source import Source
from uncase_pipeline.dialogue.acts import detect_acts
from uncase_pipeline.records.conversation import Conversation, Message
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import NumberRange, Seed
from uncase_pipeline.storage.vault import Vault
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.certified.doubles import PatternScanner

VAULT = Vault(b"k" * 32)


def dialogue(price: int = 250_000, model: str = "sedán azul", **keys: str) -> Conversation:
    return conversation(
        f"u: Buenas tardes, quisiera saber cuánto cuesta el {model} que anuncian en su página.",
        f"a: Con gusto. El {model} cuesta {price} pesos e incluye garantía de 3 años y mantenimiento.",
        f"u: ¿Y aceptan mi camioneta usada a cuenta del {model}?",
        "a: Sí, la recibimos a cuenta después de una revisión mecánica sin costo en el taller.",
        "u: Me parece bien, quisiera agendar esa revisión para mi camioneta el próximo lunes.",
        "a: Queda confirmada la revisión del lunes por la mañana; traiga la factura, por favor.",
        "u: Muchas gracias por la atención.",
        "a: Gracias a usted, que tenga buena tarde.",
        **{"seed_id": "s1", **keys},
    )


def seed_of(row: Conversation, seed_id: str = "s1", **more: object) -> Seed:
    return Seed(
        seed_id=seed_id,
        domain=row.domain,
        language="es",
        objective="Vender un sedán y agendar la revisión de una camioneta",
        tone="formal",
        roles=["customer", "sales_advisor"],
        steps=[step.token for step in detect_acts(row)],
        facts={
            "precio": NumberRange(min=200_000, max=300_000, unidad="MXN"),
            "garantia": NumberRange(min=2, max=4, unidad="year"),
        },
        **more,
    )


def grade(
    row: Conversation, seed: Seed | None = None, source: Source | None = None, **more: object
) -> QualityReport:
    wanted = seed or seed_of(dialogue())
    yardstick = Yardstick(
        seeds={wanted.seed_id: wanted},
        coder=source.fingerprints.hasher.coder if source else Coder(b"k" * 32),
        open_scanner=PatternScanner,
        source=source.fingerprints if source else None,
        **more,
    )
    return Grader(yardstick).grade(row).report


def with_messages(row: Conversation, messages: list[Message]) -> Conversation:
    return replace(row, messages=messages)


def with_turn(row: Conversation, at: int, content: str) -> Conversation:
    messages = list(row.messages)
    messages[at] = replace(messages[at], content=content)
    return with_messages(row, messages)
