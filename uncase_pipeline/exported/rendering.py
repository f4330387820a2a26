"""A rendered conversation, and the answer of a format that can't carry one. Knows no template."""

from dataclasses import dataclass

Span = tuple[int, int]


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A format can't carry this conversation.

    Attributes:
        reason: Stable kebab-case code.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Rendering:
    """A rendered conversation.

    Attributes:
        text: What the model reads.
        spans: Half-open character ranges of ``text`` that are learned: what the assistant says, and its stop
            token.
    """

    text: str
    spans: list[Span]

    @property
    def learned(self) -> int:
        """Number of learned characters."""
        return sum(end - start for start, end in self.spans)
