import pytest
import torch
from safetensors.torch import load_file
from trl.trainer.dpo_config import DPOConfig

from uncase_pipeline.adapter.batches import UnitRows, cut
from uncase_pipeline.adapter.contract import PairSources, StartingPoint
from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.encode import IGNORED, collate, encode_pairs
from uncase_pipeline.adapter.lora import adapter_of, write_adapter
from uncase_pipeline.adapter.measure import adapter_norm, margins
from uncase_pipeline.adapter.pairing import gather_pairs
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.preference import PrivateDPOTrainer, pair_dataset, sequence_log_probs
from uncase_pipeline.adapter.progress import StepCounter
from uncase_pipeline.adapter.training import train
from uncase_pipeline.errors import UncaseError
from uncase_pipeline_tests.adapter import oracle
from uncase_pipeline_tests.adapter.test_pairs import DOMAIN, Watchful, job, write_pairs
from uncase_pipeline_tests.adapter.test_pairs import pair as line
from uncase_pipeline_tests.adapter.test_promotion import result

CLIP = 0.05


def pairs_of(base, count=5):
    rows = [
        Row(
            f"p{number}",
            (f"subject:{number // 2}",),
            None,
            [{"role": "user", "content": f"¿Cuánto cuesta el modelo {number}?" * (1 + number % 2)}],
            chosen=[{"role": "assistant", "content": f"Cuesta {number}00 euros al mes, con seguro."}],
            rejected=[{"role": "assistant", "content": "No sé."}],
        )
        for number in range(count)
    ]
    return encode_pairs(rows, base.tokenizer, max_length=256)


def private_trainer(model, base, pairs, tmp_path, steps=3):
    arguments = DPOConfig(
        output_dir=str(tmp_path), max_steps=steps, max_grad_norm=0.0, bf16=False, use_cpu=True, report_to=[],
        gradient_checkpointing=False, disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip
    trainer = PrivateDPOTrainer(
        model=model, args=arguments, train_dataset=pair_dataset(pairs), processing_class=base.tokenizer
    )
    plan = Plan(len(pairs), steps, 1e-2, rate=0.5, sigma=1.0, clip=CLIP, delta=1e-5)
    trainer.prepare(UnitRows(pairs, list(range(len(pairs)))), plan, 2, lambda: None)
    return trainer


def pair_gradient(model, pair, beta):
    model.zero_grad()
    inputs = collate([pair.chosen, pair.rejected], 0)
    policy = sequence_log_probs(model, inputs)
    with torch.no_grad(), model.disable_adapter():
        reference = sequence_log_probs(model, inputs)
    won, lost = policy - reference
    (-torch.nn.functional.logsigmoid(beta * (won - lost))).backward()
    return [weight.grad.clone() for weight in oracle.lora_weights(model)]


def test_only_the_answers_of_a_pair_are_learned(base):
    pair = pairs_of(base)[1]
    learned = base.tokenizer.decode([label for label in pair.chosen.labels if label != IGNORED])
    assert learned == "Cuesta 100 euros al mes, con seguro.<|im_end|>"


def test_the_private_step_equals_one_pair_at_a_time(model, base, tmp_path):
    pairs = pairs_of(base)
    trainer = private_trainer(model, base, pairs, tmp_path)
    ours = trainer.clipped_sum(list(cut([[pair] for pair in pairs], 2, 0)))
    theirs = [torch.zeros_like(weight) for weight in oracle.lora_weights(trainer.model)]
    norms = []
    for pair in pairs:
        gradient = pair_gradient(trainer.model, pair, trainer.args.beta)
        norms.append(oracle.norm(gradient))
        for total, part in zip(theirs, gradient, strict=True):
            total.add_(min(1.0, CLIP / norms[-1]) * part)
    assert max(norms) > CLIP
    assert oracle.distance(ours, theirs) < 1e-5


def test_private_preference_training_moves_the_adapter_and_leaves_no_reference_behind(model, base, tmp_path):
    trainer = private_trainer(model, base, pairs_of(base), tmp_path)
    before = [weight.detach().clone() for weight in trainer.leaf.parameters]
    trainer.train()
    assert oracle.norm([a - b for a, b in zip(trainer.leaf.parameters, before, strict=True)]) > 0
    assert list(trainer.model.peft_config) == ["default"]


@pytest.fixture
def going_on(model, base, tmp_path):
    """A job that goes on from an adapter which is not the base: its B is not zero."""
    write_adapter(model, base, tmp_path / "start")
    base.model = model.unload()
    start = StartingPoint(
        version="v1", folder=tmp_path / "start", base_digest=base.digests["base"], job="job",
        privacy=result().privacy,
    )  # fmt: skip
    return job(tmp_path, PairSources()).model_copy(update={"start": start})


def test_an_adapter_that_goes_on_from_another_is_compared_with_that_one_and_leaves_it_as_it_was(
    going_on, base, tmp_path
):
    model, pairs = adapter_of(base, going_on), pairs_of(base)
    assert margins(model, pairs, 0) == pytest.approx([0.0] * len(pairs), abs=1e-4)
    assert adapter_norm(model) == 0.0
    start = [weight.clone() for name, weight in model.named_parameters() if ".start." in name]
    trainer = private_trainer(model, base, pairs, tmp_path)
    trainer.train()
    assert adapter_norm(model) > 0
    ended = [weight for name, weight in model.named_parameters() if ".start." in name]
    assert start
    assert all(torch.equal(a, b) for a, b in zip(start, ended, strict=True))
    write_adapter(model, base, tmp_path / "ended")
    assert {file.name for file in (tmp_path / "ended").iterdir()} >= {"adapter_model.safetensors"}
    assert not list((tmp_path / "ended").rglob("start")), "only what was trained is written"


def test_the_private_step_of_an_adapter_that_goes_on_has_that_adapter_as_its_reference(
    going_on, base, tmp_path
):
    model, pairs = adapter_of(base, going_on), pairs_of(base)[:1]
    trainer = private_trainer(model, base, pairs, tmp_path)
    trainer.model.train()
    inputs = collate([pairs[0].chosen, pairs[0].rejected], 0)
    with trainer.leaf.samples(2):
        (loss,) = trainer.row_losses(inputs).tolist()
    assert loss == pytest.approx(0.6931, abs=1e-3), "log 2: nothing was learned beyond the reference"


def test_an_adapter_does_not_go_on_upon_another_base(going_on, base):
    start = going_on.start.model_copy(update={"base_digest": "0" * 64})
    with pytest.raises(UncaseError) as caught:
        adapter_of(base, going_on.model_copy(update={"start": start}))
    assert caught.value.code == "start-on-another-base"


class Stopped(Exception):
    """What ends a run in its middle."""


def stop_after(step):
    def report(figures):
        if figures["step"] == step:
            raise Stopped

    return report


def learned_by(todo):
    return load_file(todo.work / "adapter" / "adapter_model.safetensors")


@pytest.mark.slow
@pytest.mark.parametrize("private", [True, False])
def test_a_stopped_run_that_goes_on_from_another_adapter_keeps_it_as_its_reference(
    going_on, lake, tmp_path, private
):
    file = write_pairs(tmp_path / "pairs.jsonl", [line(number) for number in range(40)])
    over = {
        "training": {
            "objective": "dpo", "start": "published", "steps": 12, "learning_rate": 0.01, "batch": 12,
            "checkpoint_every": 4, "evaluate_every": 1,
        },
        "privacy": {"enabled": private, "accept_small_population": True},
        "attacks": {"enabled": False},
    }  # fmt: skip
    whole, halves = (
        job(folder, gather_pairs(lake, DOMAIN, None, file, Watchful), **over).model_copy(
            update={"start": going_on.start}
        )
        for folder in (tmp_path / "whole", tmp_path / "halves")
        if not folder.mkdir()
    )
    with pytest.raises(Stopped):
        train(halves, stop_after(6))
    result = train(halves, lambda figures: None)
    assert result.resumed_from == 4
    assert result.started_from == "v1"
    other = train(whole, lambda figures: None)
    assert result.learning.loss_before == other.learning.loss_before == pytest.approx(0.6931, abs=1e-3)
    if private:
        assert StepCounter(halves.work / "released").released == 12 == result.privacy.steps_released
    else:
        weights, expected = learned_by(halves), learned_by(whole)
        assert all(torch.allclose(weights[name], expected[name], atol=1e-6) for name in expected)
