"""Judges one row while it is being made, by the metrics that certify. Knows no file and no source corpus.

Memorization is left to certification, which has the source to compare with.
"""

from collections.abc import Callable

from uncase_pipeline.certified.evaluate import judge
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.tools.registry import tool_names, tool_of


def row_judge(scanner: Scanner) -> Callable[[Conversation, Seed], QualityReport]:
    """Return a judge that rework asks whether a row would pass, and what to correct."""
    return judge(Evidence(scanner=scanner, tools={name: tool_of(name).parameters for name in tool_names()}))
