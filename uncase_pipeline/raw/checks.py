"""Evidence for raw_conversations: the books balance, and training material is never missing in silence."""

from uncase_pipeline.orchestration.checks import conservation_check, rows_of
from uncase_pipeline.raw.store import ASSET, FILE

CHECKS = [conservation_check(ASSET, rows_of(FILE))]
