"""The source corpus as fingerprints: what its subjects wrote and others did not. Keeps no text.

Two things are held against a row only in a long run: n-grams that many subjects used, since a phrase of ten
people is no one's, and n-grams that several did, the control group (held out before seeding) among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.census import Shape
from uncase_pipeline.certified.codes import Coder
from uncase_pipeline.certified.fingerprints import Fingerprints, Hasher, Hashes, Known
from uncase_pipeline.certified.leakage import SourceTraces, Suspects
from uncase_pipeline.certified.near import NearIndex, Signer
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.style import Speakers
from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.storage.vault import Vault

Owners = npt.NDArray[np.uint32]

WORDS_KEY = "memorization"

COMMON_SUBJECTS = 10
"""As k in k-anonymity: an n-gram of that many subjects points at none of them."""
_SEVERAL_SHARE, _LEAST_SEVERAL = 0.1, 3
"""Share of the subjects that count as several where the control group is among them, and the least number."""


def subject_of(conversation: Conversation) -> str:
    """Return whose conversation it is; one without a subject is its own."""
    return conversation.subject_id or conversation.conversation_id


@dataclass(frozen=True, slots=True)
class Source:
    """What is kept of the source while rows are held against it; nothing of it is stored.

    Attributes:
        fingerprints: For memorization.
        near: Signatures of the conversations.
        suspects: What single subjects left behind, for the leakage tests.
        speakers: How subjects write, for the style test.
        shape: How long the conversations are and who speaks.
    """

    fingerprints: Fingerprints
    near: NearIndex
    suspects: Suspects
    speakers: Speakers
    shape: Shape

    @classmethod
    def read(cls, conversations: Iterable[Conversation], vault: Vault) -> Self:
        """Fingerprint the source conversations, raw and masked alike.

        Args:
            conversations: Streamed; each is read once and forgotten.
            vault: Its key makes the fingerprints, and decides who is held out.
        """
        coder = Coder(vault.derive(WORDS_KEY))
        hasher, signer, near = Hasher(coder), Signer(coder), NearIndex()
        control_key = vault.derive("control-group")
        corpus, traces, speakers, shape = _Corpus(), SourceTraces(coder), Speakers(), Shape()
        for conversation in conversations:
            row, subject = Reading(conversation), subject_of(conversation)
            codes, is_held_out = row.coded(coder), held_out(subject, control_key)
            grams = hasher.distinct(row.run_together(coder))
            corpus.add(subject, grams, held_out=is_held_out)
            traces.add(subject, row, held_out=is_held_out)
            speakers.add(subject, conversation)
            shape.add(conversation, int((codes != 0).sum()))
            signature = signer.sign(codes)
            if signature is not None:
                near.keep(signature)
        fingerprints = corpus.fingerprints(hasher)
        return cls(fingerprints, near, traces.suspects(), speakers, shape)


class _Corpus:
    """Collects the n-grams of subjects."""

    def __init__(self) -> None:
        self.conversations = 0
        self._grams: list[Hashes] = []
        self._owners: list[Owners] = []
        self._subjects: dict[str, int] = {}
        self._held_out: list[bool] = []

    def add(self, subject: str, grams: Hashes, *, held_out: bool) -> None:
        """Take the distinct n-grams of one conversation."""
        self.conversations += 1
        number = self._subjects.setdefault(subject, len(self._subjects))
        if number == len(self._held_out):
            self._held_out.append(held_out)
        self._grams.append(grams)
        self._owners.append(np.full(len(grams), number, np.uint32))

    def fingerprints(self, hasher: Hasher) -> Fingerprints:
        """Return the n-grams that point to few people, and beside them those that are anyone's."""
        held_out = np.array(self._held_out, np.bool_)
        grams, support, in_control = _supported(_joined(self._grams), _joined(self._owners), held_out)
        many = max(_LEAST_SEVERAL, _SEVERAL_SHARE * len(held_out))
        shared = (support >= many) & (in_control > 0) & (in_control < support)
        shared |= support >= COMMON_SUBJECTS
        return Fingerprints(hasher, Known(grams), self.conversations, shared)


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _supported(
    grams: Hashes, owners: Owners, held_out: npt.NDArray[np.bool_]
) -> tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the sorted distinct n-grams, how many subjects used each, and how many of them are held out."""
    order = np.lexsort((owners, grams))
    grams, owners = grams[order], owners[order]
    new_gram = np.ones(len(grams), np.bool_)
    new_gram[1:] = grams[1:] != grams[:-1]
    new_pair = new_gram.copy()
    new_pair[1:] |= owners[1:] != owners[:-1]
    starts = np.flatnonzero(new_gram)
    if not len(starts):
        return grams, np.empty(0, np.int64), np.empty(0, np.int64)
    support = np.add.reduceat(new_pair.astype(np.int64), starts)
    in_control = np.add.reduceat((new_pair & held_out[owners]).astype(np.int64), starts)
    return grams[starts], support, in_control
