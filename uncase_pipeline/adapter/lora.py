"""The adapter itself: put on a base, written to a folder. Knows PEFT, not training."""

from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.base import Base
from uncase_pipeline.adapter.contract import AdapterSettings, TrainingJob
from uncase_pipeline.errors import UncaseError

START = "start"
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


def adapter_of(base: Base, job: TrainingJob) -> Any:
    """Give the base the adapter that a job trains: a fresh one, or one that goes on from where it starts.

    Raises:
        UncaseError: ``start-on-another-base``.
    """
    model = with_adapter(base, job.settings)
    if job.start is None:
        return model
    if job.start.base_digest != base.digests["base"]:
        raise UncaseError(
            "start-on-another-base",
            f"The published adapter was trained on other weights of {base.name}.",
            "Train it anew on this base first, or start from the base (training.start).",
        )
    model.add_adapter(START, model.peft_config["default"])
    for name in ("default", START):
        load_weights(model, job.start.folder, name)
    model.set_adapter("default")
    return model


def load_weights(model: Any, folder: Path, name: str = "default") -> None:
    """Give an adapter of a model the weights that a folder holds."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    set_peft_model_state_dict(model, load_file(folder / "adapter_model.safetensors"), adapter_name=name)


def as_reference(model: Any) -> AbstractContextManager[None]:
    """Return a context in which the model is what its adapter started from: another adapter, or the base alone."""
    from trl.trainer.utils import use_adapter

    context: AbstractContextManager[None] = use_adapter(model, START if START in model.peft_config else None)
    return context


def write_adapter(model: Any, base: Base, folder: Path) -> None:
    """Write adapter and tokenizer; the configuration names the base as the user did, not as a path."""
    model.peft_config["default"].base_model_name_or_path = base.name
    model.peft_config["default"].revision = base.revision
    model.save_pretrained(folder, save_embedding_layers=False, selected_adapters=["default"])
    base.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Return the versions of what an adapter is trained with."""
    return {name: version(name) for name in _LIBRARIES}
