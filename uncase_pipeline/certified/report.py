"""The report for people: one HTML file that opens offline. Knows the predicate of a certificate."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, Template

from uncase_pipeline.certified.census import Histogram
from uncase_pipeline.certified.charts import bars_svg, compare_svg, histogram_svg, percent, ring_svg
from uncase_pipeline.domains import DOMAINS

_SIGNS = {"at_least": "≥", "below": "<", "equals": "="}
_TURNS_SHOWN = 24


def report_html(stated: Mapping[str, Any]) -> str:
    """Render the predicate of a certificate."""
    counts = stated["counts"]
    total = counts["rows_in"] or 1
    return _template().render(
        stated=stated,
        domain=DOMAINS.get(stated["domain"]),
        pass_rate=counts["rows_out"] / total,
        ring=ring_svg(counts["rows_out"] / total, "rows passed"),
        q_chart=histogram_svg(_histogram(stated["q"]), None, "Q of all rows"),
        metrics=[_card(name, metric) for name, metric in stated["metrics"].items()],
        reasons=bars_svg(
            [(name, count, str(count)) for name, count in stated["rejections"]["reasons"].items()], "fail"
        ),
        deciders=bars_svg(
            [(_title(name, stated), count, str(count)) for name, count in stated["q"]["decided_by"].items()]
        ),
        turns=_compared(stated["corpus"], "turns"),
        words=_compared(stated["corpus"], "words"),
        roles=_roles(stated["corpus"]),
        percent=percent,
        open_rulings=_open_rulings(stated),
    )


def _title(name: str, stated: Mapping[str, Any]) -> str:
    metric = stated["metrics"].get(name)
    return str(metric["title"]) if metric else name


def _open_rulings(stated: Mapping[str, Any]) -> dict[str, str]:
    """Return the rulings that hold only because there was nothing to see or to ask, with a word for it."""
    seen = any(finding["verdict"] == "PASS" for finding in stated["privacy"]["findings"])
    asked = bool(
        stated["compliance"]["profiles"] or (stated["drift"] and stated["drift"]["bound"] is not None)
    )
    return {**({} if seen else {"no_leakage": "not shown"}), **({} if asked else {"compliance": "not asked"})}


def _card(name: str, metric: Mapping[str, Any]) -> dict[str, Any]:
    counted = metric["passed"] + metric["failed"]
    gates = metric["mission_threshold"] or metric["direction"] != "at_least"
    bounds = bool(gates or metric["threshold"])
    return {
        "name": name,
        "title": metric["title"],
        "bound": f"{_SIGNS[metric['direction']]} {metric['threshold']:g}" if bounds else "no gate",
        "gates": gates,
        "threshold": metric["threshold"],
        "stricter": metric["threshold"] != metric["mission_threshold"],
        "share": percent(metric["passed"] / counted) if counted else "—",
        "ok": counted and not metric["failed"],
        "counted": counted,
        "not_applicable": metric["not_applicable"],
        "version": metric["version"],
        "chart": histogram_svg(_histogram(metric), metric["threshold"] if bounds else None, metric["title"]),
    }


def _histogram(document: Mapping[str, Any]) -> Histogram:
    return Histogram(list(document["histogram"]["passed"]), list(document["histogram"]["failed"]))


def _compared(corpus: Mapping[str, Any], what: str) -> str:
    one, other = corpus["synthetic"][what], corpus["source"][what]
    keys = sorted({*map(int, one), *map(int, other)})
    keys = keys[: _TURNS_SHOWN - 1] + keys[-1:] if len(keys) > _TURNS_SHOWN else keys
    return compare_svg(_shares(one, keys), _shares(other, keys), [str(key) for key in keys])


def _shares(counts: Mapping[str, int], keys: Sequence[int]) -> list[float]:
    total = sum(counts.values()) or 1
    return [counts.get(str(key), 0) / total for key in keys]


def _roles(corpus: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    one, other = corpus["synthetic"]["roles"], corpus["source"]["roles"]
    sums = sum(one.values()) or 1, sum(other.values()) or 1
    return [
        (role, percent(one.get(role, 0) / sums[0]), percent(other.get(role, 0) / sums[1]))
        for role in sorted({*one, *other})
    ]


@cache
def _template() -> Template:
    source = files(__package__).joinpath("report.html.jinja").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
