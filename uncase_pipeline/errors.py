"""The one error base class. It knows nothing of layers: each raises it with its own code.

An error is for the person who reads it: what happened and where, then what to do. It never holds content of
a conversation, and it is raised ``from None`` wherever the cause could (parser and validation errors quote
their input).
"""

import traceback
from pathlib import Path


class UncaseError(Exception):
    """A failure with a stable code and a remedy.

    Args:
        code: Stable kebab-case identifier, for tests and alerts (``inbox-empty``).
        message: What happened and where, without content of any conversation.
        remedy: What the reader can do about it.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["UncaseError"], tuple[str, str, str]]:
        """Survive the trip between worker processes."""
        return type(self), (self.code, self.message, self.remedy)


def place_of(error: BaseException) -> str:
    """Name the innermost line of our own code that an error passed through: ``file.py:12 (function)``."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "uncase_pipeline" in frame.filename] or list(frames)
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} ({ours[-1].name})"
