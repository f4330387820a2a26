"""The adapter itself: put on a base, written to a folder. Knows PEFT, not training."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.base import Base
from uncase_pipeline.adapter.contract import AdapterSettings

_LIBRARIES = (
    "torch", "transformers", "trl", "peft", "opacus", "bitsandbytes", "accelerate", "uncase-pipeline",
)  # fmt: skip


def with_adapter(base: Base, settings: AdapterSettings) -> Any:
    """Give the base a fresh LoRA adapter."""
    import peft
    import torch

    torch.manual_seed(settings.training.seed)
    config = peft.LoraConfig(
        r=settings.lora.r,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=settings.lora.targets,
        task_type="CAUSAL_LM",
    )
    if settings.quantization != "none":
        base.model = peft.prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            base.model, use_gradient_checkpointing=settings.training.gradient_checkpointing != "off"
        )
    return peft.get_peft_model(base.model, config)


def load_weights(model: Any, folder: Path) -> None:
    """Give the adapter of a model the weights that a folder holds."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"))


def write_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write adapter and tokenizer; the configuration names the base as the user did, not as a path."""
    model.peft_config["default"].base_model_name_or_path = base.name
    model.peft_config["default"].revision = base.revision
    model.save_pretrained(folder, save_embedding_layers=False)
    base.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Return the versions of what an adapter is trained with."""
    return {name: version(name) for name in _LIBRARIES}
