"""Layer: seeds. Extraction, validation, the curated library, tools."""
