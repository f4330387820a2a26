"""Memorization: the share of the row's words inside verbatim runs of the source corpus.

The worst window of 500 words counts, which is never less than the share of the whole row: eight copied words
are as wrong in a long conversation as in a short one. A run of twenty words counts even where others said it
too (``fingerprints.LONG_RUN``). Runs are compared with their punctuation and without.
"""

import numpy as np

from uncase_pipeline.certified.codes import Codes
from uncase_pipeline.certified.fingerprints import Fingerprints, Mask
from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

WINDOW = 500


def memorization(row: Reading, _seed: Seed, evidence: Evidence) -> Measured:
    """Compare with what train subjects wrote and neither the control group nor many others did."""
    if evidence.source is None:
        return Measured(None, "No source corpus was given to compare with.", counts=False)
    coder = evidence.source.hasher.coder
    as_set = (row.coded(coder), row.coded_words(coder))
    share, total = max(_share(codes, evidence.source) for codes in as_set)
    return Measured(
        share,
        f"{total} words stand in runs of the {evidence.source.conversations} source conversations.",
    )


def _share(codes: Codes, source: Fingerprints) -> tuple[float, int]:
    copied = source.copied(codes)
    return (0.0, 0) if copied is None else _worst_share(copied[codes != 0])


def _worst_share(copied: Mask) -> tuple[float, int]:
    window = min(WINDOW, len(copied))
    sums = np.concatenate(([0], np.cumsum(copied)))
    return float((sums[window:] - sums[:-window]).max() / window), int(sums[-1])
