"""The processes that train one adapter together, and what they tell each other. Knows tensors, not training.

The first process draws the units of a step, adds the noise and keeps the books; all of them clip. A process alone is
a crew of one, and nothing is sent.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uncase_pipeline.adapter.contract import TrainingJob
from uncase_pipeline.errors import UncaseError

_LAUNCHERS = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
JOB_FILE = "job.json"


@dataclass(frozen=True, slots=True)
class Crew:
    """This process among those that train together.

    Attributes:
        rank: Its number; 0 leads.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process draws, adds noise and keeps the books."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            torch.distributed.barrier()

    def share(self, drawn: Sequence[int], units: int) -> list[int]:
        """Return this process's share of the units that the leader drew; each unit goes to one process alone."""
        if self.size == 1:
            return list(drawn)
        chosen = torch.zeros(units, dtype=torch.uint8)
        if self.leads:
            chosen[list(drawn)] = 1
        told = self._told(chosen)
        return told.nonzero().flatten().tolist()[self.rank :: self.size]

    def add_up(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Return the sum over all processes."""
        if self.size == 1:
            return list(tensors)
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        torch.distributed.all_reduce(flat)
        return _cut(flat, tensors)

    def follow(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Return what the leader has."""
        if self.size == 1:
            return list(tensors)
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        torch.distributed.broadcast(flat, src=0)
        return _cut(flat, tensors)

    def _told(self, tensor: Tensor) -> Tensor:
        """Send a small tensor of the CPU from the leader to all."""
        device = torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else "cpu"
        sent = tensor.to(device)
        torch.distributed.broadcast(sent, src=0)
        return sent.cpu()


def _cut(flat: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    sizes = [tensor.numel() for tensor in like]
    return [part.view(tensor.shape) for part, tensor in zip(torch.split(flat, sizes), like, strict=True)]


def launched() -> int:
    """Return in how many processes a launcher started this program."""
    return max([1, *(int(os.environ[name]) for name in _LAUNCHERS if os.environ.get(name, "").isdigit())])


def join(processes: int) -> Crew:
    """Join the crew that the settings ask for.

    Raises:
        UncaseError: ``launched-otherwise`` where the program was launched in another number of processes: each would
            draw its own units and add its own noise, another mechanism than the accounted one.
    """
    found = launched()
    if found != processes:
        raise UncaseError(
            "launched-otherwise",
            f"Training was started in {found} processes, and training.processes says {processes}.",
            "Start it without a launcher: it starts the processes that training.processes asks for by itself.",
        )
    if processes == 1:
        return Crew()
    from accelerate import PartialState

    state = PartialState(cpu=not torch.cuda.is_available())
    return Crew(state.process_index, state.num_processes)


def meet(processes: int) -> tuple[Any, dict[str, str]]:
    """Open the store in which processes meet, and return it with the environment that leads them there.

    Its port is open before anybody is told of it: nobody else can take it meanwhile.
    """
    store = torch.distributed.TCPStore(  # type: ignore[attr-defined]
        "127.0.0.1", 0, is_master=True, wait_for_workers=False
    )
    return store, {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(store.port),
        "WORLD_SIZE": str(processes),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
    }


@contextmanager
def helpers(job: TrainingJob) -> Iterator[None]:
    """Start the other processes of a job, and end them with it; they die with this one in any case."""
    others = job.settings.training.processes - 1
    if not others or launched() > 1:
        yield
        return
    file = job.work / JOB_FILE
    file.write_text(job.model_dump_json())
    _store, meeting = meet(others + 1)
    os.environ.update(meeting, RANK="0", LOCAL_RANK="0")
    started = [_start(file, meeting, rank) for rank in range(1, others + 1)]
    try:
        yield
    finally:
        for name in (*meeting, "RANK", "LOCAL_RANK"):
            os.environ.pop(name, None)
        for helper in started:
            helper.terminate()
            helper.wait()


def _start(job: Path, meeting: dict[str, str], rank: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **meeting, "RANK": str(rank), "LOCAL_RANK": str(rank)}
    command = [sys.executable, "-m", "uncase_pipeline.adapter.helper", str(job)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own module
