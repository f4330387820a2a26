import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from peft import PeftModel
from safetensors.torch import load_file

from uncase_pipeline.adapter.base import RANDOM, TINY, open_base
from uncase_pipeline.adapter.card import render_card
from uncase_pipeline.adapter.contract import AdapterSettings, TrainingJob
from uncase_pipeline.adapter.encode import encode, with_generation_markers
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.measure import mean_loss
from uncase_pipeline.adapter.progress import StepCounter
from uncase_pipeline.adapter.training import assist, train
from uncase_pipeline.errors import UncaseError
from uncase_pipeline_tests.adapter.datasets import rows, write_folder
from uncase_pipeline_tests.adapter.processes import together

CODE = """
import os, signal, sys
from uncase_pipeline.adapter.contract import TrainingJob
from uncase_pipeline.adapter.progress import StepCounter
from uncase_pipeline.adapter.training import train
counted, last = StepCounter.count, int(sys.argv[1])
def count(self, most):
    counted(self, most)
    if self.released == last:
        os.kill(os.getpid(), signal.SIGKILL)
StepCounter.count = count
print(train(TrainingJob.model_validate_json(sys.stdin.read()), lambda figures: None).model_dump_json())
"""
NEVER = 0


def job(tmp_path: Path, **over) -> TrainingJob:
    settings = {
        "base_model": RANDOM,
        "training": {"steps": 16, "learning_rate": 0.01, "checkpoint_every": 5},
        "privacy": {"accept_small_population": True},
        "attacks": {"enabled": False},
        **over,
    }
    (tmp_path / "work").mkdir(exist_ok=True)
    return TrainingJob(
        domain="automotive.sales",
        dataset=write_folder(tmp_path / "dataset", rows(40)),
        dataset_version="v1",
        dataset_digest="d1",
        work=tmp_path / "work",
        cache=tmp_path / "cache",
        ledger=tmp_path / "ledger.db",
        settings=AdapterSettings.model_validate(settings),
        tracking_uri="",
    )


def released(todo: TrainingJob) -> int:
    file = todo.work / "released"
    return file.stat().st_size if file.exists() else 0


def in_a_process(todo: TrainingJob, *, killed_at: int) -> subprocess.CompletedProcess:
    """Train in a process that the system kills as it has counted so many noisy steps."""
    command = [sys.executable, "-c", CODE, str(killed_at)]
    return subprocess.run(command, input=todo.model_dump_json(), capture_output=True, text=True, check=False)


def test_no_noisy_step_is_taken_beyond_the_plan(tmp_path):
    counter = StepCounter(tmp_path / "released")
    counter.begin()
    counter.count(2)
    counter.count(2)
    with pytest.raises(UncaseError) as caught:
        StepCounter(tmp_path / "released").count(2)
    assert caught.value.code == "steps-over-plan"
    assert counter.released == 2


def held_out_of(base):
    """Return the rows that ``job`` holds out, encoded."""
    return [
        encode([json.loads(turn) for turn in row["messages"]], base.tokenizer, max_length=1024)
        for row in rows(40)[32:36]
    ]


@pytest.mark.slow
def test_a_killed_run_goes_on_and_takes_no_more_noisy_steps_than_planned(tmp_path):
    todo = job(tmp_path)
    assert in_a_process(todo, killed_at=9).returncode == -signal.SIGKILL
    assert released(todo) == 9
    result = train(todo, lambda figures: None)
    assert result.resumed_from == 5
    assert released(todo) == 16 == result.privacy.steps_released
    assert result.privacy.steps_noise_checked >= 16
    entries = Ledger(todo.ledger).entries()
    assert [(entry.steps, entry.settled) for entry in entries] == [(16, True)]
    assert result.privacy.epsilon <= 8.0

    again = train(todo, lambda figures: None)
    assert (again.resumed_from, released(todo)) == (12, 16), "no step is left, and none is taken"
    assert again.learning.loss_after == result.learning.loss_after
    shutil.rmtree(todo.work / "checkpoints")
    with pytest.raises(UncaseError, match="no checkpoint") as caught:
        train(todo, lambda figures: None)
    assert caught.value.code == "no-checkpoint"


def test_training_lowers_held_out_loss_and_the_written_adapter_reloads_equal(tmp_path):
    figures = []
    todo = job(tmp_path, privacy={"enabled": False}, training={"steps": 12, "learning_rate": 0.01})
    result = train(todo, figures.append)
    assert result.learning.learned
    assert figures[-1]["step"] == 12
    base = open_base(RANDOM, cache=tmp_path)
    reloaded = PeftModel.from_pretrained(base.model, tmp_path / "work" / "adapter")
    assert mean_loss(reloaded, held_out_of(base), 0) == pytest.approx(result.learning.loss_after, abs=1e-5)
    weights = load_file(tmp_path / "work" / "adapter" / "adapter_model.safetensors")
    assert all("lora_" in name for name in weights)
    assert {str(weight.dtype) for weight in weights.values()} == {"torch.float32"}


def test_training_in_processes_that_nobody_asked_for_is_refused_before_anything_is_booked(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    todo = job(tmp_path)
    with pytest.raises(UncaseError) as caught:
        train(todo, lambda figures: None)
    assert caught.value.code == "launched-otherwise"
    assert not todo.ledger.exists()


def test_a_dataset_without_held_out_rows_is_refused(tmp_path):
    todo = job(tmp_path)
    for split in ("validation", "test"):
        (todo.dataset / "data" / f"{split}-00000.parquet").unlink()
    with pytest.raises(UncaseError) as caught:
        train(todo, lambda figures: None)
    assert caught.value.code == "no-held-out-rows"


def test_a_base_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UncaseError, match="no/such/base"):
        open_base("no/such/base", cache=tmp_path)
    with pytest.raises(UncaseError, match="tiny-llama"):
        open_base(RANDOM, cache=tmp_path, quantization="nf4")


def test_a_template_that_does_not_mark_the_assistant_is_refused(base):
    base.tokenizer.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    with pytest.raises(UncaseError, match="generation"):
        with_generation_markers(base.tokenizer)


@pytest.mark.slow
def test_two_processes_train_one_private_adapter_and_go_on_after_a_kill(tmp_path):
    training = {"steps": 12, "learning_rate": 0.01, "checkpoint_every": 4, "processes": 2}
    todo = job(tmp_path, training=training)
    assert in_a_process(todo, killed_at=7).returncode == -signal.SIGKILL
    assert released(todo) == 7
    result = in_a_process(todo, killed_at=NEVER)
    assert result.returncode == 0, result.stderr[-500:]
    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert told["resumed_from"] == 4
    assert released(todo) == 12 == told["privacy"]["steps_noise_checked"]
    assert told["learning"]["weights_moved"] > 0
    assert "2 processes" in told["privacy"]["mechanism"]


def shared_whole(crew, todo):
    """Be one of two processes of a whole training."""
    return train(todo, lambda figures: None).learning.learned if crew.leads else assist(todo)


@pytest.mark.slow
def test_without_privacy_trl_shares_its_batches_between_two_processes(tmp_path):
    training = {"steps": 6, "learning_rate": 0.01, "processes": 2, "batch": 8}
    todo = job(tmp_path, privacy={"enabled": False}, training=training)
    assert together(2, tmp_path, shared_whole, todo) == [True, None]


@pytest.mark.slow
def test_a_private_adapter_on_nf4_is_stated_reloads_equal_and_its_twin_leaves_one_figure(tmp_path):
    todo = job(
        tmp_path,
        base_model=TINY,
        quantization="nf4",
        privacy={"accept_small_population": True, "twin": True},
        training={"steps": 4, "learning_rate": 0.01, "batch": 8},
    )
    result = train(todo, lambda figures: None)
    privacy = result.privacy
    assert "frozen in NF4" in privacy.mechanism
    assert privacy.epsilon <= 8.0 < privacy.epsilon_rdp + 2
    assert (privacy.units, privacy.largest_unit_rows) == (16, 2)
    assert "16 units" in privacy.overrides[0]
    assert privacy.per_row_epsilon["2"] > privacy.epsilon
    assert any("held-out" in item for item in privacy.not_covered)
    assert "quantization nf4" in render_card(result)
    base = open_base(TINY, cache=tmp_path, quantization="nf4")
    assert type(base.model.model.layers[0].mlp.up_proj).__name__ == "Linear4bit"
    reloaded = PeftModel.from_pretrained(base.model, todo.work / "adapter")
    assert mean_loss(reloaded, held_out_of(base), 0) == pytest.approx(result.learning.loss_after, rel=1e-3)
    weights = load_file(todo.work / "adapter" / "adapter_model.safetensors")
    assert {str(weight.dtype) for weight in weights.values()} == {"torch.float32"}

    twin = result.learning.loss_twin
    assert twin != result.learning.loss_after
    assert twin < result.learning.loss_before
    assert "twin" in privacy.not_covered[-1]
    assert f"{twin:.4g}" in render_card(result)
    written = {str(file.parent.relative_to(todo.work)) for file in todo.work.rglob("*.safetensors")}
    assert written == {"adapter", "checkpoints/checkpoint-4"}
    assert [entry.sigma > 0 for entry in Ledger(todo.ledger).entries()] == [True]
