"""What training says while it runs: step, held-out loss, epsilon, memory. Knows callbacks, not where reports go."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from uncase_pipeline.errors import UncaseError

Report = Callable[[dict[str, float]], None]


class StepCounter:
    """Counts noisy steps on disk, before each is taken: a kill can't make one uncounted.

    Beside it stand the steps whose noise was measured and found: they are counted first, so never the fewer.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._checked = file, file.with_name(f"{file.name}-noise-checked")

    @property
    def begun(self) -> bool:
        """Whether an attempt at this job was booked, and its count is still here."""
        return self._file.exists()

    def begin(self) -> None:
        """Start at the first attempt, at zero."""
        for file in (self._checked, self._file):
            file.write_bytes(b"")

    @property
    def released(self) -> int:
        """Steps taken so far, over all attempts of this job."""
        return _size(self._file)

    @property
    def checked(self) -> int:
        """Steps whose noise was measured, over all attempts."""
        return _size(self._checked)

    def count(self, most: int) -> None:
        """Count one more step.

        Raises:
            UncaseError: ``steps-over-plan`` where ``most`` were taken already: the noise was made for no more.
        """
        if self.released >= most:
            raise UncaseError(
                "steps-over-plan",
                f"All {most} noisy steps of this job were taken; one more would pass its epsilon.",
                "Train it anew with `retrain: true`, which spends again.",
            )
        _add_one(self._file)

    def count_checked(self) -> None:
        """Count one more step that carries its noise."""
        _add_one(self._checked)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _add_one(file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, b".")
        os.fsync(handle)
    finally:
        os.close(handle)


class Progress(TrainerCallback):
    """Measures at intervals and reports."""

    def __init__(self, every: int, measure: Callable[[int], dict[str, float]], report: Report) -> None:
        self._every, self._measure, self._report = every, measure, report

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Report every few steps, and at the end."""
        if state.global_step % self._every == 0 or state.global_step == state.max_steps:
            self._report({"step": float(state.global_step), **self._measure(state.global_step)})
