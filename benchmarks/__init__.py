"""Ratios against peers and limits, measured in one run. Never a test."""
