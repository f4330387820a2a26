"""A base model's own tokenizer: its template is a format, its tokens are counted, its spans are found."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.base_model import read_base_model
from uncase_pipeline.exported.carriage import TextCarrier
from uncase_pipeline.exported.formats import FORMATS
from uncase_pipeline.exported.publish import export_dataset, named_base_model
from uncase_pipeline.exported.render import Renderer, template_text
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.exported.conftest import DOMAIN, Certify, certified_rows
from uncase_pipeline_tests.exported.samples import PARALLEL, PLAIN, SINGLE, TOOLS, chat

NOW = datetime(2025, 6, 28)
MARKS = ("{% generation %}\n", "{%- generation %}\n", "{% endgeneration %}\n", "{%- endgeneration %}\n")
GROWING = [
    "chatml_plain",
    "cohere_command_r",
    "llama3",
    "llama3_1",
    "llama4",
    "mistral_v7_axolotl",
    "qwen3_instruct_2507",
    "nemotron_super_49b_v1_5",
    "kimi_k2_first_rev",
]
"""Formats that never rewrite what was said before, and begin an answer as their prompt does."""


def unmarked(name: str) -> str:
    """The template of a format without its marks, as it would come from a hub."""
    text = template_text(FORMATS[name])
    for mark in MARKS:
        text = text.replace(mark, "{#-#}" if mark.startswith("{%-") else "")
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tokenizer as ``save_pretrained`` writes it, with Llama 3's template."""
    model = Tokenizer(BPE({letter: at for at, letter in enumerate(sorted(ByteLevel.alphabet()))}, []))
    model.pre_tokenizer = ByteLevel(add_prefix_space=False)
    model.add_special_tokens(
        [AddedToken(t, special=True) for t in ("<|begin_of_text|>", "<|eot_id|>", "<|own|>")]
    )
    home = tmp_path / "model"
    home.mkdir()
    model.save(str(home / "tokenizer.json"))
    tokens = {"bos_token": "<|begin_of_text|>", "eos_token": {"content": "<|eot_id|>"}}
    (home / "tokenizer_config.json").write_text(json.dumps(tokens))
    (home / "chat_template.jinja").write_text(unmarked("llama3"))
    return home


@pytest.mark.parametrize("name", GROWING)
def test_spans_that_we_compute_are_those_that_a_marked_template_marks(name: str) -> None:
    bare = Renderer(replace(FORMATS[name], text=unmarked(name)), NOW)
    samples = [(PLAIN, None)] + ([(SINGLE, TOOLS)] if FORMATS[name].calls != "none" else [])
    for messages, tools in samples:
        marked = Renderer(FORMATS[name], NOW).render(chat(messages, tools))
        assert "generation %}" not in unmarked(name)
        assert bare.render(chat(messages, tools)) == marked


def test_a_template_that_rewrites_earlier_turns_has_no_computed_spans() -> None:
    thinks = chat([{**m, "reasoning_content": "hm"} if m["role"] == "assistant" else m for m in PLAIN])
    bare = Renderer(replace(FORMATS["qwen3"], text=unmarked("qwen3")), NOW)
    with pytest.raises(Refused, match="spans-unknown"):
        bare.render(thinks)


def test_its_template_is_found_equal_to_the_format_that_it_is(folder: Path) -> None:
    equal = read_base_model(folder).equals([chat(PLAIN)], NOW)
    assert set(equal) == {"llama3", "llama3_training"}


def test_its_tokens_are_counted_and_its_special_tokens_are_kept_out_of_text(folder: Path) -> None:
    base = read_base_model(folder)
    assert base.tokens("<|eot_id|>abc") == 4
    carrier = TextCarrier(base.format, NOW, count=base.tokens)
    attacked = chat([{"role": "user", "content": "<|own|>"}, {"role": "assistant", "content": "no"}])
    assert "< |own|>" in carrier.render(carrier.prepared(attacked, suspicious_=True)).text


def test_calls_that_its_notation_hides_are_left_out(folder: Path) -> None:
    carrier = TextCarrier(read_base_model(folder).format, NOW)
    with pytest.raises(Refused):
        carrier.render(chat(PARALLEL, TOOLS))


def test_a_folder_without_a_template_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UncaseError, match="UNCASE_EXPORT_TOKENIZER"):
        read_base_model(tmp_path)


def test_the_model_that_is_trained_is_taken_where_its_tokenizer_is_at_hand(
    folder: Path, house: Settings, tmp_path: Path
) -> None:
    local = house.model_copy(update={"base_model": str(folder)})
    assert named_base_model(local) is not None
    assert named_base_model(house) is None
    assert named_base_model(house.model_copy(update={"base_model": str(tmp_path)})) is None


def test_it_is_exported_beside_the_others(
    folder: Path, house: Settings, lake: Lake, certify: Certify
) -> None:
    certified = certify(certified_rows(12))
    settings = house.model_copy(update={"export_tokenizer": folder, "export_formats": ["qwen"]})
    with lake.stage("exported_datasets", DOMAIN) as stage:
        export_dataset(certified, require_valid(certified, settings), stage, DOMAIN, settings)
        version = stage.publish()
    truth = {entry["format"]: entry for entry in version.json("truth.json")}
    assert set(truth) == {"qwen3", "base_model"}
    assert truth["base_model"]["rows"] == 7
    assert truth["base_model"]["left_out"] == {"calls-not-read-back": 5}
    assert "text/base_model/chat_template.jinja" in version.files
