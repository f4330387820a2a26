"""A base model's own tokenizer, where it is at hand: a format of its own, counts in its tokens. Knows no hub."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.exported.formats import FORMATS, Format
from uncase_pipeline.exported.render import Renderer
from uncase_pipeline.exported.rendering import Refused
from uncase_pipeline.exported.truth import estimate_tokens

NAME = "base_model"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """What a tokenizer's folder says.

    Attributes:
        format: Its own template as a format, its special tokens as what text may not hold.
        tokenizer: Counts tokens; None where there is no ``tokenizer.json``.
    """

    format: Format
    tokenizer: Any = None

    def tokens(self, text: str) -> int:
        """Return the number of tokens of a text; an estimate where there is no tokenizer."""
        if self.tokenizer is None:
            return estimate_tokens(text)
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def equals(self, chats: list[Chat], now: datetime) -> list[str]:
        """Return the formats that render every one of these chats to the same bytes."""
        mine = [_text(self.format, chat, now) for chat in chats]
        return [
            name for name, format_ in FORMATS.items() if [_text(format_, chat, now) for chat in chats] == mine
        ]


def _text(format_: Format, chat: Chat, now: datetime) -> str | None:
    try:
        return Renderer(format_, now).text(chat)
    except Refused:
        return None


def read_base_model(folder: Path) -> BaseModel:
    """Read the folder of a tokenizer, as ``save_pretrained`` writes it.

    Raises:
        UncaseError: ``no-chat-template`` where it holds none.
    """
    config = _json(folder / "tokenizer_config.json")
    file = folder / "chat_template.jinja"
    template = file.read_text() if file.is_file() else config.get("chat_template")
    if not isinstance(template, str) or not template:
        raise UncaseError(
            "no-chat-template",
            f"There is no chat template in {folder}.",
            "Give UNCASE_EXPORT_TOKENIZER the folder of a tokenizer that has one.",
        )
    special, tokenizer = _tokenizer(folder, config)
    eos = _token(config, "eos_token")
    format_ = Format(
        NAME,
        NAME,
        "The base model's own template",
        bos=_token(config, "bos_token"),
        eos=eos,
        stops=(eos,),
        control=tuple(re.escape(token) for token in special),
        text=template,
    )
    return BaseModel(format_, tokenizer)


def _tokenizer(folder: Path, config: dict[str, Any]) -> tuple[list[str], Any]:
    listed = {entry["content"] for entry in config.get("added_tokens_decoder", {}).values()}
    listed |= {token for name in ("bos_token", "eos_token") if (token := _token(config, name))}
    file = folder / "tokenizer.json"
    if not file.is_file():
        return sorted(listed), None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    listed |= {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    return sorted(listed), tokenizer


def _token(config: dict[str, Any], name: str) -> str:
    token = config.get(name)
    return str(token.get("content", "")) if isinstance(token, dict) else str(token or "")


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.is_file() else {}
