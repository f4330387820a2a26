"""Recall and precision of the anonymizer on texts it was not trained on: ``make bench-privacy``.

An identifier counts as found only if every letter and digit of it is covered. Sets: chats grown from frames and
names that training never sees, held-out Restaurant8k turns, held-out MEDDOCAN documents, structured identifiers
of Faker and of our own shapes, real customer turns without a name, and the two halves of ``fresh.py``: one that
was looked at while the detectors were tuned, and one of which nobody has seen more than these figures.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import fresh
from benchmarks.fresh_registers import REGISTERS
from benchmarks.privacy_sets import bookings, chats, chit_chat, clinical, fakers
from benchmarks.privacy_tally import Tally, score, scored, touched
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.training import corpora

FRESH = 300
LANGUAGES = ("es", "en")


def main() -> None:
    """Print the table, or a JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--misses", action="store_true", help="show what was missed (the sets are public or invented)"
    )
    options = parser.parse_args()
    results: dict[str, dict[str, object]] = {}
    for name, tally in _sets(os.environ.get("UNCASE_SHARED")):
        results[name] = tally.row()
        if options.misses:
            for kind, text in tally.misses[:20]:
                print(f"    {name} {kind}: {text!r}")
    if shared := os.environ.get("UNCASE_SHARED"):
        root = Path(shared)
        free = [t for t, spans in corpora.bookings(root / "ner_training", test=True) if not spans]
        bank = [t for t, _ in corpora.banking(root / "corpora/banking77/train_cut.csv", test=True)]
        results["name-free turns: restaurant8k"] = touched(free)
        results["name-free turns: banking77"] = touched(bank)
        results["name-free turns: spanish chit-chat"] = touched(chit_chat(root), language="es")
        results["balanced: name-free turns: restaurant8k"] = touched(free, "balanced")
    if options.json:
        print(json.dumps(results, indent=1))
        return
    for name, row in results.items():
        cells = ", ".join(f"{key.replace('_', ' ')} {_cell(value)}" for key, value in row.items())
        print(f"{name}: {cells}")


def _cell(value: object) -> str:
    if isinstance(value, dict) and "recall" in value:
        return f"{value['recall']:.4f} ({value['n']})"
    if isinstance(value, dict):
        return " ".join(f"{kind} {share}" for kind, share in value.items()) or "none"
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)


def _sets(shared: str | None) -> Iterator[tuple[str, Tally]]:
    for language in LANGUAGES:
        for style in ("cased", "lower", "typo"):
            yield f"chat {language} {style}", score(chats(language, style), "automotive.sales", language)
    for half, name in ((fresh.TUNED, "tuned"), (fresh.FAIR, "fair")):
        for language in LANGUAGES:
            for register in REGISTERS:
                yield f"fresh {name} {language} {register}", _fresh(half, language, register)
    for locale in ("es_MX", "es_ES", "es_CO", "en_US", "en_GB"):
        yield f"faker {locale}", score(fakers(locale), "automotive.sales", locale[:2])
    if shared:
        for style in ("cased", "lower"):
            yield f"restaurant8k {style}", score(bookings(Path(shared), style), "finance.advisory", "en")
        yield (
            "clinical meddocan",
            score(clinical(Path(shared)), "medical.consultation", "es", wide=_is_direct),
        )
    for language in LANGUAGES:
        for register in ("cased", "lower"):
            name = f"balanced: fresh fair {language} {register}"
            yield name, _fresh(fresh.FAIR, language, register, profile="balanced")


def _fresh(half: int, language: str, register: str, profile: Profile = "strict") -> Tally:
    talks = fresh.conversations(half, language, register, FRESH)
    tally = scored(talks, language, wide=_is_direct, profile=profile)
    if half == fresh.FAIR:
        tally.misses.clear()
    return tally


def _is_direct(kind: str) -> bool:
    return kind != "quasi"


if __name__ == "__main__":
    main()
