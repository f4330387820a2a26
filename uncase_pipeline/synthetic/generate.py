"""Conversations from seeds: a stream of jobs in, what became of each out. Knows no lake and no Dagster."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any

from uncase_pipeline.dialogue.acts import Step
from uncase_pipeline.domains import domain_of
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.pool import in_order
from uncase_pipeline.gateway.request import OFFLINE
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic import one_shot, turn_by_turn
from uncase_pipeline.synthetic.job import Job, Made, row_of
from uncase_pipeline.synthetic.scene import Scene
from uncase_pipeline.synthetic.simulator.language import grammar_for
from uncase_pipeline.synthetic.structured import Asker, Door, Spoiled
from uncase_pipeline.synthetic.tool_use import Toolbox

Make = Callable[[Job], Coroutine[Any, Any, Made]]


def jobs_of(seeds: Iterable[Seed], settings: Settings) -> Iterator[Job]:
    """Yield the jobs of a run: so many conversations for each seed."""
    for seed in seeds:
        for sample in range(settings.conversations_per_seed):
            yield Job(seed, sample, settings.seed)


def jobs_shared(seeds: Sequence[Seed], count: int, run_seed: int) -> Iterator[Job]:
    """Yield so many jobs in all, shared over the seeds as evenly as can be."""
    for number in range(count if seeds else 0):
        sample, at = divmod(number, len(seeds))
        yield Job(seeds[at], sample, run_seed)


async def generate(
    jobs: Iterable[Job], door: Door, settings: Settings, *, make: Make | None = None
) -> AsyncIterator[Made]:
    """Make conversations, as many at a time as the setting says, and yield them in the order of the jobs.

    Args:
        jobs: What is to be made.
        door: The gateway.
        settings: Model, mode, limits.
        make: What is done for one job; ``rework.reworked`` gives one that a judge may send back.
    """

    async def plain(job: Job) -> Made:
        return await make_one(job, door, settings)

    async for made in in_order(jobs, make or plain, settings.generation_width):
        yield made


async def make_one(job: Job, door: Door, settings: Settings) -> Made:
    """Make one conversation, or say why there is none."""
    mode = MODES[settings.generation_mode]
    if fault := _fault(job, settings):
        return Made(job, Rejection(fault.code, job.row), detail=fault.message)
    scene = Scene(job, settings, Toolbox.of(job.seed), Asker(door, settings.generation_tries))
    bill = scene.asker.bill
    try:
        await mode.write(scene)
        _complete(scene)
    except Spoiled as spoiled:
        return Made(job, Rejection(spoiled.reason, job.row, "quarantined"), bill, spoiled.detail)
    row = row_of(job, scene.history, scene.toolbox.definitions, bill, mode.PROMPT_VERSION)
    return Made(job, row, bill)


def _fault(job: Job, settings: Settings) -> UncaseError | None:
    """Return why nothing can be written from a seed."""
    try:
        domain_of(job.seed.domain)
        for step in job.seed.steps:
            Step.parse(step)
        if OFFLINE in settings.model:
            grammar_for(job.language)
    except UncaseError as error:
        return error
    return None


def _complete(scene: Scene) -> None:
    """Refuse what is no conversation.

    Raises:
        Spoiled: ``one-sided`` or ``too-few-turns``.
    """
    roles = [turn.role for turn in scene.history]
    if not {"user", "assistant"} <= {*roles}:
        raise Spoiled("one-sided", "Only one side speaks.")
    if len(roles) < scene.job.seed.turns.minimum:
        raise Spoiled(
            "too-few-turns", f"{len(roles)} turns where the seed wants {scene.job.seed.turns.minimum}."
        )


MODES = {"one_shot": one_shot, "turns": turn_by_turn}
"""How a conversation is written, by the name in ``UNCASE_GENERATION_MODE``."""
