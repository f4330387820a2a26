"""Negations in other words than ``corruptions`` puts in: how many of them certification stops.

``UNCASE_SHARED=… python -m benchmarks.denials`` prints two tables. In the first, every statement of a real row (en)
or of a row of the simulator (es) is denied, or every second one, at least three in a row; or a single one. In the
second, the last turn of a dialogue denies what was said before (``denials.toml``), beside one that agrees. No metric
is tuned on these dialogues. Of the first table, words that no list had were added; its rows were not read.
"""

import argparse
import os
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from benchmarks.metrics import rows_of
from benchmarks.simulator import conversations
from uncase_pipeline.certified.evaluate import evaluate
from uncase_pipeline.certified.metrics.fidelity import fidelity
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.certified.metrics.registry import METRICS
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.records.conversation import Conversation, Message, Role
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.library import curated

Change = Callable[[str], str]
Denies = Callable[[int], bool]

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_PERSON = "i|you|we|they|he|she|it|that|this|there"
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|am|can|could|will|would|should|has|have|had|does|do|did|must|may|might)\b"
)
_LEXICAL = re.compile(
    rf"(?i)\b({_PERSON}) (want|need|know|think|like|get|see|feel|take|make|give|offer|look|work)s?\b"
)
_SHORT = re.compile(rf"(?i)\b({_PERSON}|what)'(s|re|m|ll|ve|d)\b")
_LONG = {"s": "is", "re": "are", "m": "am", "ll": "will", "ve": "have", "d": "would"}
_CONTRACTED = {
    "can": "can't",
    "will": "won't",
    "am": "ain't",
    "may": "may hardly",
    "must": "mustn't",
    "might": "mightn't",
}
_VERB_ES = re.compile(
    r"(?i)\b(es|son|está|están|estoy|tiene|tienen|tengo|tenemos|puede|puedo|podemos|cuesta|incluye|hay|será|fue|vamos|"
    r"debe|necesita|quiero|necesito|quisiera|gustaría|cubre|corresponde|conviene|queda|sale|llega|sirve|aplica|ofrece|"
    r"recomiendo|confirmo|busco|busca|permite|depende|vence|lleva|pide|sube|baja|funciona|entiendo|recibí|creo|sé)\b"
)


def _long(text: str) -> str:
    return _SHORT.sub(lambda found: f"{found[1]} {_LONG[found[2].lower()]}", text)


def _contracted(text: str) -> str:
    text = _long(text)
    changed = _AUXILIARY.sub(lambda found: _CONTRACTED.get(found[1], f"{found[1]}n't"), text, count=1)
    return changed if changed != text else _LEXICAL.sub(r"\1 don't \2", text, count=1)


def _behind(words: str) -> Change:
    def change(text: str) -> str:
        text = _long(text)
        changed = _AUXILIARY.sub(rf"\1 {words}", text, count=1)
        return changed if changed != text else _LEXICAL.sub(rf"\1 {words} \2", text, count=1)

    return change


def _refuses(text: str) -> str:
    return re.sub(r"\b(?:can|could|will|would|should)\b", "refuse to", _long(text), count=1)


def _ahead(*phrases: str) -> Change:
    def change(text: str) -> str:
        return f"{random.Random(text).choice(phrases)} {text[:1].lower()}{text[1:]}" if " " in text else text

    return change


def _before(words: str) -> Change:
    return lambda text: _VERB_ES.sub(rf"{words} \1", text, count=1)


FORMS: dict[str, dict[str, Change]] = {
    "en": {
        "isn't, won't": _contracted,
        "no longer": _behind("no longer"),
        "hardly, scarcely": _behind("hardly"),
        "never": _behind("never"),
        "by no means": _behind("by no means"),
        "refuse to": _refuses,
        "I doubt, deny": _ahead("I doubt that", "I deny that", "Nobody says that", "It is wrong that"),
    },
    "es": {
        "nunca": _before("nunca"),
        "jamás": _before("jamás"),
        "ya no": _before("ya no"),
        "tampoco": _before("tampoco"),
        "apenas": _before("apenas"),
        "de ninguna manera": _before("de ninguna manera"),
        "dudo, niego": _ahead("dudo que", "niego que", "nadie dice que", "no es cierto que"),
    },
}


def denied(row: Conversation, change: Change, denies: Denies, least: int) -> Conversation | None:
    """Deny the statements of these numbers, from 1; None where fewer than ``least`` are denied."""
    count = made = 0

    def of(sentence: str) -> str:
        nonlocal count, made
        if sentence.endswith("?") or (changed := change(sentence)) == sentence:
            return sentence
        count += 1
        made += denies(count)
        return changed if denies(count) else sentence

    def said(message: Message) -> Message:
        if message.role not in {"user", "assistant"}:
            return message
        return replace(message, content=" ".join(map(of, _SENTENCE.split(message.content))))

    messages = [said(message) for message in row.messages]
    return replace(row, messages=messages) if made >= least else None


SHARES: dict[str, tuple[Denies, int]] = {
    "every statement": (lambda number: True, 3),
    "every second one": (lambda number: number % 2 == 0, 3),
    "a single one": (lambda number: number == 1, 1),
}
"""Which statements are denied, and how many at least."""


def stopped(rows: list[tuple[Conversation, Seed]], change: Change, share: tuple[Denies, int]) -> str:
    """Return the share of the rows that the metrics stop, of so many; the detector chain is not asked."""
    made = [(new, seed) for row, seed in rows if (new := denied(row, change, *share))]
    return f"{sum(not _passes(row, seed) for row, seed in made) / max(1, len(made)):.1%} of {len(made)}"


def _passes(row: Conversation, seed: Seed) -> bool:
    reported = evaluate(Reading(row), seed, Evidence())
    return not {"fidelity", "coherence", "rouge_l", "diversity", "tool_validity"} & {*reported.reasons}


def dialogues() -> Iterator[tuple[str, Conversation, Conversation]]:
    """Yield the language and the two endings of each dialogue."""
    for language, cases in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items():
        for case in cases:
            yield language, *(_row([*case["said"], case[end]], language) for end in ("holds", "breaks"))


def _row(turns: list[str], language: str) -> Conversation:
    roles: dict[str, Role] = {"u": "user", "a": "assistant", "t": "tool"}
    messages = [Message(roles[turn[0]], turn[3:]) for turn in turns]
    return Conversation("conv_denial", "automotive.sales", messages, language)


def _is_faithful(row: Conversation) -> bool:
    plan = Seed(
        seed_id="s",
        domain=row.domain,
        language=str(row.language),
        objective="-",
        tone="-",
        roles=["user", "assistant"],
        steps=["user:ask", "assistant:inform"],
    )
    return (fidelity(Reading(row), plan, Evidence()).value or 0.0) >= METRICS["fidelity"].threshold


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=40, help="rows per corpus and domain")
    limit = parser.parse_args().limit
    cases = [row.case for row in rows_of(Path(os.environ["UNCASE_SHARED"]), limit)]
    seeds = [[seed for seed in curated(domain) if seed.language == "es"][:limit] for domain in DOMAINS]
    rows = {
        "en": [(case.row, case.seed) for case in cases],
        "es": [(row, seed) for own in seeds for seed, row in islice(conversations(own, 1), limit)],
    }
    print(f"{'denied by':26}" + "".join(f"{name:>20}" for name in SHARES))
    for language, forms in FORMS.items():
        clean = [pair for pair in rows[language] if _passes(*pair)]
        for name, change in forms.items():
            found = [stopped(clean, change, share) for share in SHARES.values()]
            print(f"{language} {name:23}" + "".join(f"{line:>20}" for line in found))
    for language in FORMS:
        ends = [(good, bad) for spoken, good, bad in dialogues() if spoken == language]
        seen = sum(not _is_faithful(bad) for _, bad in ends)
        alarms = sum(not _is_faithful(good) for good, _ in ends)
        print(f"{language} last turn denies: {seen} of {len(ends)} seen; last turn agrees: {alarms} stopped")


if __name__ == "__main__":
    main()
