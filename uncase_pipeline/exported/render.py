"""Renders chats as the text that a model was trained on, with the spans it learns. Knows no file."""

import re
from datetime import datetime
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.environment import MARK, compiled, text_of, variables
from uncase_pipeline.exported.formats import Format, format_of
from uncase_pipeline.exported.rendering import Refused, Rendering, Span
from uncase_pipeline.exported.spans import with_spans

_MARKED = re.compile(r"\{%-?\s*generation\s*-?%\}")


class Renderer:
    """Renders chats in one text format.

    Args:
        format_: The format.
        now: What templates that read the clock are told.
        options: Template arguments such as ``enable_thinking``.
    """

    def __init__(self, format_: Format, now: datetime, **options: Any) -> None:
        self.format = format_
        self._marks = _MARKED.search(template_text(format_)) is not None
        self._plain = compiled(template_text(format_))
        self._with_tools = compiled(template_text(format_, tools=True))
        self._variables = {
            "bos_token": format_.bos,
            "eos_token": format_.eos,
            "add_generation_prompt": False,
            **options,
        }
        self._clock = variables(now, marked=False)
        self._marked_clock = variables(now, marked=True)

    def text(self, chat: Chat, **options: Any) -> str:
        """Render exactly what the official template renders.

        Raises:
            Refused: Where the official template raises.
        """
        return _run(self._template(chat), chat, {**self._variables, **self._clock, **options})

    def render(self, chat: Chat, **options: Any) -> Rendering:
        """Render the text and its learned spans; errors as ``text``.

        Raises:
            Refused: ``spans-unknown`` where a template marks none and rewrites what was said before.
        """
        if not self._marks:
            return with_spans(self.text, chat)
        marked = _run(self._template(chat), chat, {**self._variables, **self._marked_clock, **options})
        return _unmarked(marked)

    def _template(self, chat: Chat) -> Template:
        return self._with_tools if chat.tools else self._plain


def template_text(format_: Format, *, tools: bool = False) -> str:
    """Return the Jinja text of a format, as a tokenizer takes it for ``chat_template``."""
    if tools and format_.with_tools:
        return template_text(format_of(format_.with_tools))
    return format_.text or format_.prelude + text_of(f"{format_.template_name}.jinja")


def _run(template: Template, chat: Chat, context: dict[str, Any]) -> str:
    try:
        return template.render(context, messages=chat.messages, tools=chat.tools)
    except TemplateError as error:
        raise Refused(_code(error.message or "")) from None
    except (TypeError, RecursionError):
        raise Refused("template-refuses") from None


def _code(message: str) -> str:
    """Return the code before the colon of our own messages, one for all where Jinja itself raises."""
    code, separator, _ = message.partition(": ")
    return code if separator and code.replace("-", "").isalpha() and code.islower() else "template-refuses"


def _unmarked(marked: str) -> Rendering:
    pieces = marked.split(MARK)
    spans: list[Span] = []
    at = 0
    for number, piece in enumerate(pieces):
        end = at + len(piece)
        if number % 2 and piece:
            spans.append((at, end))
        at = end
    return Rendering("".join(pieces), spans)
