"""Keeps text from becoming control tokens of the format it is rendered in. Knows no template.

The rule: **a space goes in after the first character of every control token that a text contains**
(``<|im_end|>`` becomes ``< |im_end|>``), again until none is left. It is visible, plain ASCII, the same for
every format, and survives tokenizers that strip zero-width characters.
"""

import re
from collections.abc import Sequence
from typing import Any

from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.records.conversation import Json

_SUSPICIOUS = re.compile(r"[<\[\]#]|/(?:no_)?think")
"""Every control token of every format holds one of these; text without them is left alone at once."""


class Neutralizer:
    """Neutralizes the control tokens of one format.

    Args:
        patterns: Regular expressions, one for each control token or kind of them.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._control = re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None

    def text(self, text: str) -> str:
        """Return the text without control tokens."""
        if self._control is None:
            return text
        while True:
            changed = self._control.sub(_broken, text)
            if changed == text:
                return text
            text = changed

    def finds(self, text: str) -> bool:
        """Return whether a text contains a control token."""
        return self._control is not None and self._control.search(text) is not None

    def chat(self, chat: Chat) -> Chat:
        """Return the chat with every string neutralized: content, names, arguments, results, definitions."""
        return Chat(
            [self._message(message) for message in chat.messages],
            self._value(chat.tools) if chat.tools else None,
        )

    def _message(self, message: Json) -> Json:
        return {key: value if key == "role" else self._value(value) for key, value in message.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self._value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return value


def _broken(match: re.Match[str]) -> str:
    token = match.group()
    return f"{token[0]} {token[1:]}"


def suspicious(chat: Chat) -> bool:
    """Return whether a text of a chat could hold a control token of any format: quick, and errs to yes."""
    if chat.tools and _any_suspicious(chat.tools):
        return True
    for message in chat.messages:
        if _SUSPICIOUS.search(message["content"]) or (len(message) > 2 and _any_suspicious(message)):
            return True
    return False


def _any_suspicious(value: Any) -> bool:
    if isinstance(value, str):
        return _SUSPICIOUS.search(value) is not None
    if isinstance(value, dict):
        return any(_any_suspicious(key) or _any_suspicious(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_any_suspicious, value))
