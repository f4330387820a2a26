"""Privacy: how many identifiers the full detector chain finds in any field of the row. One is too many."""

from collections import Counter

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed


def privacy(row: Reading, _seed: Seed, evidence: Evidence) -> Measured:
    """Count findings in every string: text, speakers, tool arguments, metadata."""
    if evidence.scanner is None:
        return Measured(None, "No scanner was given.")
    findings = evidence.scanner.scan_conversation(row.conversation)
    kinds = Counter(finding.entity_type for finding in findings)
    named = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return Measured(
        float(len(findings)),
        named or "No identifier in any field.",
        reasons=tuple(f"identifier-{kind.lower().replace('_', '-')}" for kind in sorted(kinds)),
    )
