"""Checks of synthetic_conversations: they read the published bytes again."""

from uncase_pipeline.orchestration.checks import conservation_check, rescan_check, rows_of
from uncase_pipeline.synthetic.store import CONVERSATIONS_FILE

CHECKS = [
    conservation_check("synthetic_conversations", rows_of(CONVERSATIONS_FILE)),
    rescan_check("synthetic_conversations", CONVERSATIONS_FILE),
]
