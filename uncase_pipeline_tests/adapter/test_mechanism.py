"""The mechanism of DP-SGD: these would fail if the guarantee did not hold. All in seconds, on a CPU."""

import contextlib

import pytest
import torch
from trl.trainer.sft_trainer import SFTConfig
from trl.trainer.utils import add_fused_lm_head

from uncase_pipeline.adapter.base import TINY, open_base
from uncase_pipeline.adapter.batches import UnitRows, cut, logical_batches
from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.adapter.crew import join
from uncase_pipeline.adapter.leaf import LeafLora
from uncase_pipeline.adapter.lora import with_adapter
from uncase_pipeline.adapter.mechanism import SecretNoise, UnitSum, carries_noise, poisson_batches
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.trainer import PrivateSFTTrainer, refuse_unsafe
from uncase_pipeline.adapter.trainers import as_dataset
from uncase_pipeline.errors import UncaseError
from uncase_pipeline_tests.adapter import oracle

CLIP = 0.05


def trainer_of(
    model,
    base,
    examples,
    tmp_path,
    *,
    units=None,
    sigma=1.0,
    micro_batch=4,
    checkpointing=None,
    build=PrivateSFTTrainer,
    crew=None,
    **plan,
):
    arguments = SFTConfig(
        output_dir=str(tmp_path),
        max_steps=3,
        max_grad_norm=0.0,
        bf16=False,
        use_cpu=True,
        gradient_checkpointing=checkpointing is not None,
        gradient_checkpointing_kwargs={"use_reentrant": checkpointing == "reentrant"},
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        report_to=[],
        disable_tqdm=True,
    )
    trainer = build(
        model=model, args=arguments, train_dataset=as_dataset(examples), processing_class=base.tokenizer
    )
    units = units or list(range(len(examples)))
    figures = {"units": len(set(units)), "steps": 3, "learning_rate": 1e-2, "rate": 0.5, **plan}
    rows = UnitRows(examples, units)
    plan = Plan(sigma=sigma, clip=CLIP, delta=1e-5, **figures)
    trainer.prepare(rows, plan, micro_batch, lambda: None, crew=crew)
    return trainer, [rows[number] for number in range(len(rows))]


@pytest.mark.parametrize("checkpointing", [None, "non-reentrant", "reentrant"])
def test_the_engine_equals_one_row_at_a_time_with_padding_and_clipping(
    model, base, examples, tmp_path, checkpointing
):
    assert len({len(example.ids) for example in examples}) > 1
    units = [0, 0, 0, 1, 2, 2]
    trainer, grouped = trainer_of(model, base, examples, tmp_path, units=units, checkpointing=checkpointing)
    if checkpointing:
        trainer.model.gradient_checkpointing_enable({"use_reentrant": checkpointing == "reentrant"})
        trainer.model.enable_input_require_grads()
    trainer.model.train()
    ours = trainer.clipped_sum(list(cut(grouped, 2, base.tokenizer.pad_token_id)))
    theirs = oracle.clipped_sum(trainer.model, grouped, CLIP, base.tokenizer.pad_token_id)
    single = [oracle.norm(oracle.unit_gradient(trainer.model, unit, 0)) for unit in grouped]
    assert min(single) > CLIP, "the test means nothing if clipping is not active"
    assert oracle.distance(ours, theirs) < 1e-5


def test_the_engine_equals_one_row_at_a_time_on_a_base_quantized_to_nf4(base, examples, tmp_path):
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    base = open_base(TINY, cache=tmp_path)
    base.model.save_pretrained(tmp_path / "base")
    options = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )
    base.model = AutoModelForCausalLM.from_pretrained(tmp_path / "base", quantization_config=options)
    quantized = with_adapter(base, AdapterSettings(quantization="nf4"))
    trainer, grouped = trainer_of(quantized, base, examples, tmp_path)
    for weight in trainer.leaf.parameters:
        assert weight.dtype == torch.float32
        weight.data += 0.02 * torch.randn_like(weight)
    ours = trainer.clipped_sum(list(cut(grouped, 2, base.tokenizer.pad_token_id)))
    theirs = oracle.clipped_sum(trainer.model, grouped, CLIP, base.tokenizer.pad_token_id)
    assert oracle.distance(ours, theirs) < 2e-3


def test_removing_any_unit_moves_the_sum_by_at_most_the_clipping_norm(model, base, examples, tmp_path):
    trainer, grouped = trainer_of(model, base, examples, tmp_path, units=[0, 0, 1, 2, 2, 2])
    pad = base.tokenizer.pad_token_id
    everyone = trainer.clipped_sum(list(cut(grouped, 4, pad)))
    for left_out in range(len(grouped)):
        others = grouped[:left_out] + grouped[left_out + 1 :]
        without = trainer.clipped_sum(list(cut(others, 4, pad)))
        moved = oracle.norm([a - b for a, b in zip(everyone, without, strict=True)])
        assert moved <= CLIP * (1 + 1e-4)


def test_the_loss_of_the_whole_batch_would_have_let_one_row_move_the_sum_further(
    model, base, examples, tmp_path
):
    """The positive control of the test above: TRL's own loss divides by the tokens of the batch."""
    add_fused_lm_head(model.get_base_model(), outputs=("log_probs",))
    leaf, pad = LeafLora(model), base.tokenizer.pad_token_id

    def clipped_sum(chosen):
        batch = next(cut([[example] for example in chosen], 99, pad))["inputs"]
        total = UnitSum(leaf.parameters, 0.02)
        with leaf.samples(len(chosen)):
            outputs = model(**batch, use_cache=False, fused_lm_head=True)
            (-outputs.log_probs.sum() / (batch["labels"][:, 1:] != -100).sum()).backward()
            # Without clipping each row alone, what a row adds depends on the length of the others.
            total.add([grads.sum(0, keepdim=True) for grads in leaf.gradients()], [0])
        return [grads.clone() for grads in leaf.gradients()]

    whole, part = clipped_sum(examples), clipped_sum(examples[:-1])
    kept = oracle.norm([grads[0] for grads in whole])
    alone = oracle.norm([grads[0] for grads in part])
    assert abs(kept - alone) / alone > 0.05, "the first row's gradient depends on the last row"


def test_rows_of_one_unit_are_clipped_once_wherever_micro_batches_are_cut():
    torch.manual_seed(0)
    gradients = [torch.randn(7, 3, 2)]
    units = [4, 4, 4, 1, 9, 9, 9]
    expected = torch.zeros(3, 2)
    for unit in (4, 1, 9):
        total = gradients[0][[i for i, u in enumerate(units) if u == unit]].sum(0)
        expected += total * min(1.0, 0.3 / float(total.norm()))
    for size in range(1, 8):
        unit_sum = UnitSum([torch.zeros(3, 2)], 0.3)
        for start in range(0, 7, size):
            unit_sum.add([gradients[0][start : start + size]], units[start : start + size])
        assert torch.allclose(unit_sum.finish()[0], expected, atol=1e-5)


def test_a_unit_whose_gradient_is_not_finite_adds_nothing():
    gradients = torch.stack(
        [torch.ones(2, 2), torch.full((2, 2), float("nan")), torch.full((2, 2), float("inf"))]
    )
    unit_sum = UnitSum([torch.zeros(2, 2)], 10.0)
    unit_sum.add([gradients], [0, 1, 2])
    assert torch.equal(unit_sum.finish()[0], torch.ones(2, 2))


def test_each_unit_is_drawn_independently_with_exactly_the_sampling_rate():
    steps, units, rate = 16_000, 25, 0.13
    drawn = torch.zeros(steps, units)
    for step, chosen in enumerate(poisson_batches(units, rate, steps)):
        drawn[step, chosen] = 1
    spread = (rate * (1 - rate) / steps) ** 0.5
    assert float((drawn.mean(0) - rate).abs().max()) < 6.5 * spread
    sizes = drawn.sum(1)
    assert abs(float(sizes.var()) / (units * rate * (1 - rate)) - 1) < 0.08
    pairs = torch.corrcoef(drawn.T) - torch.eye(units)
    assert float(pairs.abs().max()) < 0.055


def test_all_rows_of_a_drawn_unit_are_in_the_batch_together(examples):
    rows = UnitRows(examples, [0, 1, 0, 2, 1, 0])
    sizes = {len(rows[number]) for number in range(len(rows))}
    assert sizes == {1, 2, 3}
    for batch in logical_batches(rows, 0.5, 40, micro_batch=2, pad=0):
        units = [unit for micro in batch["micro_batches"] for unit in micro["units"]]
        counts = [units.count(unit) for unit in dict.fromkeys(units)]
        assert sorted(counts) == sorted(set(counts)), "each unit has a size of its own here"
        weights = [weight for micro in batch["micro_batches"] for weight in micro["weights"].tolist()]
        assert sum(weights) == pytest.approx(len(counts))


def test_a_unit_brings_no_more_rows_to_a_step_than_it_may_and_they_are_chosen_anew(examples):
    rows, seen = UnitRows(examples, [0] * len(examples)), set()
    for batch in logical_batches(rows, 1.0, 40, micro_batch=9, pad=0, rows_per_unit=2):
        (micro,) = batch["micro_batches"]
        assert micro["units"] == [0, 0]
        assert micro["weights"].tolist() == [0.5, 0.5]
        seen.add(tuple(micro["inputs"]["input_ids"].sum(1).tolist()))
    assert len(seen) > 4


def test_an_empty_batch_is_noise_of_the_promised_size(model, base, examples, tmp_path):
    trainer, _ = trainer_of(model, base, examples, tmp_path, sigma=3.0)
    trainer.training_step(trainer.model, {"micro_batches": []})
    noise = torch.cat([weight.grad.flatten() for weight in trainer.leaf.parameters])
    expected = 3.0 * CLIP / (0.5 * len(examples))
    assert float(noise.std()) == pytest.approx(expected, rel=0.03)
    assert abs(float(noise.mean())) < 5 * expected / len(noise) ** 0.5


def test_noise_is_normal_and_never_repeats_even_with_one_seed():
    shape = torch.empty(200_001)
    torch.manual_seed(7)
    one = SecretNoise().normal(shape, 2.0)
    torch.manual_seed(7)
    other = SecretNoise().normal(shape, 2.0)
    assert float(one.std()) == pytest.approx(2.0, rel=0.01)
    assert float(((one / 2.0) ** 4).mean()) == pytest.approx(3.0, rel=0.05)
    assert abs(float(torch.corrcoef(torch.stack([one, other]))[0, 1])) < 0.02


def test_two_runs_with_one_seed_end_with_different_adapters(base, settings, examples, tmp_path):
    ends = []
    for _ in range(2):
        adapted = with_adapter(base, settings)
        trainer, _ = trainer_of(adapted, base, examples, tmp_path)
        trainer.train()
        ends.append(torch.cat([weight.detach().flatten() for weight in trainer.leaf.parameters]))
        base.model = adapted.unload()
    assert not torch.allclose(ends[0], ends[1])


def test_a_private_run_logs_neither_loss_nor_gradient_norm(model, base, examples, tmp_path):
    trainer, _ = trainer_of(model, base, examples, tmp_path)
    trainer.args.logging_steps = 1
    trainer.train()
    logged = {name for entry in trainer.state.log_history for name in entry}
    assert not logged & {"loss", "grad_norm", "train_loss", "mean_token_accuracy", "entropy"}


@pytest.mark.parametrize("share", [0.0, 0.9, 1.1])
def test_a_run_whose_noise_is_missing_or_of_another_size_stops_before_any_weight_moves(
    base, settings, examples, tmp_path, monkeypatch, share
):
    proper = SecretNoise.normal
    monkeypatch.setattr(SecretNoise, "normal", lambda self, like, std: proper(self, like, share * std))
    trainer, _ = trainer_of(with_adapter(base, settings), base, examples, tmp_path)
    before = [weight.detach().clone() for weight in trainer.leaf.parameters]
    with pytest.raises(UncaseError) as caught:
        trainer.train()
    assert caught.value.code == "noise-missing"
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.leaf.parameters, strict=True))


@pytest.mark.parametrize("shape", [(1, 16), (16, 32)])
def test_noise_that_is_missing_from_one_small_matrix_is_noticed_and_proper_noise_is_not(shape):
    torch.manual_seed(0)
    totals = [torch.randn(shape), *(torch.randn(16, 512) for _ in range(40))]
    for _ in range(50):
        noise = SecretNoise()
        released = [total + noise.normal(total, 0.3) for total in totals]
        assert carries_noise(totals, released, 0.3)
        assert not carries_noise(totals, [totals[0], *released[1:]], 0.3)


def test_each_released_step_was_checked_for_its_noise_first(model, base, examples, tmp_path):
    trainer, _ = trainer_of(model, base, examples, tmp_path)
    order = []
    trainer._before_release, trainer._after_check = (
        (lambda: order.append("released")),
        lambda: order.append("checked"),
    )
    trainer.train()
    assert order == ["checked", "released"] * 3


def test_training_in_other_processes_than_the_settings_say_is_refused_whatever_launched_them(monkeypatch):
    assert join(1).size == 1
    for launcher in ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"):
        with monkeypatch.context() as patched:
            patched.setenv(launcher, "2")
            with pytest.raises(UncaseError, match="2 processes") as caught:
                join(1)
            assert caught.value.code == "launched-otherwise"
    with pytest.raises(UncaseError, match="1 processes"):
        join(3)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("packing", True), ("gradient_accumulation_steps", 2), ("max_grad_norm", 1.0), ("padding_free", True)],
)
def test_trainer_settings_that_would_break_the_guarantee_are_refused(tmp_path, setting, value):
    arguments = SFTConfig(output_dir=str(tmp_path), max_grad_norm=0.0, use_cpu=True, bf16=False)
    setattr(arguments, setting, value)
    with pytest.raises(UncaseError, match=setting):
        refuse_unsafe(arguments)


def test_anything_trainable_beside_lora_matrices_is_refused(base, settings):
    adapted = with_adapter(base, settings)
    adapted.get_base_model().model.norm.weight.requires_grad_(True)
    with pytest.raises(UncaseError, match=r"norm\.weight"):
        LeafLora(adapted)


def test_a_base_without_lora_is_refused(base):
    with contextlib.suppress(AttributeError):
        base.model.requires_grad_(False)
    with pytest.raises(UncaseError, match="none were found"):
        LeafLora(base.model)
