"""Layer: raw_conversations. Importers, format detection, the inbox."""
