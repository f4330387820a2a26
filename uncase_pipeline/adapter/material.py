"""What a run trains and is measured on: rows, tokens, units, canaries. Knows data and tokenizer, not training."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from uncase_pipeline.adapter.attacks.canaries import (
    Canary,
    draw_canaries,
    encode_canaries,
    encode_canary_pairs,
)
from uncase_pipeline.adapter.contract import AdapterSettings, TrainingJob
from uncase_pipeline.adapter.dataset import Row, read_rows, units_of
from uncase_pipeline.adapter.encode import Example, Pair, encode, encode_pairs, encode_rows
from uncase_pipeline.adapter.pairs import read_pairs
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import from_batches


@dataclass(slots=True)
class Material:
    """Everything that goes into a run.

    Attributes:
        rows: Training rows as they were read.
        examples: Those that teach something, encoded: conversations, or preference pairs.
        units: The unit of each example.
        held_out: Encoded rows of people that nothing is learned from.
        canaries: All of them, inserted or not.
        secrets: The inserted ones, encoded as the examples are.
        refused: Rows that were no row, or held an identifier, with the reason.
        held_out_units: The unit of each held-out row, counted apart.
    """

    rows: list[Row]
    examples: list[Any]
    units: list[int]
    held_out: list[Any]
    canaries: list[Canary]
    secrets: list[Any]
    refused: dict[str, str] = field(default_factory=dict)
    held_out_units: list[int] = field(default_factory=list)

    @property
    def trained(self) -> list[Any]:
        """Examples and inserted canaries."""
        return [*self.examples, *self.secrets]

    @property
    def trained_units(self) -> list[int]:
        """Their units; each canary is one of its own."""
        first = max(self.units) + 1
        return [*self.units, *range(first, first + len(self.secrets))]

    @property
    def left_out(self) -> dict[str, str]:
        """Rows that no token is learned from, with the reason."""
        used = {example.row for example in self.examples}
        return self.refused | {
            row.conversation_id: "nothing-to-learn"
            for number, row in enumerate(self.rows)
            if number not in used
        }

    @property
    def shortened(self) -> dict[str, int]:
        """How many rows were shortened, by what was given up."""
        return dict(Counter(example.cut for example in self.examples if example.cut))


def read_material(job: TrainingJob, tokenizer: Any) -> Material:
    """Read and encode what a job is about.

    Raises:
        UncaseError: ``no-training-rows``, ``no-held-out-rows``.
    """
    settings = job.settings
    pairs = settings.training.objective == "dpo"
    rows, apart = read_pairs(job.dataset, job.pairs) if pairs else _conversations(job)
    examples, held_out = (_encoded(found, tokenizer, settings) for found in (rows, apart))
    for found, name in ((examples, "training"), (held_out, "held-out")):
        if not found:
            raise _nothing_to_learn(name, pairs=pairs)
    canaries = (
        draw_canaries(settings.attacks.canaries, job.work / "canaries.json")
        if settings.attacks.enabled
        else []
    )
    secrets = _planted(canaries, tokenizer, settings)
    refused = job.pairs.refused if pairs else {}
    units = (_units(examples, rows), _units(held_out, apart))
    return Material(rows, examples, units[0], held_out, canaries, secrets, refused, units[1])


def _units(examples: Sequence[Any], rows: Sequence[Row]) -> list[int]:
    """Return the unit of each encoded row."""
    units = units_of(rows)
    return [units[example.row] for example in examples]


def _conversations(job: TrainingJob) -> tuple[list[Row], list[Row]]:
    apart = read_rows(job.dataset, "validation") or read_rows(job.dataset, "test")
    return read_rows(job.dataset, "train"), apart


def _planted(canaries: Sequence[Canary], tokenizer: Any, settings: AdapterSettings) -> list[Any]:
    """Return the inserted canaries as the objective takes its rows."""
    length = settings.training.max_length
    if settings.training.objective == "dpo":
        pairs = encode_canary_pairs(canaries, tokenizer, length)
        return [pair for canary, pair in zip(canaries, pairs, strict=True) if canary.inserted and pair]
    encoded = encode_canaries(canaries, tokenizer, length)
    return [row for canary, (row, where) in zip(canaries, encoded, strict=True) if canary.inserted and where]


def _nothing_to_learn(name: str, *, pairs: bool) -> UncaseError:
    if pairs:
        return UncaseError(
            f"no-{name}-rows",
            f"There is no {name} preference pair: one person in ten is held out of the feedback and the file.",
            "Bring more corrected or preferred answers (feedback), or name a file (training.preference_file).",
        )
    return UncaseError(
        f"no-{name}-rows",
        f"The exported dataset has no {name} row that teaches anything.",
        "Bring more conversations with an assistant turn, then materialize exported_datasets again.",
    )


def real_examples(job: TrainingJob, tokenizer: Any) -> list[Example]:
    """Encode the anonymized conversations of the control group: real people whom no seed was made from."""
    if job.real is None or not job.real_ids:
        return []
    wanted = set(job.real_ids)
    found = (
        c for c in from_batches(pq.ParquetFile(job.real).iter_batches(1_000)) if c.conversation_id in wanted
    )
    turns = ([{"role": m.role, "content": m.content} for m in c.messages if m.content] for c in found)
    encoded = (encode(row, tokenizer, max_length=job.settings.training.max_length) for row in turns if row)
    return [example for example in encoded if example is not None]


def _encoded(rows: Sequence[Row], tokenizer: Any, settings: AdapterSettings) -> list[Example] | list[Pair]:
    length = settings.training.max_length
    if settings.training.objective == "dpo":
        return encode_pairs(rows, tokenizer, max_length=length)
    return encode_rows(
        rows, tokenizer, max_length=length, assistant_only=settings.training.assistant_only_loss
    )
