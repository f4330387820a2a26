"""Which subjects are held out before seeding. Knows nothing of why: seeds obey it, certification uses it.

A keyed hash decides, so the group is random, stable between runs and can't be guessed without the key.
"""

import hmac
from collections.abc import Iterable

HELD_OUT_SHARE = 0.1


def held_out(subject_id: str, key: bytes, share: float = HELD_OUT_SHARE) -> bool:
    """Return whether this subject belongs to the control group.

    Args:
        subject_id: Pseudonymous id of the subject; for conversations without one, their own id.
        key: ``Vault.derive("control-group")``.
        share: Expected share of subjects held out.
    """
    return _place(subject_id, key) < share * 2**64


def held_out_of(subjects: Iterable[str], key: bytes, share: float = HELD_OUT_SHARE) -> set[str]:
    """Return who of a whole group is held out: as ``held_out`` says, but of two or more at least one, and never all.

    Where the key holds out nobody, the person nearest to its share is; who joins later changes little of that.
    """
    everybody = sorted(set(subjects), key=lambda subject: _place(subject, key))
    chosen = sum(held_out(subject, key, share) for subject in everybody)
    return set(everybody[: min(max(chosen, 1), len(everybody) - 1)])


def _place(subject_id: str, key: bytes) -> int:
    """Return where a subject stands between 0 and 2**64."""
    return int.from_bytes(hmac.digest(key, subject_id.encode(), "sha256")[:8], "big")
