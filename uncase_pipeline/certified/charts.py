"""Charts as inline SVG, for the report and the Dagster UI. Knows numbers and colours, no metric."""

import base64
from collections.abc import Sequence
from html import escape

from uncase_pipeline.certified.census import BINS, Histogram

_WIDTH, _HEIGHT, _BASE = 320, 96, 78


def histogram_svg(histogram: Histogram, threshold: float | None, label: str) -> str:
    """Draw a histogram between 0 and 1: passed rows and failed rows stacked, a line at the threshold."""
    tallest = max(map(sum, zip(histogram.counts, histogram.failed, strict=True)), default=0) or 1
    step = _WIDTH / BINS
    bars = []
    for at, (passed, failed) in enumerate(zip(histogram.counts, histogram.failed, strict=True)):
        low = _bar(at * step, step, _BASE, passed / tallest * (_BASE - 10), "pass")
        high = _bar(at * step, step, low[1], failed / tallest * (_BASE - 10), "fail")
        bars += [low[0], high[0]]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}" class="hist">'
        f'<line x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}" class="axis"/>{"".join(bars)}'
        f"{_threshold(threshold)}"
        '<text x="0" y="92" class="tick">0</text>'
        f'<text x="{_WIDTH}" y="92" class="tick end">1</text></svg>'
    )


def ring_svg(share: float, label: str) -> str:
    """Draw a share as a ring with the figure inside."""
    round_length = 2 * 3.14159265 * 52
    return (
        f'<svg viewBox="0 0 128 128" role="img" aria-label="{escape(label)}" class="ring">'
        '<circle cx="64" cy="64" r="52" class="track"/>'
        f'<circle cx="64" cy="64" r="52" class="arc" stroke-dasharray="{share * round_length:.2f} '
        f'{round_length:.2f}" transform="rotate(-90 64 64)"/>'
        f'<text x="64" y="68" class="big">{percent(share)}</text>'
        f'<text x="64" y="83" class="small">{escape(label)}</text></svg>'
    )


def bars_svg(bars: Sequence[tuple[str, float, str]], colour: str = "pass") -> str:
    """Draw labelled horizontal bars: ``(label, value, shown)``."""
    longest = max((value for _, value, _ in bars), default=0) or 1
    rows = [
        f'<text x="0" y="{at * 24 + 16}" class="label">{escape(label)}</text>'
        f'<rect x="210" y="{at * 24 + 5}" width="{max(1.5, value / longest * 270):.1f}" height="14" rx="3" '
        f'class="{colour}"/>'
        f'<text x="{216 + value / longest * 270:.1f}" y="{at * 24 + 16}" class="value">{escape(shown)}</text>'
        for at, (label, value, shown) in enumerate(bars)
    ]
    return (
        f'<svg viewBox="0 0 560 {max(1, len(bars)) * 24 + 4}" class="bars" role="img">{"".join(rows)}</svg>'
    )


def compare_svg(one: Sequence[float], other: Sequence[float], labels: Sequence[str]) -> str:
    """Draw two distributions side by side as shares: this set and the source."""
    tallest = max([*one, *other, 1e-9])
    step = _WIDTH / max(1, len(labels))
    parts = []
    for at, (left, right) in enumerate(zip(one, other, strict=True)):
        parts.append(_bar(at * step, step / 2, _BASE, left / tallest * (_BASE - 10), "pass")[0])
        parts.append(
            _bar(at * step + step / 2 - 1, step / 2, _BASE, right / tallest * (_BASE - 10), "source")[0]
        )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" class="hist" role="img">'
        f'<line x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}" class="axis"/>{"".join(parts)}'
        f'<text x="0" y="92" class="tick">{escape(labels[0] if labels else "")}</text>'
        f'<text x="{_WIDTH}" y="92" class="tick end">{escape(labels[-1] if labels else "")}</text></svg>'
    )


def markdown_image(svg: str) -> str:
    """Return an SVG as Markdown that the Dagster UI shows."""
    styled = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="144" ', 1)
    for name, colour in (("pass", "#2f9e77"), ("fail", "#d9574c"), ("axis", "#888"), ("limit", "#888")):
        styled = styled.replace(f'class="{name}"', f'fill="{colour}" stroke="{colour}"')
    return f"![chart](data:image/svg+xml;base64,{base64.b64encode(styled.encode()).decode()})"


def percent(share: float) -> str:
    """Return a share for people: 100 % only where it is."""
    if 0.9995 <= share < 1:
        return "99.9 %"
    return f"{share * 100:.0f} %" if share in {0, 1} else f"{share * 100:.1f} %"


def _bar(x: float, width: float, bottom: float, height: float, kind: str) -> tuple[str, float]:
    if height <= 0:
        return "", bottom
    top = bottom - max(1.5, height)
    rect = (
        f'<rect x="{x + 0.6:.1f}" y="{top:.1f}" width="{width - 1.2:.1f}" height="{bottom - top:.1f}" rx="1" '
        f'class="{kind}"/>'
    )
    return rect, top


def _threshold(threshold: float | None) -> str:
    if threshold is None:
        return ""
    x = min(max(threshold, 0), 1) * _WIDTH
    side = "end" if x > _WIDTH / 2 else ""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{_BASE}" class="limit"/>'
        f'<text x="{x + (-4 if side else 4):.1f}" y="10" class="tick {side}">{threshold:g}</text>'
    )
