"""What privacy costs in training, beside plain TRL and Opacus; and what the audit sees. Prints two tables.

Each variant runs in a process of its own on the same batches (13 M parameters, LoRA r 16 on all linear layers,
CPU), measured in CPU seconds and peak resident memory. One run: the last figures vary by a few per cent.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.train_audit import audits, error_rates
from benchmarks.train_gpu import on_gpu

ROWS, LENGTH = 8, 128
VARIANTS = {
    "plain": "TRL SFTTrainer, not private",
    "ours": "ours, not private",
    "dp": "ours, DP-SGD (leaf copies)",
    "hooks": "Opacus hooks, lean loop",
    "ghost": "Opacus ghost clipping, lean loop",
}


def model_13m() -> Any:
    """Return a randomly initialised Llama of about 13 M parameters with an adapter."""
    import peft
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=8192,
        hidden_size=320,
        intermediate_size=896,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=4,
        tie_word_embeddings=True,
    )
    adapter = peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    return peft.get_peft_model(LlamaForCausalLM(config), adapter)


def examples() -> list[Any]:
    """Return the rows of one batch."""
    import torch

    from uncase_pipeline.adapter.encode import Example

    torch.manual_seed(1)
    rows = torch.randint(5, 8000, (ROWS, LENGTH)).tolist()
    return [Example(ids, [-100] * 32 + ids[32:], number) for number, ids in enumerate(rows)]


def trainer_step(name: str, folder: str) -> Any:
    """Return a function that takes one step of a TRL trainer."""
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from uncase_pipeline.adapter.base import TINY, open_base
    from uncase_pipeline.adapter.batches import UnitRows, cut
    from uncase_pipeline.adapter.encode import collate
    from uncase_pipeline.adapter.plan import Plan
    from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
    from uncase_pipeline.adapter.trainers import as_dataset

    rows = examples()
    arguments = SFTConfig(
        output_dir=folder, max_steps=99, max_grad_norm=0.0, bf16=False, use_cpu=True, report_to=[],
        gradient_checkpointing=False, dataset_kwargs={"skip_prepare_dataset": True}, max_length=None,
    )  # fmt: skip
    tokenizer = open_base(TINY, cache=Path(folder)).tokenizer
    if name == "ours":
        trainer = our_trainer(rows, tokenizer, Path(folder))
    else:
        build = PrivateSFTTrainer if name == "dp" else SFTTrainer
        trainer = build(
            model=model_13m(), args=arguments, train_dataset=as_dataset(rows), processing_class=tokenizer
        )
    trainer.create_optimizer()
    trainer.current_gradient_accumulation_steps = 1
    if name == "dp":
        plan = Plan(ROWS, 99, 1e-3, rate=1.0, sigma=1.0, clip=0.1, delta=1e-5)
        trainer.prepare(UnitRows(rows, range(ROWS)), plan, ROWS, lambda: None)
        micro_batches = list(cut([[row] for row in rows], ROWS, 0))

    def step() -> None:
        if name == "dp":
            trainer.training_step(trainer.model, {"micro_batches": micro_batches})
        else:
            trainer.training_step(trainer.model, collate(rows, 0))
        trainer.optimizer.step()
        trainer.optimizer.zero_grad()

    return step


def our_trainer(rows: list[Any], tokenizer: Any, folder: Path) -> Any:
    """Return what a job without privacy trains with, built as the training process builds it."""
    from uncase_pipeline.adapter.contract import AdapterSettings, TrainingJob
    from uncase_pipeline.adapter.material import Material
    from uncase_pipeline.adapter.plan import Plan
    from uncase_pipeline.adapter.progress import StepCounter
    from uncase_pipeline.adapter.trainers import Assignment, make_trainer

    job = TrainingJob(
        domain="benchmark", dataset=folder, dataset_version="", dataset_digest="", work=folder, cache=folder,
        ledger=folder / "ledger.db", tracking_uri="",
        settings=AdapterSettings.model_validate({"privacy": {"enabled": False}, "training": {"batch": ROWS}}),
    )  # fmt: skip
    material = Material([], rows, list(range(ROWS)), [], [], [])
    plan, counter = Plan(ROWS, 99, 1e-3), StepCounter(folder / "released")
    return make_trainer(Assignment(job, model_13m(), tokenizer, material, plan, counter), [])


def opacus_step(name: str) -> Any:
    """Return a function that takes one private step with Opacus, without a trainer around it."""
    import torch
    from opacus import GradSampleModule
    from opacus.grad_sample import GradSampleModuleFastGradientClipping

    from uncase_pipeline.adapter.encode import collate

    model = model_13m()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=1e-3)
    if name == "ghost":
        wrapped = GradSampleModuleFastGradientClipping(
            model, max_grad_norm=0.1, use_ghost_clipping=True, strict=False
        )
    else:
        wrapped = GradSampleModule(model, strict=False)
    batch = collate(examples(), 0)

    def losses() -> torch.Tensor:
        logits = wrapped(input_ids=batch["input_ids"], use_cache=False).logits[:, :-1]
        return torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), batch["labels"][:, 1:], reduction="none"
        ).mean(1)

    def step() -> None:
        per_row = losses()
        torch.autograd.backward(per_row.mean(), retain_graph=name == "ghost")
        if name == "ghost":
            factors = (0.1 / (wrapped.get_norm_sample() + 1e-6)).clamp(max=1.0)
            optimizer.zero_grad()
            wrapped.disable_hooks()
            torch.autograd.backward((factors * per_row).sum())
            wrapped.enable_hooks()
        else:
            norms = sum(weight.grad_sample.flatten(1).square().sum(1) for weight in weights).sqrt()
            factors = (0.1 / (norms + 1e-6)).clamp(max=1.0)
            for weight in weights:
                weight.grad = torch.einsum("b,boi->oi", factors, weight.grad_sample)
        for weight in weights:
            weight.grad += 0.1 * torch.randn_like(weight.grad)
        optimizer.step()
        wrapped.zero_grad()

    return step


def measure(name: str, steps: int) -> dict[str, float]:
    """Take some steps of a variant and return CPU seconds a step and peak memory."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        step = opacus_step(name) if name in ("hooks", "ghost") else trainer_step(name, folder)
        step()
        started = time.process_time()
        for _ in range(steps):
            step()
        seconds = (time.process_time() - started) / steps
    return {"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def overheads(steps: int) -> None:
    """Print the first table."""
    found: dict[str, dict[str, float]] = {}
    for name, title in VARIANTS.items():
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "benchmarks.train",
            "--variant",
            name,
            "--steps",
            str(steps),
        ]
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "TRANSFORMERS_VERBOSITY": "error"}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode:
            print(f"{title}: failed ({ended.stderr.strip().splitlines()[-1][:100]})")
        else:
            found[name] = json.loads(ended.stdout.strip().splitlines()[-1])
    print(
        "| training step, 8 rows of 128 tokens | CPU s | x plain | peak MB | x plain |\n|---|---|---|---|---|"
    )
    base = found["plain"]
    for name, figures in found.items():
        ratio, memory = figures["seconds"] / base["seconds"], figures["memory"] / base["memory"]
        print(
            f"| {VARIANTS[name]} | {figures['seconds']:.2f} | {ratio:.2f} | {figures['memory']:.0f} | {memory:.2f} |"
        )


def main() -> None:
    """Run one variant, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=list(VARIANTS))
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--audit-steps", type=int, default=40)
    parser.add_argument("--audit-runs", type=int, default=0, help="how often verdicts err, over so many runs")
    chosen = parser.parse_args()
    if chosen.variant:
        print(json.dumps(measure(chosen.variant, chosen.steps)))
        return
    if chosen.audit_runs:
        error_rates(chosen.audit_runs, chosen.audit_steps)
        return
    import torch

    overheads(chosen.steps)
    audits(chosen.audit_steps)
    if torch.cuda.is_available():
        on_gpu()


if __name__ == "__main__":
    main()
