"""Evidence about stored masked conversations: the books are recounted, the bytes are scanned again."""

from uncase_pipeline.anonymized.publish import FILE
from uncase_pipeline.orchestration.checks import conservation_check, rescan_check, rows_of

CHECKS = [
    conservation_check("anonymized_conversations", rows_of(FILE)),
    rescan_check("anonymized_conversations", FILE),
]
