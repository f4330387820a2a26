"""Layer: exported_datasets. Chat formats, splits, the dataset card."""
