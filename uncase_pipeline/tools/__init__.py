"""Tools that an assistant may call: JSON Schemas, and deterministic simulators. Knows no layer."""
