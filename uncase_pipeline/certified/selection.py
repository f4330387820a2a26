"""What no row shows alone: copies of each other, of the source, of an evaluation set. Knows no file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from uncase_pipeline.certified.grading import Graded
from uncase_pipeline.certified.near import NearIndex

NEAR_DUPLICATE = "near-duplicate"
NEAR_SOURCE = "near-duplicate-of-source"


@dataclass(slots=True)
class Selection:
    """Fails rows that are like one which passed before, or like a source conversation.

    Attributes:
        source: Signatures of the source conversations.
        kept: Signatures of the rows that passed.
    """

    source: NearIndex = field(default_factory=NearIndex)
    kept: NearIndex = field(default_factory=NearIndex)

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
        if self.source.similar(row.signature):
            reason = NEAR_SOURCE
        elif self.kept.similar(row.signature):
            reason = NEAR_DUPLICATE
        else:
            self.kept.keep(row.signature)
        if reason:
            row.report.passed = False
            row.report.reasons.append(reason)
