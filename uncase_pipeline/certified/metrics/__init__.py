"""Metrics: pure functions from a reading and its seed to a measured value. Each file is one metric."""
