"""The model card, rendered from the result of a run. Knows the record, not how it came about."""

import math
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from uncase_pipeline.adapter.contract import Extraction, TrainingResult

_TEMPLATE = Path(__file__).with_name("card.md.jinja")


def render_card(result: TrainingResult) -> str:
    """Return the card as Markdown."""
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701 - Markdown
    template = environment.from_string(_TEMPLATE.read_text())
    return template.render(r=result, share=_share, figure=_figure, exp=_exp)


def _share(extraction: Extraction) -> str:
    if not extraction.tries:
        return "no targets"
    return f"{extraction.hits} of {extraction.tries} (below {extraction.upper_bound:.3f})"


def _figure(value: float | None) -> str:
    return "not computed" if value is None else f"{value:.4g}"


def _exp(loss: float) -> float:
    return math.exp(min(loss, 700.0))
