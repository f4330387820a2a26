"""The lake and the vault: where assets are kept. Knows no layer."""
