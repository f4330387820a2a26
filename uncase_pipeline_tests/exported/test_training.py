"""TRL takes the exported folder as it is and trains on it, once for each format's family."""

import os
from pathlib import Path
from typing import Any

import pytest

from uncase_pipeline.exported.formats import FAMILIES, FORMATS
from uncase_pipeline.exported.records import stanford_prompt
from uncase_pipeline.storage.lake import Version
from uncase_pipeline_tests.exported.conftest import Export, certified_rows

pytestmark = pytest.mark.slow

os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def version(export: Export) -> Version:
    return export(certified_rows(24))


def tokenizer(template: str, special: tuple[str, ...]) -> Any:
    """A byte-level tokenizer made here: no hub, and the stop tokens of the family are tokens of its own."""
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.decoders import ByteLevel as Decoder
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import PreTrainedTokenizerFast

    model = Tokenizer(BPE({letter: at for at, letter in enumerate(sorted(ByteLevel.alphabet()))}, []))
    model.pre_tokenizer = ByteLevel(add_prefix_space=False)
    model.decoder = Decoder()
    model.add_special_tokens([AddedToken(token, special=True) for token in ("<pad>", *special)])
    made = PreTrainedTokenizerFast(tokenizer_object=model, pad_token="<pad>", eos_token=special[0])
    made.chat_template = template
    return made


def train(dataset: Any, made: Any, folder: Path, **options: Any) -> Any:
    """Two steps on a tiny model with random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM
    from trl import SFTConfig, SFTTrainer

    config = LlamaConfig(
        vocab_size=len(made), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    arguments = SFTConfig(
        output_dir=str(folder / "run"),
        max_steps=2,
        per_device_train_batch_size=2,
        report_to=[],
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        save_strategy="no",
        max_length=4_096,
        learning_rate=1e-2,
        disable_tqdm=True,
        **options,
    )
    trainer = SFTTrainer(LlamaForCausalLM(config), arguments, train_dataset=dataset, processing_class=made)
    return trainer, trainer.train()


def load(version: Version, config: str, folder: Path) -> Any:
    from datasets import load_dataset

    return load_dataset(version.folder, config, cache_dir=str(folder / "cache"))["train"]


@pytest.mark.parametrize("family", FAMILIES)
def test_two_steps_on_messages_with_the_template_that_lies_beside_the_texts(
    family: str, version: Version, tmp_path: Path
) -> None:
    name = FAMILIES[family]
    carried = set(load(version, name, tmp_path)["conversation_id"])
    dataset = load(version, "default", tmp_path).filter(lambda row: row["conversation_id"] in carried)
    without_tools = "with_tools" if FORMATS[name].with_tools else ""
    if without_tools:
        dataset = dataset.filter(lambda row: not row["tools"])
    template = Path(version.path(f"text/{name}/chat_template.jinja")).read_text()
    made = tokenizer(template, FORMATS[name].stops)
    trainer, result = train(dataset, made, tmp_path, assistant_only_loss=True)
    assert result.global_step == 2
    assert result.training_loss > 0
    batch = next(iter(trainer.get_train_dataloader()))
    learned = batch["labels"][batch["labels"] != -100]
    stops = set(made.convert_tokens_to_ids(list(FORMATS[name].stops)))
    assert 0 < len(learned) < batch["labels"].numel()
    assert stops & set(learned.tolist())


@pytest.mark.parametrize("family", FAMILIES)
def test_two_steps_on_the_rendered_texts(family: str, version: Version, tmp_path: Path) -> None:
    name = FAMILIES[family]
    dataset = load(version, name, tmp_path).select_columns(["text"])
    _, result = train(dataset, tokenizer("", FORMATS[name].stops), tmp_path)
    assert result.global_step == 2


def test_two_steps_on_prompt_and_completion(version: Version, tmp_path: Path) -> None:
    dataset = load(version, "sft", tmp_path)
    template = Path(version.path("text/qwen3/chat_template.jinja")).read_text()
    _, result = train(dataset, tokenizer(template, ("<|im_end|>",)), tmp_path)
    assert result.global_step == 2


def test_two_steps_on_openai_lines(version: Version, tmp_path: Path) -> None:
    from datasets import load_dataset

    files = version.path("openai_api/train-*.jsonl")
    dataset = load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    plain = dataset.filter(lambda row: not row["tools"]).remove_columns("tools")
    plain = plain.map(
        lambda row: {"messages": [{"role": m["role"], "content": m["content"]} for m in row["messages"]]}
    )
    template = Path(version.path("text/chatml/chat_template.jinja")).read_text()
    _, result = train(plain, tokenizer(template, ("<|im_end|>",)), tmp_path)
    assert result.global_step == 2


def test_two_steps_on_alpaca_records(version: Version, tmp_path: Path) -> None:
    from datasets import Dataset, load_dataset

    files = version.path("alpaca/train-*.jsonl")
    records = load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    pairs = Dataset.from_list([stanford_prompt(record) for record in records if not record["history"]])
    _, result = train(pairs, tokenizer("", ("</s>",)), tmp_path)
    assert result.global_step == 2
