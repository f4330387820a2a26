import torch
from trl.trainer.dpo_config import DPOConfig

from uncase_pipeline.adapter.batches import UnitRows, cut
from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.encode import IGNORED, collate, encode_pairs
from uncase_pipeline.adapter.plan import Plan
from uncase_pipeline.adapter.preference import PrivateDPOTrainer, pair_dataset, sequence_log_probs
from uncase_pipeline_tests.adapter import oracle

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
