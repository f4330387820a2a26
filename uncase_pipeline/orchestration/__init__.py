"""What the assets share of Dagster: partitions, resources, the gate, checks. Knows no layer."""
