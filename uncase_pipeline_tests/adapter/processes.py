"""Runs a function in several processes that train together, by forking: imports are paid once."""

import multiprocessing
import os
import pickle
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.crew import join, meet


def together(size: int, folder: Path, function: Any, *arguments: Any) -> list[Any]:
    """Return what ``function(crew, *arguments)`` gave in each of the processes."""
    _store, meeting = meet(size)
    files = [folder / f"answer-{rank}" for rank in range(size)]
    context = multiprocessing.get_context("fork")
    ranks = [
        context.Process(target=_one, args=(rank, meeting, file, function, arguments))
        for rank, file in enumerate(files)
    ]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(120)
        if process.is_alive():
            process.kill()
    assert [process.exitcode for process in ranks] == [0] * size
    return [pickle.loads(file.read_bytes()) for file in files]


def _one(rank: int, meeting: dict[str, str], file: Path, function: Any, arguments: tuple[Any, ...]) -> None:
    from accelerate.state import AcceleratorState, GradientState, PartialState

    for state in (AcceleratorState, GradientState, PartialState):
        state._reset_state()
    os.environ.update(meeting, RANK=str(rank), LOCAL_RANK=str(rank))
    file.write_bytes(pickle.dumps(function(join(int(meeting["WORLD_SIZE"])), *arguments)))
