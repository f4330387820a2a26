"""Factual fidelity: the share of the row's claims that the seed, a tool or the knowledge base supports."""

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.facts import agrees
from uncase_pipeline.records.seed import Seed

_WEAK = frozenset({"number", "yes_no", "year"})


def fidelity(row: Reading, seed: Seed, evidence: Evidence) -> Measured:
    """Judge every stated value; a contradicted constraint makes it zero."""
    supported = contradicted = unsupported = 0
    for facts in row.facts:
        for fact in facts:
            verdicts = [agrees(fact, value) for value in seed.facts.values()]
            if any(verdicts):
                supported += 1
            elif any(verdict is False for verdict in verdicts):
                contradicted += 1
            elif fact.kind not in _WEAK:
                unsupported += 1
    total = supported + contradicted + unsupported
    return Measured(
        supported / total if total else 1.0,
        f"{supported} claims supported, {contradicted} contradicted, {unsupported} unsupported.",
    )
