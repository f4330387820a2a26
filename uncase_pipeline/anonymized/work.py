"""Fans batches of conversations out over processes and brings them back in order. Knows no file.

A detector that fails on a conversation quarantines it; one that can't be loaded stops everything.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import TypeVar

from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer, Draft, Quarantined
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.detect import load_chain
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.scanner import ChainScanner
from uncase_pipeline.anonymized.surrogates import Surrogates
from uncase_pipeline.collector import collect_seldom, collecting_seldom
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.vault import Vault

Result = TypeVar("Result")
Masked = Anonymized | Quarantined
Outcome = tuple[Conversation, Masked]
_PIECE = 64
_HEAVY = 200_000
"""No more conversations than this, and no more characters, are worked on together."""
_WORTH_FANNING_OUT = 2_000_000
"""Fewer characters than this are masked faster in one process than others take to start."""


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
        UncaseError: Where a list or the model is missing, or a worker process died: nothing is masked without.
    """
    processes = min(task.processes or _cores(), _cores())
    conversations = iter(conversations)
    first = _head(conversations)
    conversations = chain(first, conversations)
    alone = processes == 1 or sum(map(_weight, first)) < _WORTH_FANNING_OUT
    if alone:
        anonymizer_for(task)
    with collecting_seldom():
        if alone:
            for piece in _pieces(conversations):
                yield from zip(piece, _many(piece, task), strict=True)
        else:
            yield from _fanned_out(conversations, task, processes)


def _head(conversations: Iterator[Conversation]) -> list[Conversation]:
    """Take conversations until it is known whether several processes are worth their start."""
    head: list[Conversation] = []
    weight = 0
    for conversation in conversations:
        head.append(conversation)
        weight += _weight(conversation)
        if weight >= _WORTH_FANNING_OUT:
            break
    return head


def _pieces(conversations: Iterable[Conversation]) -> Iterator[list[Conversation]]:
    """Yield conversations that are worked on together: so many, or so much text."""
    piece: list[Conversation] = []
    weight = 0
    for conversation in conversations:
        piece.append(conversation)
        weight += _weight(conversation)
        if len(piece) == _PIECE or weight >= _HEAVY:
            yield piece
            piece, weight = [], 0
    if piece:
        yield piece


def _weight(conversation: Conversation) -> int:
    return sum(len(message.content) for message in conversation.messages)


def _cores() -> int:
    """Return how many cores this process may use: more processes than that only wait for each other."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fanned_out(conversations: Iterable[Conversation], task: Task, processes: int) -> Iterator[Outcome]:
    context = multiprocessing.get_context("forkserver")
    try:
        with ProcessPoolExecutor(processes, context, _start, (task,)) as pool:
            waiting: deque[tuple[list[Conversation], Future[list[Masked]]]] = deque()
            for piece in _pieces(conversations):
                waiting.append((piece, pool.submit(_many, piece, task)))
                if len(waiting) > 2 * processes:
                    yield from _done(*waiting.popleft())
            while waiting:
                yield from _done(*waiting.popleft())
    except BrokenProcessPool:
        raise UncaseError(
            "worker-died",
            "A process that masks conversations died, and what it had read is not masked.",
            "Give it more memory, or set UNCASE_PROCESSES to fewer processes, and run again.",
        ) from None


def _done(piece: list[Conversation], masked: Future[list[Masked]]) -> Iterator[Outcome]:
    return zip(piece, masked.result(), strict=True)


def _start(task: Task) -> None:
    """Make a worker ready: what is missing is told with the first piece, as an error and not as a death."""
    with suppress(UncaseError):
        anonymizer_for(task)
    collect_seldom()


def _many(piece: list[Conversation], task: Task) -> list[Masked]:
    """Mask conversations, each step with all of them before the next: the detectors then read many texts at once."""
    anonymizer = anonymizer_for(task)
    drafts: list[Draft | Quarantined] = []
    for talk in piece:
        read = partial(anonymizer.read, talk, reviewed=talk.conversation_id in task.released)
        drafts.append(_tried(read, talk))
    return _stepped(anonymizer.audited, _stepped(anonymizer.masked, drafts, anonymizer), anonymizer)


def _stepped(
    step: Callable[[Draft], Result], drafts: list[Draft | Quarantined], anonymizer: Anonymizer
) -> list[Result | Quarantined]:
    with suppress(Exception):  # what fails here fails again below, where it costs its own conversation
        anonymizer.look_ahead(draft for draft in drafts if isinstance(draft, Draft))
    return [
        _tried(partial(step, draft), draft.conversation) if isinstance(draft, Draft) else draft
        for draft in drafts
    ]


def _tried(step: Callable[[], Result], conversation: Conversation) -> Result | Quarantined:
    try:
        return step()
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
