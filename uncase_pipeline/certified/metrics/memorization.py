"""Memorization: the share of the row's words inside verbatim runs of the source corpus.

The worst window of 500 words counts, which is never less than the share of the whole row: eight copied words
are as wrong in a long conversation as in a short one. A run of twenty words counts even where others said it
too (``fingerprints.LONG_RUN``). Punctuation is not
compared.
"""

import numpy as np

from uncase_pipeline.certified.fingerprints import Mask
from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

WINDOW = 500


def memorization(row: Reading, _seed: Seed, evidence: Evidence) -> Measured:
    """Compare with what train subjects wrote and neither the control group nor many others did."""
    if evidence.source is None:
        return Measured(None, "No source corpus was given to compare with.", counts=False)
    codes = row.copyable(evidence.source.hasher.coder)
    copied = evidence.source.copied(codes)
    share, total = (0.0, 0) if copied is None else _worst_share(copied[codes != 0])
    return Measured(
        share,
        f"{total} words stand in runs of the {evidence.source.conversations} source conversations.",
    )


def _worst_share(copied: Mask) -> tuple[float, int]:
    window = min(WINDOW, len(copied))
    sums = np.concatenate(([0], np.cumsum(copied)))
    return float((sums[window:] - sums[:-window]).max() / window), int(sums[-1])
