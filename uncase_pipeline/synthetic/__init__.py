"""Layer: synthetic_conversations. Generation and the embedded simulator."""
