"""One more process of a training run: ``python -m uncase_pipeline.adapter.helper JOB``. Takes its share of the steps.

It books nothing, measures nothing and writes nothing; it ends with the process that started it.
"""

import sys
from pathlib import Path

from uncase_pipeline.adapter.child import die_with_parent, reduced
from uncase_pipeline.adapter.contract import TrainingJob


def main(file: str) -> int:
    """Help with one job; an error is told without the message of a library, which may quote what was trained on."""
    die_with_parent()
    try:
        from uncase_pipeline.adapter.training import assist

        assist(TrainingJob.model_validate_json(Path(file).read_text()))
    except Exception as error:
        sys.stderr.write(f"{reduced(error).message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
