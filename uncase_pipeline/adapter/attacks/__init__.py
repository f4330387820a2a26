"""The memorization audit: what an attacker gets out of an adapter. Knows models and figures, not training."""
