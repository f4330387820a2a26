"""Layer: feedback_events. Production signals that re-enter."""
