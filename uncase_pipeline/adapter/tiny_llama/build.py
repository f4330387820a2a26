"""The recipe of the embedded base: tokenizer, architecture, training. Same recipe, same hash, same cache.

The weights that ship with the package are what this makes (``make base``); where the recipe was changed, the
base is trained anew on first use and cached under the hash of its recipe.
"""

import hashlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter.tiny_llama.text import conversations
from uncase_pipeline.records.ids import canonical_json

HERE = Path(__file__).parent
SHIPPED = HERE / "shipped"
_SAMPLE = 200
SPECIAL_TOKENS = ["<|pad|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights."""

    seed: int = 20_260_101
    vocabulary: int = 2_048
    tokenizer_conversations: int = 4_000
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    key_value_heads: int = 2
    feed_forward: int = 384
    context: int = 2_048
    length: int = 192
    batch: int = 16
    steps: int = 600
    learning_rate: float = 4e-3

    @property
    def digest(self) -> str:
        """Hash of the recipe, of the text that it is trained on (its first conversations) and of the template."""
        sample = list(itertools.islice(conversations(self.seed), _SAMPLE))
        parts = canonical_json([asdict(self), sample, (HERE / "chatml.jinja").read_text()])
        return hashlib.sha256(parts).hexdigest()[:24]


def build_tokenizer(recipe: Recipe) -> Any:
    """Train a byte-level BPE that never merges digits, on text that the project writes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    chosen = itertools.islice(conversations(recipe.seed), recipe.tokenizer_conversations)
    tokenizer.train_from_iterator((turn["content"] for turns in chosen for turn in turns), trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="<|pad|>",  # noqa: S106
        eos_token="<|im_end|>",  # noqa: S106
        additional_special_tokens=["<|im_start|>"],
        chat_template=(HERE / "chatml.jinja").read_text(),
    )


def build_model(recipe: Recipe, tokenizer: Any) -> Any:
    """Return the untrained model."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=recipe.vocabulary,
        hidden_size=recipe.hidden,
        intermediate_size=recipe.feed_forward,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.key_value_heads,
        max_position_embeddings=recipe.context,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return LlamaForCausalLM(config).float()  # type: ignore[no-untyped-call]


def train(recipe: Recipe, tokenizer: Any, model: Any) -> float:
    """Train the base and return its last loss."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=recipe.steps, pct_start=0.1
    )
    loss = float("nan")
    model.train()
    for batch in itertools.islice(_batches(recipe, tokenizer), recipe.steps):
        result = model(input_ids=batch, labels=batch)
        optimizer.zero_grad(set_to_none=True)
        result.loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        loss = result.loss.item()
    model.eval()
    return loss


def build(folder: Path, recipe: Recipe | None = None) -> float:
    """Train tokenizer and base into a folder that ``from_pretrained`` reads; return the last loss.

    The folder appears whole or not at all, and holds a file that is named by the recipe.
    """
    recipe = recipe or Recipe()
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    tokenizer = build_tokenizer(recipe)
    model = build_model(recipe, tokenizer)
    loss = train(recipe, tokenizer, model)
    tokenizer.save_pretrained(draft)
    model.half().save_pretrained(draft)
    (draft / f"{recipe.digest}.json").write_text(
        json.dumps({**asdict(recipe), "loss": round(loss, 4)}, indent=1)
    )
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return loss


def _batches(recipe: Recipe, tokenizer: Any) -> Iterator[Any]:
    """Pack conversations into rows of ``length`` tokens."""
    import torch

    size = recipe.batch * recipe.length
    buffer: list[int] = []
    for turns in conversations(recipe.seed + 1):
        buffer += tokenizer.apply_chat_template(turns, return_dict=False)
        if len(buffer) >= size:
            yield torch.tensor(buffer[:size]).view(recipe.batch, recipe.length)
            buffer = buffer[size:]


def main() -> None:
    """Rebuild what ships with the package."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "base"
        loss = build(fresh)
        for old in SHIPPED.glob("*.json"):
            old.unlink()
        for file in fresh.iterdir():
            shutil.copyfile(file, SHIPPED / file.name)
    print(f"The embedded base was rebuilt; its last loss is {loss:.3f}.")


if __name__ == "__main__":
    main()
