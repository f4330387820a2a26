"""Compliance profiles: what a team asks of a certified set, as data. Configuration, and no legal advice.

Several may be chosen; of each value the strictest wins, and nothing here can loosen what always holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.finding import Scanner

NOTICE = "These profiles are configuration of this software and no legal advice."

RETENTION_NOTICE = "The retention is recorded here and not enforced: deleting in time is the owner's to do."

SAMPLES: dict[str, str] = {
    "names": "Me llamo Guadalupe Hernández Ríos y quisiera información.",
    "email": "Escríbame a guadalupe.hernandez84@gmail.com cuando pueda.",
    "phone": "Mi teléfono es 55 4821 9037, llámeme por la tarde.",
    "address": "Vivo en Avenida Insurgentes Sur 1457, colonia Roma.",
    "birth_date": "Su fecha de nacimiento es el 12 de abril de 1985.",
    "government_id": "Mi CURP es HERG850412MDFRSD08.",
    "tax_id": "Facture al RFC HERG850412AB1, por favor.",
    "bank_account": "Deposite a la CLABE 032180000118359719.",
    "card": "Cargue a la tarjeta 4539 1488 0343 6467.",
    "medical_record": "Patient MRN 84529173 was seen yesterday.",
    "social_security": "My social security number is 078-05-1120.",
    "vehicle": "El número de serie es 1HGCM82633A004352.",
    "device": "The device IMEI is 490154203237518.",
    "ip": "Entró desde 187.190.22.145 ayer.",
    "url": "Su perfil está en https://www.facebook.com/guadalupe.hernandez.84",
    "licence": "My driver license number is D1234562.",
}
"""One self-written text per identifier category: the positive control that the detector chain must find."""


@dataclass(frozen=True, slots=True)
class ComplianceProfile:
    """One profile.

    Attributes:
        title: Its full name.
        basis: What it follows.
        identifiers: Categories of ``SAMPLES`` that the detectors must be shown to find.
        thresholds: Stricter bounds per metric.
        checks: Tests of the whole set that must say PASS; INCONCLUSIVE is not enough.
        epsilon_cap: Largest epsilon that the adapter may be trained with, None for no cap of its own.
        retention_days: How long versions may be kept, None for no limit of its own.
        min_support: Least number of source subjects behind a seed.
    """

    title: str
    basis: str
    identifiers: frozenset[str]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    checks: frozenset[str] = frozenset()
    epsilon_cap: float | None = None
    retention_days: int | None = None
    min_support: int = 1


@dataclass(frozen=True, slots=True)
class Requirements:
    """What the chosen profiles ask together; the fields are those of a profile."""

    profiles: tuple[str, ...]
    identifiers: frozenset[str]
    thresholds: Mapping[str, float]
    checks: frozenset[str]
    epsilon_cap: float | None
    retention_days: int | None
    min_support: int

    def document(self) -> dict[str, Any]:
        """Return what a certificate says of them."""
        return {
            "profiles": [
                {"name": name, "title": PROFILES[name].title, "basis": PROFILES[name].basis}
                for name in self.profiles
            ],
            "identifiers": sorted(self.identifiers),
            "thresholds": dict(self.thresholds),
            "checks": sorted(self.checks),
            "epsilon_cap": self.epsilon_cap,
            "retention_days": self.retention_days,
            "retention_notice": RETENTION_NOTICE if self.retention_days is not None else None,
            "min_support": self.min_support,
            "notice": NOTICE,
        }


def strictest_of(names: Iterable[str], highest_wins: Iterable[str]) -> Requirements:
    """Unite profiles.

    Args:
        names: Of profiles; none is allowed.
        highest_wins: Metrics whose higher threshold is the stricter one.

    Raises:
        UncaseError: ``unknown-profile``.
    """
    chosen = tuple(dict.fromkeys(names))
    if unknown := [name for name in chosen if name not in PROFILES]:
        raise UncaseError(
            "unknown-profile",
            f"There is no compliance profile {unknown[0]!r}.",
            f"Use: {', '.join(PROFILES)}.",
        )
    profiles, higher = [PROFILES[name] for name in chosen], frozenset(highest_wins)
    thresholds: dict[str, float] = {}
    for profile in profiles:
        for name, bound in profile.thresholds.items():
            pick = max if name in higher else min
            thresholds[name] = pick(bound, thresholds.get(name, bound))
    return Requirements(
        chosen,
        frozenset().union(*(profile.identifiers for profile in profiles)),
        thresholds,
        frozenset().union(*(profile.checks for profile in profiles)),
        min((p.epsilon_cap for p in profiles if p.epsilon_cap is not None), default=None),
        min((p.retention_days for p in profiles if p.retention_days is not None), default=None),
        max((p.min_support for p in profiles), default=1),
    )


def controls(scanner: Scanner, identifiers: Iterable[str] = SAMPLES) -> dict[str, bool]:
    """Return for each category whether the scanner finds its planted sample."""
    return {name: bool(scanner.scan_text(SAMPLES[name])) for name in sorted(identifiers)}


_PERSONAL = frozenset(
    {
        "names",
        "email",
        "phone",
        "address",
        "birth_date",
        "government_id",
        "tax_id",
        "bank_account",
        "card",
        "ip",
        "url",
    }
)
_SAFE_HARBOR = frozenset(SAMPLES) - {"government_id", "tax_id"}

PROFILES: dict[str, ComplianceProfile] = {
    "HIPAA": ComplianceProfile(
        "HIPAA Safe Harbor",
        "45 CFR 164.514(b)(2): the identifiers of the individual are removed.",
        _SAFE_HARBOR,
        {"fidelity": 0.95},
        frozenset({"leakage_words"}),
        epsilon_cap=3.0,
        retention_days=2_190,
        min_support=2,
    ),
    "GDPR": ComplianceProfile(
        "General Data Protection Regulation",
        "Regulation (EU) 2016/679, articles 4(5), 5, 25 and 89; recital 26.",
        _PERSONAL,
        {"memorization": 0.005},
        epsilon_cap=8.0,
        retention_days=365,
        min_support=2,
    ),
    "SOX": ComplianceProfile(
        "Sarbanes-Oxley Act",
        "Sections 302, 404 and 802: records are traceable and kept.",
        frozenset({"names", "bank_account", "card", "tax_id", "social_security"}),
        {"fidelity": 0.95},
        retention_days=2_555,
    ),
    "LFPDPPP": ComplianceProfile(
        "Ley Federal de Protección de Datos Personales en Posesión de los Particulares",
        "México, DOF 2025: datos personales y sensibles, disociación.",
        _PERSONAL,
        {},
        epsilon_cap=8.0,
        retention_days=730,
        min_support=2,
    ),
    "EU_AI_ACT": ComplianceProfile(
        "EU Artificial Intelligence Act",
        "Regulation (EU) 2024/1689, articles 10 to 13: data governance, records, transparency.",
        _PERSONAL,
        {"coherence": 0.9},
        frozenset({"leakage_phrases"}),
    ),
}
