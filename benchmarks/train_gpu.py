"""What privacy costs on a GPU: randomly initialised Llamas of 1 and 8 B, LoRA on bf16 and on NF4, beside plain TRL.

Each variant runs in a process of its own, so that peak memory is its own. Tokens per second are by the wall clock,
after two steps to warm up. Needs no weights and no network.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LENGTH, VOCABULARY = 1_024, 32_000
SIZES: dict[str, dict[str, Any]] = {
    "1B": {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
    },
    "8B": {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
    },
}
BASES = {"bf16": "LoRA, bf16", "nf4": "QLoRA, NF4"}
TRAINERS = {"plain": "TRL, not private", "dp": "ours, DP-SGD"}


def base_model(shape: dict[str, Any], kind: str, device: str) -> Any:
    """Return a randomly initialised Llama with an adapter, its linear layers in NF4 where that is asked for."""
    import peft
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=VOCABULARY, num_key_value_heads=8, tie_word_embeddings=True,
        max_position_embeddings=LENGTH, **shape,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model: Any = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    if kind == "nf4":
        quantize(model, device)
        model.is_loaded_in_4bit = True
    model.enable_input_require_grads()
    adapter = peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    return peft.get_peft_model(model, adapter)


def quantize(model: Any, device: str) -> None:
    """Replace the linear layers below the head by NF4 ones with double quantization, in place."""
    from importlib import import_module

    import torch

    bnb: Any = import_module("bitsandbytes.nn")
    found = [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name != "lm_head"
    ]
    for name, module in found:
        small = bnb.Linear4bit(
            module.in_features, module.out_features, bias=False, compute_dtype=torch.bfloat16,
            compress_statistics=True, quant_type="nf4",
        )  # fmt: skip
        small.weight = bnb.Params4bit(
            module.weight.data.cpu(), requires_grad=False, compress_statistics=True, quant_type="nf4"
        )
        parent, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(parent), leaf, small.to(device))


def step_of(model: Any, kind: str, rows: int, length: int, folder: str, *, cpu: bool) -> Any:
    """Return a function that takes one step of a trainer."""
    import torch
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from uncase_pipeline.adapter.base import TINY, open_base
    from uncase_pipeline.adapter.batches import UnitRows, cut
    from uncase_pipeline.adapter.encode import Example, collate
    from uncase_pipeline.adapter.plan import Plan
    from uncase_pipeline.adapter.trainer import PrivateSFTTrainer
    from uncase_pipeline.adapter.trainers import as_dataset

    torch.manual_seed(1)
    texts = torch.randint(5, VOCABULARY - 5, (rows, length)).tolist()
    examples = [Example(ids, [-100] * (length // 4) + ids[length // 4 :], at) for at, ids in enumerate(texts)]
    arguments = SFTConfig(
        output_dir=folder, max_steps=99, max_grad_norm=0.0, bf16=not cpu, use_cpu=cpu, report_to=[],
        gradient_checkpointing=True, gradient_checkpointing_kwargs={"use_reentrant": False},
        dataset_kwargs={"skip_prepare_dataset": True}, max_length=None,
    )  # fmt: skip
    tokenizer = open_base(TINY, cache=Path(folder)).tokenizer
    build = PrivateSFTTrainer if kind == "dp" else SFTTrainer
    trainer: Any = build(
        model=model, args=arguments, train_dataset=as_dataset(examples), processing_class=tokenizer
    )
    model.gradient_checkpointing_enable({"use_reentrant": False})
    trainer.create_optimizer()
    trainer.current_gradient_accumulation_steps = 1
    micro_batches: list[Any] = []
    if kind == "dp":
        plan = Plan(rows, 99, 1e-3, rate=1.0, sigma=1.0, clip=0.1, delta=1e-5)
        trainer.prepare(UnitRows(examples, range(rows)), plan, rows, lambda: None)
        micro_batches = list(cut([[example] for example in examples], rows, 0))
    batch = {name: tensor.to(arguments.device) for name, tensor in collate(examples, 0).items()}

    def step() -> None:
        trainer.training_step(
            trainer.model, {"micro_batches": micro_batches} if kind == "dp" else dict(batch)
        )
        trainer.optimizer.step()
        trainer.optimizer.zero_grad()

    return step


def measure(size: str, base: str, kind: str, rows: int, steps: int) -> dict[str, float]:
    """Return tokens a second and peak memory in GB."""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        step = step_of(base_model(SIZES[size], base, "cuda"), kind, rows, LENGTH, folder, cpu=False)
        for _ in range(2):
            step()
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        for _ in range(steps):
            step()
        torch.cuda.synchronize()
        seconds = time.perf_counter() - started
    return {
        "tokens": rows * LENGTH * steps / seconds,
        "memory": torch.cuda.max_memory_allocated() / 2**30,
    }


def on_gpu(rows: int = 8, steps: int = 8) -> None:
    """Print the table."""
    print(
        f"\n| {rows} rows of {LENGTH} tokens, non-reentrant checkpointing | tokens/s | x plain | peak GB | x plain |"
        "\n|---|---|---|---|---|"
    )
    for size in SIZES:
        for base, title in BASES.items():
            plain: dict[str, float] = {}
            for kind, name in TRAINERS.items():
                command = [sys.executable, "-W", "ignore", "-m", "benchmarks.train_gpu", size, base, kind]
                command += ["--rows", str(rows), "--steps", str(steps)]
                ended = subprocess.run(command, capture_output=True, text=True, check=False)
                if ended.returncode:
                    print(
                        f"| {size}, {title}: {name} | failed: {ended.stderr.strip().splitlines()[-1][:80]} | | | |"
                    )
                    continue
                found = json.loads(ended.stdout.strip().splitlines()[-1])
                plain = plain or found
                print(
                    f"| {size}, {title}: {name} | {found['tokens']:.0f} | {found['tokens'] / plain['tokens']:.2f} "
                    f"| {found['memory']:.1f} | {found['memory'] / plain['memory']:.2f} |",
                    flush=True,
                )


def main() -> None:
    """Measure one variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=list(SIZES))
    parser.add_argument("base", choices=list(BASES))
    parser.add_argument("trainer", choices=list(TRAINERS))
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--steps", type=int, default=8)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.size, chosen.base, chosen.trainer, chosen.rows, chosen.steps)))


if __name__ == "__main__":
    main()
