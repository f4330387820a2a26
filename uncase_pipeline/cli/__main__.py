"""``python -m uncase_pipeline.cli`` is ``uncase``."""

from uncase_pipeline.cli.app import main

main()
