"""What the embedded simulator earns: certified share, variety and speed over the curated library.

``python -m benchmarks.simulator [DOMAIN ...] [--count N]`` prints one line per domain. Conversations are
judged by the metrics that certify, with the full detector chain; there is no source corpus here, so
memorization is left out.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from uncase_pipeline.anonymized.scanner import build_scanner
from uncase_pipeline.certified.evaluate import evaluate
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.tokens import words
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.gateway.offline import OfflineCall
from uncase_pipeline.gateway.request import Outcome, Reply, Request
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.generate import make_one
from uncase_pipeline.synthetic.job import Job
from uncase_pipeline.synthetic.simulator.answer import answer

SIMILAR = 0.8
_SHINGLE = 3


class Direct:
    """A door behind which only the simulator stands, so that its own cost is measured."""

    async def complete(self, request: Request) -> Outcome:
        """Answer one request."""
        call = OfflineCall("simulator", request.messages, request.tools or [], hints=request.hints)
        reply = answer(call)
        return Reply(reply.text, reply.tool_calls, reply.finish_reason, model="offline/simulator")


@dataclass
class Findings:
    """What was counted over one domain."""

    made: int = 0
    passed: int = 0
    near: int = 0
    words: int = 0
    bigrams: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0


def conversations(seeds: Iterable[Seed], per_seed: int) -> Iterator[tuple[Seed, Conversation]]:
    """Make conversations of seeds, one after the other."""
    settings, door = Settings(), Direct()
    for sample in range(per_seed):
        for seed in seeds:
            made = asyncio.run(make_one(Job(seed, sample, settings.seed), door, settings))
            if isinstance(made.outcome, Conversation):
                yield seed, made.outcome


def spoken(conversation: Conversation) -> list[str]:
    """Return the words that people say; answers of tools are not said."""
    return [word for turn in conversation.messages if turn.role != "tool" for word in words(turn.content)]


def near_duplicates(texts: Iterable[list[str]]) -> int:
    """Count texts whose three-word shingles are at least 0.8 Jaccard-similar to an earlier text."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=SIMILAR, num_perm=128)
    near = 0
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(text[at : at + _SHINGLE]).encode() for at in range(len(text) - 2)])
        near += bool(index.query(sketch))
        index.insert(str(number), sketch)
    return near


def examine(domain: str, count: int) -> Findings:
    """Make ``count`` conversations of a domain and judge them."""
    seeds = curated(domain)
    evidence = Evidence(scanner=build_scanner(Settings()))
    found = Findings()
    begun = time.process_time()
    made = list(islice(conversations(seeds, -(-count // len(seeds))), count))
    found.cpu = time.process_time() - begun
    for seed, conversation in made:
        report = evaluate(Reading(conversation), seed, evidence)
        found.passed += report.passed
        found.reasons.update(report.reasons)
    texts = [spoken(conversation) for _, conversation in made]
    for text in texts:
        found.bigrams.update(pairwise(text))
    found.made, found.words = len(made), sum(map(len, texts))
    found.near = near_duplicates(texts)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domains", nargs="*", default=list(DOMAINS))
    parser.add_argument("--count", type=int, default=1_000)
    options = parser.parse_args()
    print(
        f"{'domain':22} {'rows':>5} {'passed':>7} {'near':>6} {'distinct-2':>10} {'words':>6} {'rows/CPUs':>9}"
    )
    for domain in options.domains:
        found = examine(domain, options.count)
        rows = found.made or 1
        print(
            f"{domain:22} {found.made:5} {found.passed / rows:7.1%} {found.near / rows:6.2%} "
            f"{len(found.bigrams) / max(1, found.bigrams.total()):10.3f} {found.words / rows:6.0f} "
            f"{rows / found.cpu:9.0f}   {dict(found.reasons.most_common(6))}"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
