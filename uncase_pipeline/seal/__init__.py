"""Seals: signed statements about files, and the lock that consumers open them with. Knows no layer."""
