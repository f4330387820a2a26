"""The source corpus as fingerprints: what train subjects wrote and nobody else did. Keeps no text.

Two things are not held against a row: n-grams that the control group (held out before seeding) used too, and
n-grams that many subjects used, since a phrase of five people is no one's.
"""

from collections.abc import Iterable

import numpy as np

from uncase_pipeline.certified.fingerprints import Fingerprints, Hasher, Hashes, member
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.storage.vault import Vault

COMMON_SUBJECTS = 5
"""As k in k-anonymity: an n-gram of that many subjects points at none of them."""


def subject_of(conversation: Conversation) -> str:
    """Return whose conversation it is; one without a subject is its own."""
    return conversation.subject_id or conversation.conversation_id


def fingerprint_source(conversations: Iterable[Conversation], vault: Vault) -> Fingerprints:
    """Fingerprint the source conversations, raw and masked alike.

    Args:
        conversations: Streamed; each is read once and forgotten.
        vault: Its key makes the fingerprints, and decides who is held out.
    """
    hasher = Hasher(vault.derive("memorization"))
    control_key = vault.derive("control-group")
    train: list[Hashes] = []
    owners: list[np.ndarray[tuple[int], np.dtype[np.uint32]]] = []
    control: list[Hashes] = []
    subjects: dict[str, int] = {}
    count = 0
    for conversation in conversations:
        count += 1
        subject = subject_of(conversation)
        grams = hasher.distinct(Reading(conversation).stream)
        if held_out(subject, control_key):
            control.append(grams)
        else:
            train.append(grams)
            owners.append(np.full(len(grams), subjects.setdefault(subject, len(subjects)), np.uint32))
    known = _uncommon(_joined(train), _joined(owners))
    public = np.unique(_joined(control))
    return Fingerprints(hasher, known[~member(known, public)], count)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _uncommon(grams: Hashes, owners: np.ndarray) -> Hashes:
    """Return the sorted distinct n-grams of fewer than ``COMMON_SUBJECTS`` subjects."""
    order = np.lexsort((owners, grams))
    grams, owners = grams[order], owners[order]
    new_gram = np.ones(len(grams), np.bool_)
    new_gram[1:] = grams[1:] != grams[:-1]
    new_pair = new_gram.copy()
    new_pair[1:] |= owners[1:] != owners[:-1]
    starts = np.flatnonzero(new_gram)
    support = np.add.reduceat(new_pair.astype(np.int64), starts) if len(starts) else np.empty(0, np.int64)
    uncommon: Hashes = grams[starts][support < COMMON_SUBJECTS]
    return uncommon
