"""What the renderings of one format amount to, counted while they stream by. Knows no template.

Rows get here only if every answer ends with a learned stop token and every call can be read back: the others
are left out of the format.
"""

from dataclasses import asdict, dataclass, field

from uncase_pipeline.exported.rendering import Rendering
from uncase_pipeline.records.conversation import Json

WINDOWS = (2_048, 4_096, 8_192)
CHARACTERS_PER_TOKEN = 3.6
"""Of Spanish and English chat under vocabularies of about 128k; an estimate, and called one."""


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return round(len(text) / CHARACTERS_PER_TOKEN)


@dataclass(slots=True)
class Truth:
    """One row of the truth table, for the rows of one dataset.

    Attributes:
        rows: Rows rendered.
        characters: All characters.
        learned: Learned characters.
        tokens: Tokens, counted or estimated.
        truncated: Rows longer than 2k, 4k and 8k tokens.
        tool_rows: Rows with tool calls, all of which were read back from the rendering exactly.
        neutralized: Rows in which a control token was neutralized.
    """

    rows: int = 0
    characters: int = 0
    learned: int = 0
    tokens: int = 0
    truncated: dict[str, int] = field(default_factory=lambda: {str(window): 0 for window in WINDOWS})
    tool_rows: int = 0
    neutralized: int = 0

    def add(self, rendering: Rendering, tokens: int) -> None:
        """Count one rendering."""
        self.rows += 1
        self.characters += len(rendering.text)
        self.learned += rendering.learned
        self.tokens += tokens
        if tokens > WINDOWS[0]:
            for window in WINDOWS:
                self.truncated[str(window)] += tokens > window

    @property
    def coverage(self) -> float | None:
        """Share of characters that are learned, None without rows."""
        return self.learned / self.characters if self.characters else None

    def document(self) -> Json:
        """Return the counts as JSON."""
        return {**asdict(self), "coverage": self.coverage}


def stops_are_learned(rendering: Rendering, stops: tuple[str, ...]) -> bool:
    """Return whether there is an answer, and each ends with a stop token inside its learned span."""
    text = rendering.text
    return bool(rendering.spans) and all(
        text[start:end].rstrip("\n").endswith(stops) for start, end in rendering.spans
    )
