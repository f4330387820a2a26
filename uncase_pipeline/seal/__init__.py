"""Merkle root, signature, verification: what a stranger needs to check a certificate."""
