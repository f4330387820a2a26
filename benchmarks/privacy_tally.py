"""Counts what a run of the anonymizer covered of what is known to be in a set. Knows no set.

An identifier counts as found only if every letter and digit of it is covered.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from uncase_pipeline.anonymized.anonymizer import Quarantined
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.meter import Recall
from uncase_pipeline.anonymized.work import Task, anonymizer_for
from uncase_pipeline.records.conversation import Conversation, Message

Gold = list[tuple[int, int, str]]
Document = list[tuple[str, Gold]]
"""The turns of one conversation, each with its identifiers."""


@dataclass(slots=True)
class Tally:
    """Counts of one set."""

    found: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    leaking: int = 0
    quarantined: int = 0
    masked: int = 0
    rightly: int = 0
    misses: list[tuple[str, str]] = field(default_factory=list)

    def count(
        self, text: str, gold: Gold, covered: set[int], wide: Callable[[str], bool] | None = None
    ) -> bool:
        """Compare one turn with what is known to be in it, and return whether it leaks."""
        known = {i for start, end, _ in gold for i in range(start, end)}
        self.masked += len(covered)
        self.rightly += len(covered & known)
        leaks = False
        for start, end, kind in gold:
            if wide is not None and not wide(kind):
                continue
            whole = all(i in covered for i in range(start, end) if text[i].isalnum())
            self.asked[kind] += 1
            self.found[kind] += whole
            if not whole:
                leaks = True
                self.misses.append((kind, text[max(0, start - 40) : end + 20]))
        return leaks

    def row(self) -> dict[str, object]:
        """Return the figures; an interval for every recall."""
        asked, found = Counter[str](), Counter[str]()
        for kind, number in self.asked.items():
            asked[_group(kind)] += number
            found[_group(kind)] += self.found[kind]
        clean = Recall("", "", self.documents - self.leaking, max(1, self.documents)).interval
        return {
            **{kind: _figure(Recall(kind, "", found[kind], n)) for kind, n in sorted(asked.items())},
            "types_missed": {
                kind: round(self.found[kind] / n, 3)
                for kind, n in sorted(self.asked.items())
                if self.found[kind] < n and kind.isupper()
            },
            "documents": self.documents,
            "documents_with_a_miss": round(self.leaking / max(1, self.documents), 4),
            "documents_with_a_miss_95": [round(1 - clean[1], 4), round(1 - clean[0], 4)],
            "character_precision": round(self.rightly / max(1, self.masked), 4),
            "quarantined": self.quarantined,
        }


def _figure(recall: Recall) -> dict[str, float]:
    return {
        "recall": round(recall.share, 4),
        "n": recall.planted,
        "low": round(recall.interval[0], 4),
    }


def _group(kind: str) -> str:
    """Entity types other than people are told as one."""
    return "structured" if kind.isupper() and kind != "PERSON" else kind


def score(
    documents: Iterable[Document], domain: str, language: str, *, wide: Callable[[str], bool] | None = None
) -> Tally:
    """Mask every document and compare with what is known to be in it.

    Args:
        documents: Turns with their identifiers; a label is the kind under which it is counted.
        domain: Domain to read them as.
        language: Declared language.
        wide: Which labels are asked for; all of them count as rightly masked.
    """
    return scored(((domain, document) for document in documents), language, wide=wide)


def scored(
    documents: Iterable[tuple[str, Document]],
    language: str,
    *,
    wide: Callable[[str], bool] | None = None,
    profile: Profile = "strict",
) -> Tally:
    """Do what ``score`` does for documents of several domains."""
    anonymizer = anonymizer_for(Task(processes=1, profile=profile))
    tally = Tally()
    for number, (domain, document) in enumerate(documents):
        messages = [
            Message("user" if n % 2 == 0 else "assistant", text) for n, (text, _) in enumerate(document)
        ]
        outcome = anonymizer.anonymize(Conversation(f"b{number}", domain, messages, language))
        tally.documents += 1
        tally.quarantined += isinstance(outcome, Quarantined)
        leaks = False
        for index, (text, gold) in enumerate(document):
            spans = outcome.spans.get(f"messages[{index}].content", ())
            covered = {i for span in spans for i in range(span.start, span.end)}
            leaks |= tally.count(text, gold, covered, wide)
        tally.leaking += leaks
    return tally


def touched(texts: Iterable[str], profile: Profile = "strict", *, language: str = "en") -> dict[str, object]:
    """Return the share of name-free turns in which something is masked."""
    anonymizer = anonymizer_for(Task(processes=1, profile=profile))
    number = hits = 0
    for text in texts:
        outcome = anonymizer.anonymize(
            Conversation("n", "finance.advisory", [Message("user", text)], language)
        )
        number += 1
        hits += bool(outcome.spans)
    return {"turns": number, "touched": round(hits / max(1, number), 4)}
