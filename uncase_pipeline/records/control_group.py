"""Which subjects are held out before seeding. Knows nothing of why: seeds obey it, certification uses it.

A keyed hash decides, so the group is random, stable between runs and can't be guessed without the key.
"""

import hmac

HELD_OUT_SHARE = 0.1


def held_out(subject_id: str, key: bytes, share: float = HELD_OUT_SHARE) -> bool:
    """Return whether this subject belongs to the control group.

    Args:
        subject_id: Pseudonymous id of the subject; for conversations without one, their own id.
        key: ``Vault.derive("control-group")``.
        share: Expected share of subjects held out.
    """
    digest = hmac.digest(key, subject_id.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") < share * 2**64
