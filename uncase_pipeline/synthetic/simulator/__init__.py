"""The embedded simulator: conversations out of a grammar, without weights and without a network."""
