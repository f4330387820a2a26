"""Random conversations through the official templates that TRL ships, in transformers' own environment."""

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.formats import FORMATS
from uncase_pipeline.exported.render import Renderer
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline_tests.exported.samples import Random, chat

OFFICIAL = {
    "harmony_gptoss": "gptoss",
    "cohere_command_r": "cohere",
    "llama3": "llama3",
    "llama3_1": "llama3_1",
    "llama3_2": "llama3_2",
    "qwen2_5": "qwen2_5",
    "qwen3": "qwen3",
    "qwen3_instruct_2507": "qwen3_instruct_2507",
    "qwen3_training": "qwen3_training",
    "nemotron_3_nano": "nemotron_3_nano",
}
NOW = datetime(2025, 6, 28, 9, 30)

pytestmark = pytest.mark.skipif(
    find_spec("trl") is None or find_spec("transformers") is None, reason="needs the extra `train`"
)


def official_text(template: str, source: Chat, **options: Any) -> str | None:
    from transformers.utils.chat_template_utils import _alias_reasoning_fields, _compile_jinja_template

    specification = find_spec("trl")
    assert specification is not None
    assert specification.origin is not None
    path = Path(specification.origin).parent / "chat_templates" / f"{OFFICIAL[template]}.jinja"
    format_ = FORMATS[template]
    try:
        text: str = _compile_jinja_template(path.read_text()).render(
            messages=_alias_reasoning_fields(source.messages),
            tools=source.tools,
            bos_token=format_.bos,
            eos_token=format_.eos,
            strftime_now=NOW.strftime,
            **options,
        )
    except Exception:  # whatever it raises, it refuses
        return None
    return text


def our_text(template: str, source: Chat, **options: Any) -> str | None:
    try:
        return Renderer(FORMATS[template], NOW).text(source, **options)
    except Refused:
        return None


@pytest.mark.parametrize("template", OFFICIAL)
def test_random_conversations_render_as_the_official_template_does(template: str) -> None:
    maker = Random(20_260_101)
    rendered = refused = 0
    for _ in range(60):
        messages, tools = maker.conversation()
        source = chat(messages, tools)
        prompt = messages[-1]["role"] != "assistant"
        expected = official_text(template, source, add_generation_prompt=prompt)
        assert our_text(template, source, add_generation_prompt=prompt) == expected, (messages, tools)
        rendered += expected is not None
        refused += expected is None
    assert rendered >= 10


def test_the_comparison_would_notice_another_template() -> None:
    source = chat([{"role": "user", "content": "hola"}, {"role": "assistant", "content": "buenas"}])
    assert our_text("qwen3", source) != official_text("qwen2_5", source)
