"""Certification's speed and memory: conversations per CPU-second (12 turns, 3.2 kB each), beside its peers.

``python -m benchmarks.certify_speed --rows 5000``; memory is the peak of a process that grades that many rows.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.dialogues import CORPORA, dialogues
from benchmarks.reference import longest_common_substring, reference_scores, sentences_of
from uncase_pipeline.anonymized.scanner import ChainScanner, build_scanner
from uncase_pipeline.certified.codes import Coder
from uncase_pipeline.certified.grading import Yardstick, grade_batches
from uncase_pipeline.certified.selection import Selection
from uncase_pipeline.certified.source import Source
from uncase_pipeline.records.arrow import to_batches
from uncase_pipeline.records.conversation import Conversation, Message
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.extract import seed_of
from uncase_pipeline.settings import settings
from uncase_pipeline.storage.vault import Vault

_TURNS, _CHARACTERS = 12, 3_200
_SEEDS = 50


def sentences(shared: Path) -> list[str]:
    """Return sentences of public dialogues."""
    found = []
    for name in CORPORA:
        for row in dialogues(shared, name, 60):
            for message in row.messages:
                if message.role in {"user", "assistant"}:
                    found += [f"{part.strip()}." for part in message.content.split(".") if len(part) > 15]
    return found


def rows(pool: list[str], count: int, seeds: list[Seed]) -> Iterator[Conversation]:
    """Make conversations of the wanted size, one at a time."""
    rng = random.Random(1)
    for number in range(count):
        messages = []
        for turn in range(_TURNS):
            text = rng.choice(pool)
            while len(text) < _CHARACTERS / _TURNS:
                text = f"{text} {rng.choice(pool)}"
            messages.append(
                Message("user" if turn % 2 == 0 else "assistant", text[: _CHARACTERS // _TURNS + 30])
            )
        seed = rng.choice(seeds).seed_id if seeds else None
        yield Conversation(f"conv_{number}", "automotive.sales", messages, "en", seed_id=seed)


def open_scanner() -> ChainScanner:
    """The full detector chain."""
    return build_scanner(settings())


def per_cpu_second(work: Callable[[Conversation], object], conversations: list[Conversation]) -> float:
    """Return how many conversations a CPU-second of one process does."""
    for conversation in conversations[:20]:
        work(conversation)
    start = time.process_time()
    for conversation in conversations[20:]:
        work(conversation)
    return (len(conversations) - 20) / (time.process_time() - start)


def graded_per_cpu_second(yardstick: Yardstick, conversations: list[Conversation]) -> float:
    """Return how many rows a CPU-second of one process grades, packed in batches as they are in use."""
    few, rest = list(to_batches(conversations[:20])), list(to_batches(conversations[20:]))
    deque(grade_batches(few, yardstick, 1), maxlen=0)
    start = time.process_time()
    deque(grade_batches(rest, yardstick, 1), maxlen=0)
    return (len(conversations) - 20) / (time.process_time() - start)


def peak_memory(pool: list[str], seeds: list[Seed], count: int) -> float:
    """Return the peak memory in MB of a fresh process that grades that many rows, all kept for near-duplicates."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as workers:
        return float(workers.apply(_graded_peak, (pool, seeds, count)))


def _graded_peak(pool: list[str], seeds: list[Seed], count: int) -> float:
    yardstick = Yardstick({seed.seed_id: seed for seed in seeds}, Coder(b"k" * 32))
    selection = Selection()
    for _, graded in selection.select(grade_batches(to_batches(rows(pool, count, seeds)), yardstick, 1)):
        for row in graded:
            if row.signature is not None and not row.report.passed:
                selection.kept.keep(row.signature)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def wall_seconds(pool: list[str], seeds: list[Seed], count: int, processes: int) -> float:
    """Return the seconds that several processes take."""
    yardstick = Yardstick({seed.seed_id: seed for seed in seeds}, Coder(b"k" * 32))
    batches = list(to_batches(rows(pool, count, seeds)))
    start = time.perf_counter()
    for _ in grade_batches(batches, yardstick, processes):
        pass
    return time.perf_counter() - start


def run(shared: Path, count: int, memory: list[int]) -> dict[str, Any]:
    """Measure everything."""
    from rouge_score.rouge_scorer import RougeScorer

    pool = sentences(shared)
    plans = [seed for row in islice(rows(pool, _SEEDS, []), _SEEDS) if isinstance(seed := seed_of(row), Seed)]
    sample = list(rows(pool[1::2], count, plans))
    by_id = {seed.seed_id: seed for seed in plans}
    source = Source.read(rows(pool[::2], 2_000, []), Vault(b"benchmark".ljust(32, b"0")))
    coder = source.fingerprints.hasher.coder
    metrics = Yardstick(by_id, coder, source=source.fingerprints)
    everything = Yardstick(by_id, coder, open_scanner, source.fingerprints)
    rouge = RougeScorer(["rougeL"])
    few = sample[: max(40, count // 20)]
    return {
        "characters": sum(len(m.content) for row in sample for m in row.messages) / len(sample),
        "all metrics but the detector chain": graded_per_cpu_second(metrics, sample),
        "with the detector chain": graded_per_cpu_second(everything, sample[: max(60, count // 4)]),
        "rouge-score alone (text against seed)": per_cpu_second(partial(_rouge, rouge, by_id), few),
        "reference formulas": per_cpu_second(lambda row: _reference(row, by_id), few[:30]),
        "memory_mb": {str(size): peak_memory(pool, plans, size) for size in memory},
        "wall_seconds_1_process": wall_seconds(pool, plans, count, 1),
        "wall_seconds_2_processes": wall_seconds(pool, plans, count, 2),
    }


def _rouge(scorer: Any, seeds: dict[str, Seed], row: Conversation) -> object:
    text = " ".join(message.content for message in row.messages)
    return scorer.score(sentences_of(seeds[str(row.seed_id)]), text)


def _reference(row: Conversation, seeds: dict[str, Seed]) -> object:
    seed = seeds[str(row.seed_id)]
    copies = [longest_common_substring(m.content.lower(), sentences_of(seed).lower()) for m in row.messages]
    return reference_scores(row, seed), copies


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--memory", type=int, nargs="*", default=[1_000, 5_000])
    options = parser.parse_args()
    print(json.dumps(run(Path(os.environ["UNCASE_SHARED"]), options.rows, options.memory), indent=1))


if __name__ == "__main__":
    main()
