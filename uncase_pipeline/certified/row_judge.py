"""Judges one row while it is being made, by the metrics and thresholds that certify. Knows no source corpus.

Memorization is left to certification, which has the source to compare with.
"""

from collections.abc import Callable
from functools import cache

from uncase_pipeline.certified.certify import stricter_of
from uncase_pipeline.certified.evaluate import judge
from uncase_pipeline.certified.metrics.measured import Evidence
from uncase_pipeline.dialogue.knowledge import read_knowledge
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.quality import QualityReport
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.tools.registry import tool_names, tool_of

RowJudge = Callable[[Conversation, Seed], QualityReport]


def row_judge(scanner: Scanner, settings: Settings) -> RowJudge:
    """Return a judge that rework asks whether a row would pass, and what to correct.

    Args:
        scanner: The full detector chain.
        settings: Thresholds, compliance profiles and knowledge base.
    """
    tools = {name: tool_of(name).parameters for name in tool_names()}
    stricter = stricter_of(settings)

    @cache
    def of(domain: str) -> RowJudge:
        knowledge = read_knowledge(settings.knowledge, domain)
        return judge(Evidence(scanner=scanner, tools=tools, knowledge=knowledge), stricter=stricter)

    return lambda conversation, seed: of(seed.domain)(conversation, seed)
