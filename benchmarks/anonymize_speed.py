"""Speed of the strict chain, beside Presidio's AnalyzerEngine on the same texts in the same run.

Figures are megabytes of text per CPU-second of one core, and per second of wall time over several processes.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.dialogues import CORPORA, dialogues
from uncase_pipeline.anonymized.detect import load_chain
from uncase_pipeline.anonymized.work import Task, anonymize_all, anonymizer_for
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation

_DIALOGUES = 400
"""Per corpus: enough text that remembered words weigh as they do in use."""
_PRESIDIO_TEXTS = 400


def megabytes(conversations: Iterable[Conversation]) -> float:
    """Return the size of all turns."""
    return sum(len(m.content.encode()) for c in conversations for m in c.messages) / 1e6


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def presidio() -> Any:
    """Return Presidio's engine with blank pipelines and its own recognizers."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    from uncase_pipeline.anonymized.recognizers import keep_off_the_network

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "en"}])
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None:
            """Nothing to load."""

    keep_off_the_network()
    return AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])


def measure(shared: Path, processes: list[int]) -> dict[str, float]:
    """Return megabytes per second of each way to look at the same dialogues."""
    talks = [talk for corpus in CORPORA for talk in dialogues(shared, corpus, _DIALOGUES)]
    texts = [(message.content, talk.domain) for talk in talks for message in talk.messages]
    size = megabytes(talks)
    chain, anonymizer = load_chain(), anonymizer_for(Task(processes=1))
    for talk in talks[:100]:
        anonymizer.anonymize(talk)
    results = {
        "megabytes": round(size, 3),
        "detectors, per CPU-second": size
        / cpu(lambda: [chain.find(text, domain=domain) for text, domain in texts]),
        "whole anonymizer with audit, per CPU-second": size
        / cpu(lambda: [anonymizer.anonymize(talk) for talk in talks]),
    }
    engine, some = presidio(), texts[:: max(1, len(texts) // _PRESIDIO_TEXTS)]
    engine.analyze("warm up", language="en")
    some_size = sum(len(text.encode()) for text, _ in some) / 1e6
    results["Presidio, blank pipeline, per CPU-second"] = some_size / cpu(
        lambda: [engine.analyze(text, language="en") for text, _ in some]
    )
    for count in processes:
        started = time.perf_counter()
        for _ in anonymize_all(talks, Task(processes=count)):
            pass
        results[f"{count} processes, per second"] = size / (time.perf_counter() - started)
    return {name: round(value, 3) for name, value in results.items()}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    shared = os.environ.get("UNCASE_SHARED")
    if not shared:
        raise UncaseError(
            "no-corpora", "UNCASE_SHARED is not set.", "Point it at the folder with the corpora."
        )
    results = measure(Path(shared), options.processes)
    print(
        json.dumps(results, indent=1)
        if options.json
        else "\n".join(f"{k:<46}{v:>10}" for k, v in results.items())
    )


if __name__ == "__main__":
    main()
