"""What the assets share of Dagster: partitions, resources, the gate, checks. Knows no layer."""

import warnings

# Partitioned checks are in preview in Dagster 1.13. They are what keeps one domain's failure from another's
# gate, and tests hold what we need of them; the warning would drown every command's output.
warnings.filterwarnings("ignore", message="Specifying a partitions_def on an AssetCheckSpec")
