"""Opens the base model that the settings name, quantized or not. Knows models, not data and not training."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.tiny_llama import build
from uncase_pipeline.errors import UncaseError

TINY = "builtin:tiny-llama"
RANDOM = "builtin:random"
_RANDOM_RECIPE = build.Recipe(hidden=32, layers=2, heads=2, key_value_heads=1, feed_forward=64)


@dataclass(slots=True)
class Base:
    """A base model, ready to be given an adapter.

    Attributes:
        name: As the user named it.
        revision: Of a hub id.
        model: The causal language model.
        tokenizer: Its tokenizer, with a template that marks the assistant's words.
        digests: Hashes of weights, tokenizer and template.
    """

    name: str
    revision: str | None
    model: Any
    tokenizer: Any
    digests: dict[str, str]

    @property
    def note(self) -> str:
        """What the card says of the base."""
        if self.name in (TINY, RANDOM):
            return "It is embedded for plumbing and tests: about one million parameters, no knowledge of the world."
        return "Its licence and its own training data are its publisher's; look them up before you publish."


def open_base(
    name: str, *, cache: Path, revision: str | None = None, quantization: str = "none", dtype: str = "auto"
) -> Base:
    """Load a base by name.

    Raises:
        UncaseError: ``base-not-found``; ``base-too-small`` for a quantized ``builtin:random``.
    """
    if name == RANDOM and quantization != "none":
        raise UncaseError(
            "base-too-small",
            f"{RANDOM} is narrower than a block of {quantization.upper()}.",
            f"Quantize {TINY} or a base of your own.",
        )
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from uncase_pipeline.adapter.encode import with_generation_markers

    try:
        tokenizer = AutoTokenizer.from_pretrained(_source(name, cache), revision=revision)
        if name == RANDOM:
            model = build.build_model(_RANDOM_RECIPE, tokenizer)
        else:
            options = _options(quantization, dtype)
            model = AutoModelForCausalLM.from_pretrained(_source(name, cache), revision=revision, **options)
    except (OSError, ValueError) as error:
        raise UncaseError(
            "base-not-found",
            f"The base model {name} could not be opened ({type(error).__name__}).",
            "Give a folder with config.json and weights, a hub id in reach, or builtin:tiny-llama.",
        ) from None
    tokenizer = with_generation_markers(tokenizer)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Base(name, revision, model, tokenizer, _digests(model, tokenizer))


def _options(quantization: str, dtype: str) -> dict[str, Any]:
    import torch

    gpu = torch.cuda.is_available()
    compute = {"auto": torch.bfloat16 if gpu else torch.float32}.get(dtype) or getattr(torch, dtype)
    options: dict[str, Any] = {"dtype": compute}
    if gpu:
        options["device_map"] = {"": torch.cuda.current_device()}
    if quantization == "nf4":
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if gpu else compute,
        )
    return options


def _source(name: str, cache: Path) -> str:
    """Return what ``from_pretrained`` takes, building the base where the shipped one is outdated."""
    if name not in (TINY, RANDOM):
        return name
    recipe = build.Recipe()
    if (build.SHIPPED / f"{recipe.digest}.json").exists():
        return str(build.SHIPPED)
    folder = cache / f"tiny-llama-{recipe.digest}"
    if not folder.exists():
        build.build(folder, recipe)
    return str(folder)


def _digests(model: Any, tokenizer: Any) -> dict[str, str]:
    weights = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        weights.update(name.encode())
        weights.update(tensor.detach().cpu().contiguous().flatten().view(_bytes_type()).numpy())
    text = tokenizer.backend_tokenizer.to_str()
    return {
        "base": weights.hexdigest(),
        "tokenizer": hashlib.sha256(text.encode()).hexdigest(),
        "template": hashlib.sha256(tokenizer.chat_template.encode()).hexdigest(),
    }


def _bytes_type() -> Any:
    import torch

    return torch.uint8
