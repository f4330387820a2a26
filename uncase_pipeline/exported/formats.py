"""The formats: which template, which special tokens, what each can carry. Knows no conversation.

To add one: write ``templates/<name>.jinja`` with ``{% generation %}`` around what the assistant says, and add
one line at the foot of this file.
"""

from dataclasses import dataclass
from typing import Literal

from uncase_pipeline.errors import UncaseError

Calls = Literal["none", "one", "any"]


@dataclass(frozen=True, slots=True)
class Format:
    """A text format.

    Attributes:
        name: Name of the format, and of its template unless that is given.
        family: The one of the ten formats that it belongs to.
        title: The models that were trained on it.
        bos: Beginning-of-text token that the template writes.
        eos: End-of-text token that the template writes.
        stops: What may end an assistant's turn; it has to be learned, or the model never stops.
        control: Regular expressions of the control tokens that text must not contain.
        tool_template: Another file than ``<name>.jinja`` for conversations with tools.
        calls: How many tool calls a turn may hold: none, one, any number.
        clock: Whether the template writes the date.
    """

    name: str
    family: str
    title: str
    bos: str = ""
    eos: str = ""
    stops: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    tool_template: str | None = None
    calls: Calls = "any"
    clock: bool = False


_PIPES = r"<\|[^|<>\s]{1,64}\|>"


def _named(*formats: Format) -> dict[str, Format]:
    return {format_.name: format_ for format_ in formats}


FORMATS: dict[str, Format] = _named(
    Format(
        "chatml_plain",
        "chatml",
        "ChatML",
        eos="<|im_end|>",
        stops=("<|im_end|>",),
        control=(_PIPES,),
        calls="none",
    ),
)

DEFAULTS: dict[str, str] = {"chatml": "chatml_plain", "openai_api": "openai_api", "alpaca": "alpaca"}


def format_of(name: str) -> Format:
    """Return a format by its name, or a family's default.

    Raises:
        UncaseError: ``unknown-format``, naming those that exist.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise UncaseError("unknown-format", f"There is no format {name!r}.", "") from None


def families() -> dict[str, str]:
    """Return the default format of each family."""
    return DEFAULTS


def all_controls() -> tuple[str, ...]:
    """Return the patterns of the control tokens of every format."""
    return tuple(dict.fromkeys(pattern for format_ in FORMATS.values() for pattern in format_.control))
