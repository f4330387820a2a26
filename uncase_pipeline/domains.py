"""The six domains and the speaker labels of each. Knows nothing of Dagster, files or models."""

from dataclasses import dataclass

from uncase_pipeline.errors import UncaseError


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of the SCSF.

    Attributes:
        key: Partition key, ``area.situation``.
        user: Label of the person who asks, for the role ``user``.
        assistant: Label of the professional who answers, for the role ``assistant``.
        regulations: Compliance profiles that a team in this domain usually names.
    """

    key: str
    user: str
    assistant: str
    regulations: tuple[str, ...]


DOMAINS: dict[str, Domain] = {
    domain.key: domain
    for domain in (
        Domain("automotive.sales", "customer", "sales_advisor", ("GDPR", "LFPDPPP")),
        Domain("medical.consultation", "patient", "clinician", ("HIPAA", "GDPR", "LFPDPPP")),
        Domain("legal.advisory", "client", "legal_advisor", ("GDPR", "LFPDPPP")),
        Domain("finance.advisory", "client", "financial_advisor", ("SOX", "GDPR", "LFPDPPP")),
        Domain("industrial.support", "operator", "support_engineer", ("GDPR",)),
        Domain("education.tutoring", "student", "tutor", ("GDPR", "LFPDPPP")),
    )
}


def domain_of(key: str) -> Domain:
    """Return the domain with this key.

    Raises:
        UncaseError: ``unknown-domain``, naming the six that exist.
    """
    try:
        return DOMAINS[key]
    except KeyError:
        raise UncaseError(
            "unknown-domain", f"There is no domain {key!r}.", f"Use one of: {', '.join(DOMAINS)}."
        ) from None
