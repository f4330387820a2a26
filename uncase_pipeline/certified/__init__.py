"""Layer: certified_conversations. Metrics, gates, the certificate."""
