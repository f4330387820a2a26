"""Reads the labelled corpora of ``ner_training`` and Banking77. Knows their formats and which part is held out.

All are CC BY 4.0; ``data/MODEL_CARD.md`` names their authors. Every fifth text, by a checksum of it, is held
out: training never sees it, and the privacy benchmark uses nothing else.
"""

import csv
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

Labelled = tuple[str, list[tuple[int, int, str]]]

_MEDDOCAN = {
    "NOMBRE_SUJETO_ASISTENCIA": "PER",
    "NOMBRE_PERSONAL_SANITARIO": "PER",
    "TERRITORIO": "LOC",
    "PAIS": "LOC",
    "CALLE": "LOC",
    "HOSPITAL": "ORG",
    "INSTITUCION": "ORG",
    "CENTRO_SALUD": "ORG",
}
_CONLL = {"PER": "PER", "PERSON": "PER", "LOC": "LOC", "LOCATION": "LOC", "ORG": "ORG", "CORPORATION": "ORG"}


def held_out(text: str) -> bool:
    """Return whether a text belongs to the part that is only tested on."""
    return zlib.crc32(text.encode()) % 5 == 0


def clinical_documents(root: Path) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Yield whole MEDDOCAN documents with their own labels."""
    with (root / "meddocan_train.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            yield document["text"], [(e["start"], e["end"], e["type"]) for e in document["entities"]]


def clinical(root: Path, *, test: bool) -> Iterator[Labelled]:
    """Yield MEDDOCAN line by line, of the documents in one part."""
    for text, entities in clinical_documents(root):
        if held_out(text) == test:
            for match in re.finditer(r"[^\n]+", text):
                start, end = match.span()
                yield (
                    match[0],
                    [
                        (max(s, start) - start, min(e, end) - start, _MEDDOCAN[label])
                        for s, e, label in entities
                        if label in _MEDDOCAN and s < end and e > start
                    ],
                )


def bookings(root: Path, *, test: bool) -> Iterator[Labelled]:
    """Yield Restaurant8k turns with their names."""
    turns = json.loads((root / "restaurant8k_train" / "train_0.json").read_text(encoding="utf-8"))
    for turn in turns:
        text = turn["userInput"]["text"]
        if held_out(text) == test:
            yield (
                text,
                [
                    (label["valueSpan"].get("startIndex", 0), label["valueSpan"]["endIndex"], "PER")
                    for label in turn.get("labels", ())
                    if label["slot"] in {"first_name", "last_name"}
                ],
            )


def tagged(path: Path, *, test: bool) -> Iterator[Labelled]:
    """Yield the sentences of a CoNLL file."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [re.split(r"[\t ]", line.strip()) for line in block.splitlines() if line.strip()]
        words = [row[0] for row in rows]
        if not words or held_out(" ".join(words)) != test:
            continue
        spans, position = [], 0
        for row in rows:
            label = _CONLL.get(row[-1].rpartition("-")[2].upper())
            if label and not row[0].startswith("@"):
                spans.append((position, position + len(row[0]), label))
            position += len(row[0]) + 1
        yield " ".join(words), spans


def news_and_tweets(root: Path, *, test: bool) -> Iterator[Labelled]:
    """Yield the Broad Twitter Corpus, WNUT17 and WikiGold."""
    for name in (
        *(f"btc/{part}.conll" for part in "abefg"),
        "wnut17/wnut17train.conll",
        "wnut17/emerging.dev.conll",
        "wikigold/CONLL-format/data/wikigold.conll.txt",
    ):
        yield from tagged(root / name, test=test)


def banking(path: Path, *, test: bool) -> Iterator[Labelled]:
    """Yield Banking77 queries: real customer turns without a name."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if held_out(row["text"]) == test:
                yield row["text"], []
