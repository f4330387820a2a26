"""Reports at rest: the Arrow schema of ``reports.parquet``, and rows of it. Knows no metric by name."""

from typing import Any

import pyarrow as pa

from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.seal.verify import LEAF_COLUMN

SCORE = pa.struct(
    [
        ("name", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("direction", pa.string()),
        ("passed", pa.bool_()),
        ("gates", pa.bool_()),
        ("explanation", pa.string()),
    ]
)
REPORTS = pa.schema(
    [
        pa.field("conversation_id", pa.string(), nullable=False),
        ("seed_id", pa.string()),
        pa.field("passed", pa.bool_(), nullable=False),
        pa.field("q", pa.float64(), nullable=False),
        ("decided_by", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("scores", pa.list_(SCORE)),
        (LEAF_COLUMN, pa.string()),
    ]
)
"""``leaf`` is the Merkle leaf of a row that passed, in the order of ``conversations.parquet``; else null."""


def report_row(report: QualityReport, leaf: bytes) -> dict[str, Any]:
    """Return a report as a row of ``REPORTS``; the leaf counts where the row passed."""
    document = report_document(report)
    return {
        **{
            name: document[name]
            for name in ("conversation_id", "seed_id", "passed", "q", "decided_by", "reasons")
        },
        "scores": [{"name": name, **score} for name, score in document["scores"].items()],
        LEAF_COLUMN: leaf.hex() if report.passed else None,
    }


def report_document(report: QualityReport) -> dict[str, Any]:
    """Return a report as a JSON object: ``metrics`` are the bare values, ``scores`` all that is known of them."""
    return {
        "conversation_id": report.conversation_id,
        "seed_id": report.seed_id,
        "passed": report.passed,
        "q": report.q,
        "decided_by": report.decided_by,
        "reasons": report.reasons,
        "metrics": {name: score.value for name, score in report.scores.items()},
        "scores": {
            name: {
                "value": score.value,
                "threshold": score.threshold,
                "direction": score.direction,
                "passed": score.passed,
                "gates": score.gates,
                "explanation": score.explanation,
            }
            for name, score in report.scores.items()
        },
        "versions": report.versions,
    }
