"""The nouns of the pipeline: what flows between layers, at rest and on the wire. Knows no layer."""
