"""Seeds of real dialogues: how many pass against their own seed, and how fast seeds are made.

``UNCASE_SHARED=… python -m benchmarks.seeds`` prints one line a corpus. Dialogues are masked first, as in the
pipeline; the reference implementation's best fidelity against its own seeds was 0.68, where it wanted 0.80.
"""

import os
import time
from collections import Counter
from pathlib import Path

from benchmarks.dialogues import CORPORA, dialogues
from uncase_pipeline.anonymized.anonymizer import Anonymized
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.domains import domain_of
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.reader import read
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.extract import seed_of

MEASURED = ("rouge_l", "fidelity", "diversity", "coherence", "tool_validity")


def failed(conversation: Conversation, seed: Seed) -> list[str]:
    """Return the metrics that a conversation does not pass against a seed."""
    reading, evidence = Reading(conversation), Evidence()
    found = {name: METRICS[name].measure(reading, seed, evidence) for name in MEASURED}
    return [
        name
        for name, measured in found.items()
        if measured.counts and (measured.value is None or measured.value < METRICS[name].threshold)
    ]


IMPORTED = {
    "abcd": "abcd/abcd_sample.json",
    "bridge": "bridge/validation_cut.json",
    "chatterbot_es": "chatterbot_es",
    "convfinqa": "convfinqa/convfinqa_dataset.json",
    "pacific": "pacific/validation_cut.json",
    "taskmaster3": "taskmaster3_reward/reward_00_cut.json",
    "taskmaster4": "taskmaster4/data_00_cut.json",
}
"""Corpora of no domain of ours, read as a user's files are. Nobody declares the tools that the last two call."""
_OPTIONS = ReadOptions(domain=domain_of("automotive.sales"), subject_key=b"k" * 32)


def imported(path: Path) -> list[Conversation]:
    """Return the conversations of a file, or of the files of a folder, each once."""
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    read_items = (item for file in files for item in read(file, _OPTIONS))
    found = {item.conversation_id: item for item in read_items if isinstance(item, Conversation)}
    return list(found.values())


def main() -> None:
    """Print the table."""
    shared = Path(os.environ["UNCASE_SHARED"])
    print(f"{'corpus':<16}{'dialogues':>10}{'pass':>7}{'steps':>7}{'facts':>7}{'seeds/s':>9}  failed")
    for corpus in CORPORA:
        print(_line(corpus, dialogues(shared, corpus)))
    for corpus, path in IMPORTED.items():
        print(_line(corpus, imported(shared / "corpora" / path)))


def _line(corpus: str, conversations: list[Conversation]) -> str:
    outcomes = anonymize_all(conversations, Task(processes=1))
    masked = [outcome.conversation for _, outcome in outcomes if isinstance(outcome, Anonymized)]
    started = time.process_time()
    seeds = [seed_of(conversation) for conversation in masked]
    seconds = time.process_time() - started
    made = [(talk, seed) for talk, seed in zip(masked, seeds, strict=True) if isinstance(seed, Seed)]
    broken = [failed(talk, seed) for talk, seed in made]
    reasons = Counter(reason for one in broken for reason in one)
    steps = sum(len(seed.steps) for _, seed in made) / len(made)
    facts = sum(len(seed.facts) for _, seed in made) / len(made)
    return (
        f"{corpus:<16}{len(masked):>10}{broken.count([]) / len(masked):>7.3f}{steps:>7.0f}{facts:>7.1f}"
        f"{len(masked) / seconds:>9.0f}  {dict(reasons) or ''}"
    )


if __name__ == "__main__":
    main()
