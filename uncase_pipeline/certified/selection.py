"""What no row shows alone: copies of each other, of the source, of an evaluation set. Knows no file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from uncase_pipeline.certified.codes import Coder
from uncase_pipeline.certified.fingerprints import Fingerprints, Hasher, Known
from uncase_pipeline.certified.grading import Graded
from uncase_pipeline.certified.near import NearIndex
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.native import loads

NEAR_DUPLICATE = "near-duplicate"
NEAR_SOURCE = "near-duplicate-of-source"
IN_EVALUATION_SET = "in-evaluation-set"

EVALUATION_NGRAM = 13
"""The size at which training sets are usually decontaminated (Brown et al. 2020, appendix C)."""


@dataclass(slots=True)
class Selection:
    """Fails rows that are like one which passed before, or like a source conversation.

    Attributes:
        source: Signatures of the source conversations.
        kept: Signatures of the rows that passed.
        evaluation: Fingerprints of the user's evaluation set.
    """

    source: NearIndex = field(default_factory=NearIndex)
    kept: NearIndex = field(default_factory=NearIndex)
    evaluation: Fingerprints | None = None

    def select(
        self, graded: Iterable[tuple[pa.RecordBatch, list[Graded]]]
    ) -> Iterator[tuple[pa.RecordBatch, list[Graded]]]:
        """Pass the batches on; a row that is a copy fails, with the reason in its report."""
        for batch, rows in graded:
            for row in rows:
                if row.report.passed and row.signature is not None:
                    self._judge(row)
            yield batch, rows

    def _judge(self, row: Graded) -> None:
        assert row.signature is not None
        reason = None
        if self.evaluation and self.evaluation.copied(row.codes) is not None:
            reason = IN_EVALUATION_SET
        elif self.source.similar(row.signature):
            reason = NEAR_SOURCE
        elif self.kept.similar(row.signature):
            reason = NEAR_DUPLICATE
        else:
            self.kept.keep(row.signature)
        if reason:
            row.report.passed = False
            row.report.reasons.append(reason)


def evaluation_fingerprints(path: Path | None, coder: Coder) -> Fingerprints | None:
    """Fingerprint the evaluation set of a user.

    Raises:
        UncaseError: ``no-such-file`` where the settings name a file that is not there.
    """
    if path is None:
        return None
    if not path.is_file():
        raise UncaseError(
            "no-such-file", f"There is no evaluation set at {path}.", "Correct UNCASE_EVALUATION_SET."
        )
    hasher, grams, count = Hasher(coder, EVALUATION_NGRAM), [np.empty(0, np.uint64)], 0
    with path.open("rb") as lines:
        for count, line in enumerate(lines, start=1):
            grams.append(
                hasher.distinct(Reading(loads(line, where=f"{path.name} line {count}")).coded(coder))
            )
    known = np.unique(np.concatenate(grams))
    return Fingerprints(hasher, Known(known), count, np.zeros(len(known), np.bool_))
