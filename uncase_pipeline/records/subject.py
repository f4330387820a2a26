"""The pseudonymous id of a person, from whatever names them: a number, a mail, an account, a name."""

import re

from uncase_pipeline.records.ids import keyed_id

_PHONE = re.compile(r"^\+?[\d\s().\-\u00a0\u202f\u2011]{6,}$")
_MARKS = "\u202a\u202c\u2066\u2069\u202f\u00a0 ~"


def identity(name: str) -> str:
    """Return the comparable form of a name or number: the digits of a phone, else folded text."""
    bare = name.strip(_MARKS)
    return re.sub(r"\D", "", bare) if _PHONE.match(bare) else " ".join(bare.casefold().split())


def subject_id(name: str, key: bytes) -> str:
    """Return the keyed id of a person: the same for every spelling that ``identity`` folds.

    Args:
        name: Phone number, mail, account id or name.
        key: ``Vault.derive("subject-id")``; without it the id can't be recomputed.
    """
    return keyed_id("subj", key, identity(name))
