"""The reference implementation's formulas, restated: what they give is printed beside ours.

Coherence there is 0.35 of a bell curve over the word overlap of neighbouring turns, 0.25 role alternation, 0.20
unique turns and steady length, 0.20 turns that share two words with what came before. ROUGE-L is a
recall-weighted F over content words against the seed's sentences. Memorization is the longest common substring
with the seed. The seed here is ours, so its sentences are the objective, roles, constraints and steps.
"""

import math
from itertools import pairwise

from uncase_pipeline.certified.metrics.structure import lcs
from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed

_LEAST_COPY = 50


def reference_scores(row: Conversation, seed: Seed) -> dict[str, float]:
    """Return the reference's ROUGE-L, coherence, diversity and memorization of a row."""
    texts = [m.content for m in row.messages if m.role in {"user", "assistant"}]
    words = " ".join(texts).lower().split()
    return {
        "rouge_l": _rouge(texts, seed),
        "coherence": _coherence(row, texts),
        "diversity": len(set(words)) / max(1, len(words)),
        "memorization": max(
            (_copied(text.lower(), sentences_of(seed).lower()) for text in texts), default=0.0
        ),
    }


def sentences_of(seed: Seed) -> str:
    """Return the sentences of a seed as one text."""
    steps = " ".join(step.replace(":", " ") for step in seed.steps)
    return " ".join([seed.objective, *seed.role_descriptions.values(), *seed.constraints, steps, seed.tone])


def _rouge(texts: list[str], seed: Seed) -> float:
    found, wanted = content_words(" ".join(texts)), content_words(sentences_of(seed))
    matched = lcs(wanted, found)
    if not matched:
        return 0.0
    precision, recall = matched / len(found), matched / len(wanted)
    return 5 * precision * recall / (4 * precision + recall)


def _coherence(row: Conversation, texts: list[str]) -> float:
    if len(texts) < 2:
        return 1.0
    bags = [set(content_words(text)) for text in texts]
    overlap = sum(len(a & b) / max(1, len(a | b)) for a, b in pairwise(bags)) / (len(bags) - 1)
    width = 0.065 if overlap <= 0.07 else 0.30
    continuity = math.exp(-((overlap - 0.07) ** 2) / (2 * width**2)) if overlap > 0 else 0.0
    roles = [m.role for m in row.messages if m.role in {"user", "assistant"}]
    alternation = sum(a != b for a, b in pairwise(roles)) / max(1, len(roles) - 1)
    half = len(texts) // 2
    means = (
        sum(map(len, texts[:half])) / max(1, half),
        sum(map(len, texts[half:])) / max(1, len(texts) - half),
    )
    flow = 0.6 * len({text.strip().lower() for text in texts}) / len(texts)
    flow += 0.4 * min(1.0, means[1] / max(1.0, means[0]) + 0.3)
    before: set[str] = set()
    referring = 0
    for at, bag in enumerate(bags):
        referring += at >= 2 and len(bag & before) >= 2
        before |= bag
    return 0.35 * continuity + 0.25 * alternation + 0.20 * flow + 0.20 * referring / max(1, len(texts) - 2)


def _copied(text: str, reference: str) -> float:
    """Longest common substring over the length of the text, where it has at least fifty characters."""
    length = _LEAST_COPY
    if len(text) < length or not any(
        text[i : i + length] in reference for i in range(len(text) - length + 1)
    ):
        return 0.0
    while any(text[i : i + length + 1] in reference for i in range(len(text) - length)):
        length += 1
    return length / len(text)


def longest_common_substring(one: str, other: str) -> int:
    """Return its length by the rolling table that the reference fills in Python, for the speed comparison."""
    before, best = [0] * (len(other) + 1), 0
    for character in one:
        row = [0] * (len(other) + 1)
        for at, match in enumerate(other):
            if character == match:
                row[at + 1] = before[at] + 1
                best = max(best, row[at + 1])
        before = row
    return best
