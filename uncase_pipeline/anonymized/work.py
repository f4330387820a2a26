"""Fans batches of conversations out over processes and brings them back in order. Knows no file.

A detector that fails on a conversation quarantines it; one that can't be loaded stops everything.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

import pyarrow as pa

from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer, Quarantined
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.detect import load_chain
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.scanner import ChainScanner
from uncase_pipeline.anonymized.surrogates import Surrogates
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import from_batches, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.vault import Vault

Outcome = tuple[Conversation, Anonymized | Quarantined]
_PIECE = 64
_WORTH_FANNING_OUT = 200
"""Fewer conversations than this are masked faster in one process than in several."""


@dataclass(frozen=True, slots=True)
class Task:
    """How conversations are to be masked.

    Attributes:
        processes: How many at once; 0 is one per core.
        recognizers: Presidio recognizers beside the house's detectors.
        profile: Which findings are masked.
        surrogate_key: Key of the stand-ins, None for the policy ``tokens``.
        released: Ids that a person released from quarantine.
    """

    processes: int = 0
    recognizers: tuple[str, ...] = ()
    profile: Profile = "strict"
    surrogate_key: bytes | None = None
    released: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, settings: Settings, vault: Callable[[], Vault], released: frozenset[str] = frozenset()
    ) -> "Task":
        """Return the task that the settings ask for; the vault is opened only where its key is needed."""
        key = vault().derive("surrogates") if settings.anonymize_policy == "surrogates" else None
        return cls(settings.processes, tuple(settings.recognizers), settings.anonymize_profile, key, released)


def anonymize_all(conversations: Iterable[Conversation], task: Task) -> Iterator[Outcome]:
    """Mask conversations in order, in this process or in several; memory does not grow with their number.

    Raises:
        UncaseError: Where a list or the model is missing: nothing is masked without it.
    """
    processes = task.processes or os.cpu_count() or 1
    conversations = iter(conversations)
    first = list(islice(conversations, _WORTH_FANNING_OUT))
    conversations = chain(first, conversations)
    if processes == 1 or len(first) < _WORTH_FANNING_OUT:
        for conversation in conversations:
            yield conversation, _one(conversation, task)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        for batch in to_batches(conversations, rows=_PIECE):
            waiting.append(pool.submit(_batch, batch, task))
            if len(waiting) > 2 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _batch(batch: pa.RecordBatch, task: Task) -> list[Outcome]:
    return [(conversation, _one(conversation, task)) for conversation in from_batches([batch])]


def _one(conversation: Conversation, task: Task) -> Anonymized | Quarantined:
    anonymizer = anonymizer_for(task)
    try:
        return anonymizer.anonymize(conversation, reviewed=conversation.conversation_id in task.released)
    except UncaseError:
        raise
    except Exception as error:
        return Quarantined(f"detector-failed-{type(error).__name__}", conversation.conversation_id)


@cache
def anonymizer_for(task: Task) -> Anonymizer:
    """Return the anonymizer of this process for a task, loaded once."""
    detectors = load_chain(task.recognizers)
    surrogates = Surrogates(task.surrogate_key) if task.surrogate_key else None
    auditor = Auditor(ChainScanner(detectors, "gate"))
    return Anonymizer(detectors, auditor, profile=task.profile, surrogates=surrogates)
