import copy
import dataclasses

import pytest
import torch

from uncase_pipeline.adapter.base import RANDOM, Base, open_base
from uncase_pipeline.adapter.contract import AdapterSettings
from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.encode import Example, encode_rows
from uncase_pipeline.adapter.lora import with_adapter
from uncase_pipeline_tests.adapter.datasets import rows


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return open_base(RANDOM, cache=tmp_path_factory.mktemp("bases"))


@pytest.fixture
def base(opened: Base) -> Base:
    """A base that a test may change: opening one costs more than copying it."""
    return dataclasses.replace(
        opened, model=copy.deepcopy(opened.model), tokenizer=copy.copy(opened.tokenizer)
    )


@pytest.fixture
def settings() -> AdapterSettings:
    return AdapterSettings(base_model=RANDOM)


@pytest.fixture
def examples(base: Base) -> list[Example]:
    from uncase_pipeline.adapter.dataset import _row

    found: list[Row] = [_row(raw) for raw in rows(6)]
    return encode_rows(found, base.tokenizer, max_length=512)


@pytest.fixture
def model(base: Base, settings: AdapterSettings):
    """A LoRA model whose B is not zero, so that A has gradients too."""
    adapted = with_adapter(base, settings)
    torch.manual_seed(3)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            weight.data.normal_(std=0.02)
    return adapted
