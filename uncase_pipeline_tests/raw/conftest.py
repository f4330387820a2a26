"""How the tests of this folder read a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from uncase_pipeline.domains import domain_of
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.reader import read
from uncase_pipeline.records.conversation import Conversation, Message
from uncase_pipeline.records.rejection import Rejection

OPTIONS = ReadOptions(domain=domain_of("automotive.sales"), subject_key=b"k" * 32)
HELLO = [("user", "hola"), ("assistant", "buenas")]
Result = tuple[list[Conversation], list[Rejection]]


def read_all(path: Path, options: ReadOptions = OPTIONS) -> Result:
    """Read a file whole: conversations, and what was set aside."""
    items = list(read(path, options))
    kept = [item for item in items if isinstance(item, Conversation)]
    return kept, [item for item in items if isinstance(item, Rejection)]


def turns(conversations: list[Conversation]) -> list[Message]:
    """All turns of some conversations, in order."""
    return [message for conversation in conversations for message in conversation.messages]


def said(conversations: list[Conversation]) -> list[tuple[str, str]]:
    """Who said what, in order."""
    return [(message.role, message.content) for message in turns(conversations)]


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Result]:
    """Write content to a file and read it."""

    def read_content(
        content: str | bytes, name: str = "export.txt", options: ReadOptions = OPTIONS
    ) -> Result:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_all(path, options)

    return read_content
