from pathlib import Path

import pytest

from benchmarks.metrics import run
from uncase_pipeline.settings import Settings


@pytest.mark.slow
def test_damaged_public_dialogues_are_told_from_clean_ones(house: Settings, shared: Path) -> None:
    result = run(shared, 8)
    assert result["clean_rejected"] <= 0.15  # 0.10 is held on the whole benchmark, this is a tenth of it
    lines = {line["corruption"]: line for line in result["corruptions"]}
    assert {name for name, line in lines.items() if line["auroc"] < 0.93} == set()
    for name, line in lines.items():
        if name.startswith(("identifier", "source copied")):
            assert line["stopped"] == 1.0, name
        else:
            assert line["stopped"] >= 0.9, name
