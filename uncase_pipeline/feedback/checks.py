"""What proves feedback_events."""

from uncase_pipeline.feedback.store import CONVERSATIONS_FILE
from uncase_pipeline.orchestration.checks import conservation_check, rows_of

CHECKS = [conservation_check("feedback_events", rows_of(CONVERSATIONS_FILE))]
