"""How the shipped lists and the name model are made. Nothing here is imported by the pipeline."""
