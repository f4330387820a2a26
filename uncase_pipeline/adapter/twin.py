"""The twin: the same training on the same rows without privacy, to see what privacy costs. Its weights are dropped.

One figure leaves this module, the twin's held-out loss; the statement says that no guarantee covers it.
"""

from dataclasses import replace
from typing import Any

from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.trainers import Assignment, make_trainer
from uncase_pipeline.adapter.utility import Utility


def loss_of_twin(task: Assignment, fresh: Any, utility: Utility) -> float:
    """Train a fresh adapter for as many steps, of as many rows as were expected in a step, without clip and noise.

    Args:
        task: Of the private run.
        fresh: The base with a fresh adapter.
        utility: Measures on the same held-out rows.
    """
    plan = Plan(task.plan.units, task.plan.steps, task.plan.learning_rate)
    trainer = make_trainer(replace(task, model=fresh, plan=plan, checkpoints=False), [])
    trainer.train()
    return utility.held_out_loss(fresh)
