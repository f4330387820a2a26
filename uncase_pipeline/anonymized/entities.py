"""The identifier types and how each is treated. Knows no detector.

Three views of one list: what the strict profile masks, what the balanced profile masks, and what the gate
that other layers use flags in text that must hold no identifier at all.
"""

from dataclasses import dataclass
from typing import Literal

Profile = Literal["strict", "balanced", "gate"]


@dataclass(frozen=True, slots=True)
class Entity:
    """One identifier type.

    Attributes:
        name: Label in findings and tokens.
        direct: Whether it points to one person by itself; a missed one is a leak.
        gate: Lowest score at which the gate flags it, above 1 for never.
        balanced: Lowest score at which the balanced profile masks it. Strict masks at any score.
    """

    name: str
    direct: bool = True
    gate: float = 0.5
    balanced: float = 0.4


NEVER = 2.0

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("PERSON", gate=0.8, balanced=0.5),
        Entity("EMAIL"),
        Entity("PHONE"),
        Entity("HANDLE"),
        Entity("URL", gate=0.6),
        Entity("ADDRESS"),
        Entity("POSTCODE", gate=0.6),
        Entity("BIRTH_DATE"),
        Entity("CREDIT_CARD"),
        Entity("IBAN"),
        Entity("BANK_ACCOUNT"),
        Entity("CLABE"),
        Entity("SSN"),
        Entity("NSS"),
        Entity("CURP"),
        Entity("RFC"),
        Entity("DNI"),
        Entity("NATIONAL_ID"),
        Entity("TAX_ID"),
        Entity("PASSPORT"),
        Entity("DRIVING_LICENCE"),
        Entity("MEDICAL_LICENCE"),
        Entity("MEDICAL_RECORD"),
        Entity("POLICY_NUMBER"),
        Entity("VIN"),
        Entity("PLATE"),
        Entity("IP"),
        Entity("MAC"),
        Entity("IMEI"),
        Entity("WALLET"),
        Entity("CREDENTIAL", gate=0.6),
        Entity("ID", gate=0.75, balanced=0.5),
        Entity("DATE", direct=False, gate=NEVER, balanced=NEVER),
        Entity("PLACE", direct=False, gate=NEVER, balanced=NEVER),
        Entity("ORGANIZATION", direct=False, gate=NEVER, balanced=NEVER),
        Entity("AGE", direct=False, gate=NEVER, balanced=NEVER),
    )
}


def wanted(entity: str, score: float, profile: Profile) -> bool:
    """Return whether a profile acts on a finding; an entity nobody declared is always acted on."""
    known = ENTITIES.get(entity)
    if profile == "strict" or known is None:
        return True
    return score >= (known.gate if profile == "gate" else known.balanced)
