"""A seed is good only if a faithful conversation can pass: real dialogues, masked, against their own seeds."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.dialogues import CORPORA, dialogues
from benchmarks.seeds import IMPORTED, imported
from uncase_pipeline.anonymized.anonymizer import Anonymized
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.extract import seed_of
from uncase_pipeline.seeds.rules import grams_of, seed_grams

MEASURED = ("rouge_l", "fidelity", "diversity", "coherence", "tool_validity")
PER_CORPUS = 30
WANTED = 0.9


@pytest.fixture(scope="module")
def masked(shared: Path) -> list[Conversation]:
    """Real dialogues of every domain that the strict profile masked."""
    found = []
    for corpus in CORPORA:
        outcomes = anonymize_all(dialogues(shared, corpus, PER_CORPUS), Task(processes=1))
        found += [outcome.conversation for _, outcome in outcomes if isinstance(outcome, Anonymized)]
    return found


def failures(conversation: Conversation, seed: Seed) -> list[str]:
    reading, evidence = Reading(conversation), Evidence()
    values = {name: METRICS[name].measure(reading, seed, evidence) for name in MEASURED}
    return [
        name
        for name, measured in values.items()
        if measured.counts and (measured.value is None or measured.value < METRICS[name].threshold)
    ]


def test_nine_in_ten_real_dialogues_pass_against_their_own_seed(masked: list[Conversation]) -> None:
    failed: Counter[str] = Counter()
    passed = 0
    for conversation in masked:
        seed = seed_of(conversation)
        broken = failures(conversation, seed) if isinstance(seed, Seed) else [seed.reason]
        passed += not broken
        failed.update(broken)
    assert len(masked) > 150
    assert passed / len(masked) >= WANTED, failed


@pytest.mark.parametrize("name", ["abcd", "taskmaster3", "taskmaster4"])
def test_logs_whose_tools_nobody_declares_pass_against_their_own_seeds(shared: Path, name: str) -> None:
    logs = imported(shared / "corpora" / IMPORTED[name])[-60:]
    outcomes = anonymize_all(logs, Task(processes=1))
    masked = [outcome.conversation for _, outcome in outcomes if isinstance(outcome, Anonymized)]
    seeds = [(one, seed) for one in masked if isinstance(seed := seed_of(one), Seed)]
    passed = sum(not failures(one, seed) for one, seed in seeds)
    assert len(masked) == len(logs)
    assert passed / len(masked) >= WANTED


def test_they_do_not_pass_against_the_seed_of_another_dialogue(masked: list[Conversation]) -> None:
    some = [(one, seed) for one in masked[:60] if isinstance(seed := seed_of(one), Seed)]
    others = [seed for _, seed in some[1:]] + [some[0][1]]
    passed = sum(not failures(one, other) for (one, _), other in zip(some, others, strict=True))
    assert passed / len(some) < 0.2


def test_no_seed_of_a_real_dialogue_holds_a_run_of_its_words(masked: list[Conversation]) -> None:
    for conversation in masked:
        seed = seed_of(conversation)
        said = set().union(*(grams_of(message.content) for message in conversation.messages))
        assert isinstance(seed, Seed)
        assert said.isdisjoint(seed_grams(seed))
