"""Layer: certified_conversations. Metrics, gate, leakage tests, certificate and report."""
