"""Learned spans of a template that marks none: a base model's own, for instance. Knows no format.

What the assistant adds at a turn is what the text gains when that turn is given, over the prompt for it. That
holds for templates that never rewrite what was said before; for the others there is no answer.
"""

from dataclasses import replace
from typing import Protocol

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.rendering import Refused, Rendering, Span


class Render(Protocol):
    """Renders a chat; with ``add_generation_prompt``, up to where the assistant would begin."""

    def __call__(self, chat: Chat, /, *, add_generation_prompt: bool = False) -> str:
        """Return the text."""
        ...


def with_spans(render: Render, chat: Chat) -> Rendering:
    """Render a chat with its learned spans.

    Raises:
        Refused: ``spans-unknown`` where the template rewrites earlier turns.
    """
    text = render(chat)
    spans: list[Span] = []
    for at, message in enumerate(chat.messages):
        if message["role"] == "assistant":
            spans.append(_span(render, chat, at, text))
    return Rendering(text, spans)


def _span(render: Render, chat: Chat, at: int, text: str) -> Span:
    prompt = render(replace(chat, messages=chat.messages[:at]), add_generation_prompt=True)
    answered = render(replace(chat, messages=chat.messages[: at + 1]))
    if not (answered.startswith(prompt) and text.startswith(answered)):
        raise Refused("spans-unknown")
    return len(prompt), len(answered)
