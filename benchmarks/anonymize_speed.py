"""Speed of the strict chain, beside Presidio's AnalyzerEngine on the same texts in the same run.

Figures are megabytes of text per CPU-second of one core. For several processes the run says how many times as fast
as one they were by the clock, and what they can't share: the CPU time of the process that hands out the work, beside
that of masking alone. On a machine that others use too, only the second is a property of the program. ``--memory``
masks more and more text in one process and prints its peak.
"""

import argparse
import json
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.dialogues import CORPORA, dialogues
from uncase_pipeline.anonymized.detect import load_chain
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation

_DIALOGUES = 400
"""Per corpus: enough text that remembered words weigh as they do in use."""
_PRESIDIO_TEXTS = 400
_FANNED_OUT = 4.0
"""Megabytes that are masked in one process and in several."""
_MARKS = (5, 20, 100)
"""Megabytes after which the peak of memory is read."""


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


def copies(talks: list[Conversation], size: float) -> Iterator[Conversation]:
    """Repeat dialogues until they make so many megabytes, every turn of every copy a text not seen before."""
    done = 0.0
    for number in count(1):
        for talk in talks:
            if done >= size:
                return
            messages = [replace(m, content=f"{m.content} ({number:x})") for m in talk.messages]
            copy = replace(talk, conversation_id=f"{talk.conversation_id}-{number}", messages=messages)
            done += megabytes([copy])
            yield copy


def drained(outcomes: Iterable[object]) -> None:
    """Take everything and keep nothing."""
    deque(outcomes, maxlen=0)


def speeds(talks: list[Conversation]) -> dict[str, float]:
    """Return megabytes per CPU-second of each way to look at the same dialogues."""
    texts = [(message.content, talk.domain) for talk in talks for message in talk.messages]
    size, chain = megabytes(talks), load_chain()
    drained(anonymize_all(talks[:100], Task(processes=1)))
    results = {
        "megabytes": size,
        "detectors, one text at a time": size
        / cpu(lambda: [chain.find(text, domain=domain) for text, domain in texts]),
        "whole anonymizer with audit": size / cpu(lambda: drained(anonymize_all(talks, Task(processes=1)))),
    }
    engine, some = presidio(), texts[:: max(1, len(texts) // _PRESIDIO_TEXTS)]
    engine.analyze("warm up", language="en")
    some_size = sum(len(text.encode()) for text, _ in some) / 1e6
    results["Presidio, blank pipeline"] = some_size / cpu(
        lambda: [engine.analyze(text, language="en") for text, _ in some]
    )
    return results


def scaling(talks: list[Conversation], processes: list[int]) -> dict[str, float]:
    """Return, per number of processes, the clock and the CPU time of this process beside those of one alone."""
    results = {}
    clock, used = _timed(talks, 1) if processes else (0.0, 0.0)
    for number in processes:
        taken, handed_out = _timed(talks, number)
        results[f"{number} processes: times as fast as one"] = clock / taken
        if number > 1:
            results[f"{number} processes: CPU share that is not shared out"] = handed_out / used
    return results


def _timed(talks: list[Conversation], processes: int) -> tuple[float, float]:
    clock, used = time.perf_counter(), time.process_time()
    drained(anonymize_all(copies(talks, _FANNED_OUT), Task(processes=processes)))
    return time.perf_counter() - clock, time.process_time() - used


def memory(talks: list[Conversation]) -> dict[str, float]:
    """Return the peak of this process in MB after more and more text."""
    results, done, marks = {}, 0.0, list(_MARKS)
    for talk, _ in anonymize_all(copies(talks, _MARKS[-1]), Task(processes=1)):
        done += megabytes([talk])
        if marks and done >= marks[0] * 0.999:
            results[f"peak MB after {marks.pop(0)} MB of text"] = (
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            )
    return results


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--processes", type=int, nargs="*", default=[2])
    parser.add_argument("--memory", action="store_true", help="Only the memory, over 100 MB of text.")
    options = parser.parse_args()
    shared = os.environ.get("UNCASE_SHARED")
    if not shared:
        raise UncaseError(
            "no-corpora", "UNCASE_SHARED is not set.", "Point it at the folder with the corpora."
        )
    talks = [talk for corpus in CORPORA for talk in dialogues(Path(shared), corpus, _DIALOGUES)]
    measured = memory(talks) if options.memory else {**scaling(talks, options.processes), **speeds(talks)}
    results = {name: round(value, 3) for name, value in measured.items()}
    print(
        json.dumps(results, indent=1)
        if options.json
        else "\n".join(f"{k:<52}{v:>10}" for k, v in results.items())
    )


if __name__ == "__main__":
    main()
