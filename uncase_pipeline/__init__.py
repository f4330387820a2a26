"""From conversations that may not be shared to a certified synthetic dataset and a LoRA adapter that may.

Nothing here calls home. The libraries that would are told not to before any of them can be imported.
"""

import os

for _name, _value in {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}.items():
    os.environ.setdefault(_name, _value)
