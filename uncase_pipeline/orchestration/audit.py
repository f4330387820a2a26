"""Audits that several assets share: the residual scan of stored conversations. Knows Arrow, not detectors."""

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from uncase_pipeline.orchestration.gate import Verdict
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.finding import Scanner, scanned

RESIDUAL_PII = "no_residual_pii"


def residual_pii(batches: Iterable[pa.RecordBatch], scanner: Scanner) -> Verdict:
    """Scan every string of stored conversations: text, tool arguments, speakers, metadata.

    An error of the scanner is raised and stops the asset: no answer is not a pass.
    """
    found: Counter[str] = Counter()
    rows = hit_rows = 0
    for _, findings in scanned(from_batches(batches), scanner):
        rows += 1
        hit_rows += bool(findings)
        found.update(finding.entity_type for finding in findings)
    description = (
        f"{hit_rows} of {rows} conversations still hold identifiers "
        f"({', '.join(f'{count} {name}' for name, count in found.most_common())}); "
        "review them with `uncase quarantine list` or extend the detectors."
        if hit_rows
        else f"No identifier in {rows} conversations."
    )
    return Verdict(
        RESIDUAL_PII,
        not hit_rows,
        description,
        {
            "rows_scanned": rows,
            "rows_with_findings": hit_rows,
            "findings": dict(found),
            "scanner": scanner.version,
        },
    )
