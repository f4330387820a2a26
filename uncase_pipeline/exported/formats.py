"""The formats: which template, which special tokens, what each can carry. Knows no conversation.

To add one: write ``templates/<name>.jinja`` with ``{% generation %}`` around what the assistant says, and add
one entry to ``FORMATS`` at the foot of this file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Json

Calls = Literal["none", "one", "any"]
Ids = Literal["kept", "nine"]


@dataclass(frozen=True, slots=True)
class Format:
    """A text format.

    Attributes:
        name: Name of the format, and of its template unless ``template`` says another.
        family: The one of the ten formats that it belongs to.
        title: The models that were trained on it.
        bos: Beginning-of-text token that the template writes.
        eos: End-of-text token that the template writes.
        stops: What may end an assistant's turn; it has to be learned, or the model never stops.
        control: Regular expressions of the control tokens that text must not contain.
        template: Name of a template that several formats share.
        prelude: Jinja that goes before the template: what it is told.
        text: The template itself, where it is none of this package.
        with_tools: Format that conversations with tools are rendered in instead.
        calls: How many tool calls a turn may hold: none, one, any number.
        ids: What the template asks of the ids of calls: nothing, or nine characters.
        reads_clock: Whether the template writes today's date.
        parser: Name of the parser that reads calls back, None where the format writes none.
    """

    name: str
    family: str
    title: str
    bos: str = ""
    eos: str = ""
    stops: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    template: str = ""
    prelude: str = ""
    text: str = ""
    with_tools: str | None = None
    calls: Calls = "any"
    ids: Ids = "kept"
    reads_clock: bool = False
    parser: str | None = None

    @property
    def template_name(self) -> str:
        """Name of the template's file."""
        return self.template or self.name


def format_of(name: str) -> Format:
    """Return a format by its name, by its family or by another name for it.

    Raises:
        UncaseError: ``unknown-format``, naming those that exist.
    """
    found = FORMATS.get(ALIASES.get(name, name))
    if found is None:
        raise unknown_format(name)
    return found


def unknown_format(name: str) -> UncaseError:
    """Return the error for a name that no format has."""
    return UncaseError(
        "unknown-format",
        f"There is no format {name!r}.",
        f"Use one of {', '.join([*FAMILIES, *RECORD_FORMATS])}, or a variant of `uncase template list`.",
    )


def catalogue() -> list[Json]:
    """Return every format as JSON, the default of each family first."""
    texts = [
        {
            "name": format_.name,
            "family": format_.family,
            "title": format_.title,
            "default": FAMILIES[format_.family] == format_.name if format_.family in FAMILIES else False,
            "calls": format_.calls,
            "stops": list(format_.stops),
            "reads_clock": format_.reads_clock,
        }
        for format_ in FORMATS.values()
    ]
    records = [
        {"name": name, "family": name, "title": title, "default": True, "calls": calls, "stops": []}
        | {"reads_clock": False}
        for name, (title, calls) in RECORD_FORMATS.items()
    ]
    return [*texts, *records]


def all_controls() -> tuple[str, ...]:
    """Return the patterns of the control tokens of every format."""
    return tuple(dict.fromkeys(pattern for format_ in FORMATS.values() for pattern in format_.control))


def _named(formats: Iterable[Format]) -> dict[str, Format]:
    return {format_.name: format_ for format_ in formats}


_PIPES = r"<\|[^|<>\s]{1,64}\|>"
_THINK = r"</?think>"
_CALL_TAGS = r"</?(?:tool_call|tool_response|tools)>"
_SENTENCEPIECE = r"</?s>|<unk>"
_MISTRAL = (
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|TOOL_CALLS|ARGS|CALL_ID|THINK"
    r"|MODEL_SETTINGS|IMG|IMG_BREAK|IMG_END|AUDIO|BEGIN_AUDIO|PREFIX|MIDDLE|SUFFIX|TRANSCRIBE)\]"
)
_NUMBERED = r"<SPECIAL_\d+>"
_DIRECTIVE = r"/(?:no_)?think"
_NEMOTRON_TAGS = r"</?(?:TOOLCALL|TOOL_RESPONSE|AVAILABLE_TOOLS)>"
_CHATML: tuple[str, ...] = (_PIPES, _CALL_TAGS)
_LLAMA: tuple[str, ...] = (_PIPES,)
_TEKKEN: tuple[str, ...] = (_SENTENCEPIECE, _MISTRAL, _NUMBERED)
_QWEN: tuple[str, ...] = (_PIPES, _CALL_TAGS, _THINK)
_COHERE: tuple[str, ...] = (
    _PIPES,
    r"<(?:BOS_TOKEN|EOS_TOKEN|EOP_TOKEN|PAD|UNK|CLS|SEP|MASK_TOKEN)>",
    r"</?results>",
)
_NEMOTRON_3: tuple[str, ...] = (
    _PIPES,
    _CALL_TAGS,
    _THINK,
    _NUMBERED,
    r"<(?:function|parameter)=[^<>]*>",
    r"</(?:function|parameter)>",
)
_KIMI: tuple[str, ...] = (_PIPES, _THINK, r"\[(?:BOS|EOS|EOT|UNK|PAD|start_header_id|end_header_id)\]")
_MINIMAX_2: tuple[str, ...] = (
    r"\]~!b\[|\]~b\]|\[e~\[|\]!p~\[|\]!d~\[",
    _THINK,
    r"</?minimax:tool_call>",
    r"<(?:invoke|parameter) name=",
    r"</(?:invoke|parameter|response|tools?)>|<response>",
)
_MINIMAX_1: tuple[str, ...] = (
    r"</?(?:begin_of_document|end_of_document|beginning_of_sentence|end_of_sentence|tool_calls)>",
)
_ALPACA: tuple[str, ...] = (r"### (?:Instruction|Response|Input):", _SENTENCEPIECE)

_NEMOTRON_LLAMA: tuple[str, ...] = (_PIPES, _THINK, _DIRECTIVE, _NEMOTRON_TAGS)
_NEMOTRON_2: tuple[str, ...] = (_SENTENCEPIECE, _NUMBERED, _THINK, _DIRECTIVE, _NEMOTRON_TAGS, _MISTRAL)

_DATED = "{% set date_string = date_string or strftime_now('%d %b %Y') %}"
_MISTRAL_7 = "{% set style = 'list' %}{% set last_question = true %}"
_MISTRAL_11 = "{% set style = 'ids' %}{% set last_question = true %}"
_MISTRAL_13 = "{% set style = 'bare' %}"
_KIMI_REFUSES = "{% set calls_refused = true %}{% set thinks = 'first' %}"

RECORD_FORMATS: dict[str, tuple[str, Calls]] = {
    "openai_api": ("OpenAI chat fine-tuning JSONL", "any"),
    "alpaca": ("Alpaca instruction records", "none"),
}
"""Formats of JSON records rather than text."""

FAMILIES: dict[str, str] = {
    "chatml": "chatml",
    "harmony": "harmony_gptoss",
    "cohere": "cohere",
    "llama": "llama3_1",
    "mistral": "mistral_v11",
    "qwen": "qwen3",
    "nemotron": "nemotron_3_nano",
    "moonshot": "kimi_k2_noappend",
    "minimax": "minimax_m2",
}
"""The format that a family's name stands for; with the record formats, what a dataset is exported in."""

ALIASES: dict[str, str] = {
    **FAMILIES,
    "gpt-oss": "harmony_gptoss",
    "gptoss": "harmony_gptoss",
    "kimi": "kimi_k2_noappend",
    "alpaca_text": "alpaca_axolotl",
}

_CHATML_FORMAT = Format("", "chatml", "", eos="<|im_end|>", stops=("<|im_end|>",), control=_CHATML)
_HARMONY_FORMAT = Format(
    "",
    "harmony",
    "",
    bos="<|startoftext|>",
    eos="<|return|>",
    stops=("<|end|>", "<|call|>", "<|return|>"),
    control=_LLAMA,
    calls="one",
    reads_clock=True,
    parser="harmony",
)
_COHERE_FORMAT = Format(
    "",
    "cohere",
    "",
    bos="<BOS_TOKEN>",
    eos="<|END_OF_TURN_TOKEN|>",
    stops=("<|END_OF_TURN_TOKEN|>",),
    control=_COHERE,
)
_LLAMA_3 = Format(
    "", "llama", "", bos="<|begin_of_text|>", eos="<|eot_id|>", stops=("<|eot_id|>",), control=_LLAMA
)
_LLAMA_3_1 = replace(_LLAMA_3, template="llama3_1", calls="one", parser="llama3")
_LLAMA_4 = replace(_LLAMA_3, stops=("<|eot|>",), parser="llama4")
_MISTRAL_FORMAT = Format("", "mistral", "", bos="<s>", eos="</s>", stops=("</s>",), control=_TEKKEN)
_MISTRAL_LIST = replace(_MISTRAL_FORMAT, ids="nine", parser="mistral_list")
_MISTRAL_ARGS = replace(_MISTRAL_FORMAT, ids="nine", parser="mistral_args")
_QWEN_FORMAT = replace(_CHATML_FORMAT, family="qwen", control=_QWEN, parser="tool_call_json")
_NEMOTRON = replace(_CHATML_FORMAT, family="nemotron", control=_NEMOTRON_3)
_KIMI_FORMAT = Format(
    "", "moonshot", "", bos="[BOS]", eos="[EOS]", stops=("<|im_end|>",), control=_KIMI, parser="kimi"
)
_MINIMAX_FORMAT = Format("", "minimax", "", bos="]~!b[", eos="[e~[")
_ALPACA_FORMAT = Format("", "alpaca", "", control=_ALPACA, calls="none")
_ALPACA_STOPS = replace(_ALPACA_FORMAT, bos="<s>", eos="</s>", stops=("</s>",))


def _like(base: Format, name: str, title: str, **changes: Any) -> Format:
    return replace(base, name=name, title=title, **changes)


FORMATS: dict[str, Format] = _named(
    (
        _like(
            _CHATML_FORMAT,
            "chatml",
            "ChatML, with the tools of Hermes 2 Pro where there are any",
            template="chatml_plain",
            with_tools="chatml_hermes2pro_tools",
            parser="tool_call_json",
        ),
        _like(
            _COHERE_FORMAT,
            "cohere",
            "Cohere Command R, as Command R+ where there are tools",
            template="cohere_command_r",
            with_tools="cohere_command_r_plus_tool_use",
            parser="cohere",
        ),
        _like(_CHATML_FORMAT, "chatml_plain", "ChatML without tools", calls="none"),
        _like(
            _CHATML_FORMAT,
            "chatml_hermes2pro_tools",
            "ChatML with tools, as Hermes 2 Pro was trained",
            parser="tool_call_json",
        ),
        _like(
            _CHATML_FORMAT,
            "chatml_vllm",
            "ChatML as vLLM serves it: no stop token after the last answer",
            calls="none",
        ),
        _like(_HARMONY_FORMAT, "harmony_gptoss", "OpenAI gpt-oss"),
        _like(
            _HARMONY_FORMAT,
            "harmony_gptoss_training",
            "OpenAI gpt-oss, as TRL trains it",
            template="harmony_gptoss",
        ),
        _like(_COHERE_FORMAT, "cohere_command_r", "Cohere Command R without tools", calls="none"),
        _like(
            _COHERE_FORMAT, "cohere_command_r_plus_tool_use", "Cohere Command R+ with tools", parser="cohere"
        ),
        _like(
            _COHERE_FORMAT,
            "cohere_training",
            "Cohere Command R, as TRL trains it",
            template="cohere_command_r",
            calls="none",
        ),
        _like(_LLAMA_3, "llama3", "Llama 3", calls="none"),
        _like(_LLAMA_3, "llama3_training", "Llama 3, as TRL trains it", template="llama3", calls="none"),
        _like(_LLAMA_3_1, "llama3_1", "Llama 3.1"),
        _like(_LLAMA_3_1, "llama3_2", "Llama 3.2", prelude=_DATED, reads_clock=True),
        _like(_LLAMA_3_1, "llama3_3", "Llama 3.3"),
        _like(_LLAMA_4, "llama4", "Llama 4"),
        _like(_LLAMA_4, "llama4_vllm_json", "Llama 4 as vLLM serves it, JSON calls"),
        _like(_LLAMA_4, "llama4_vllm_pythonic", "Llama 4 as vLLM serves it, Python calls", parser="pythonic"),
        _like(
            _MISTRAL_LIST,
            "mistral_v3_spm",
            "Mistral 7B v0.3, Mixtral",
            template="mistral_v3",
            prelude="{% set gap = ' ' %}",
        ),
        _like(_MISTRAL_LIST, "mistral_v3_tekken", "Mistral Nemo", template="mistral_v3"),
        _like(_MISTRAL_LIST, "mistral_v7", "Mistral Large 2411, Small 3", prelude=_MISTRAL_7),
        _like(
            _MISTRAL_ARGS, "mistral_v11", "Mistral Small 3.1, 3.2", template="mistral_v7", prelude=_MISTRAL_11
        ),
        _like(
            _MISTRAL_FORMAT,
            "mistral_v13",
            "Magistral, Mistral Medium",
            template="mistral_v7",
            prelude=_MISTRAL_13,
            parser="mistral_args",
        ),
        _like(_MISTRAL_LIST, "mistral_nemo_2407", "Mistral Nemo 2407, its own template"),
        _like(_MISTRAL_ARGS, "mistral_small_3_2", "Mistral Small 3.2, its own template", reads_clock=True),
        _like(
            _MISTRAL_FORMAT,
            "mistral_v7_axolotl",
            "Mistral v7-tekken, as axolotl trains it",
            calls="none",
            reads_clock=True,
        ),
        _like(_QWEN_FORMAT, "qwen2_5", "Qwen 2.5"),
        _like(_QWEN_FORMAT, "qwen2_5_training", "Qwen 2.5, as TRL trains it", template="qwen2_5"),
        _like(_QWEN_FORMAT, "qwen3", "Qwen 3"),
        _like(_QWEN_FORMAT, "qwen3_first_rev", "Qwen 3, first revision", template="qwen3"),
        _like(_QWEN_FORMAT, "qwen3_instruct_2507", "Qwen 3 Instruct 2507"),
        _like(_QWEN_FORMAT, "qwen3_training", "Qwen 3, as TRL trains it: reasoning kept in every turn"),
        _like(
            _NEMOTRON,
            "nemotron_super_49b_v1_5",
            "Llama Nemotron Super 49B v1.5",
            bos="<|begin_of_text|>",
            eos="<|eot_id|>",
            stops=("<|eot_id|>",),
            control=_NEMOTRON_LLAMA,
            parser="toolcall_list",
        ),
        _like(
            _NEMOTRON,
            "nemotron_nano_v2",
            "Nemotron Nano v2",
            bos="<s>",
            eos="<SPECIAL_12>",
            stops=("<SPECIAL_12>",),
            control=_NEMOTRON_2,
            parser="toolcall_list",
        ),
        _like(_NEMOTRON, "nemotron_3_nano", "Nemotron 3 Nano", parser="function_tags"),
        _like(
            _NEMOTRON,
            "nemotron_3_nano_training",
            "Nemotron 3 Nano, as TRL trains it",
            template="nemotron_3_nano",
            parser="function_tags",
        ),
        _like(_NEMOTRON, "nemotron_h_axolotl", "Nemotron-H, as axolotl trains it", calls="none"),
        _like(
            _KIMI_FORMAT,
            "kimi_k2",
            "Kimi K2, a revision that can't call tools in the sandbox",
            prelude="{% set calls_refused = true %}",
            calls="none",
            parser=None,
        ),
        _like(_KIMI_FORMAT, "kimi_k2_first_rev", "Kimi K2, first revision"),
        _like(_KIMI_FORMAT, "kimi_k2_noappend", "Kimi K2", template="kimi_k2"),
        _like(
            _KIMI_FORMAT,
            "kimi_k2_thinking",
            "Kimi K2 Thinking, a revision that can't call tools in the sandbox",
            template="kimi_k2",
            prelude=_KIMI_REFUSES,
            calls="none",
            parser=None,
        ),
        _like(
            _KIMI_FORMAT,
            "kimi_k2_thinking_official",
            "Kimi K2 Thinking",
            template="kimi_k2",
            prelude="{% set thinks = 'last' %}",
        ),
        _like(
            _MINIMAX_FORMAT,
            "minimax_m1",
            "MiniMax M1",
            stops=("<end_of_sentence>",),
            control=_MINIMAX_1,
            calls="none",
        ),
        _like(
            _MINIMAX_FORMAT, "minimax_m2", "MiniMax M2", stops=("[e~[",), control=_MINIMAX_2, parser="minimax"
        ),
        _like(_ALPACA_STOPS, "alpaca_axolotl", "Alpaca, as axolotl trains it"),
        _like(_ALPACA_FORMAT, "alpaca_vllm", "Alpaca as vLLM serves it: no stop token"),
        _like(_ALPACA_STOPS, "alpaca_chujie", "Alpaca, as chat_templates has it"),
    )
)
