"""The judge as a certificate states it. Knows the shape of a predicate, asks nobody."""

from collections.abc import Mapping
from typing import Any

from uncase_pipeline.certified.census import Census, Histogram
from uncase_pipeline.certified.judge.score import ASPECT_SCORES, DISAGREEMENT, JUDGE, OFF, SWAYED, bound_of
from uncase_pipeline.certified.judge.sitting import Judge

_TITLES = {"hallucination": "nothing invented", "coherence": "holds together", "relevance": "to the point"}


def judge_document(judge: Judge | None) -> dict[str, Any]:
    """Return what a certificate says of the judge: what it did, or that it is off."""
    return judge.document() if judge else {"on": False, "why": OFF.why}


def judge_metrics(
    document: Mapping[str, Any], census: Census, stricter: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    """Return the judge's scores in the shape of metrics; none where it is off."""
    if not document["on"]:
        return {}
    bound = bound_of(stricter)
    said = document["model"] if bound is not None else f"{document['model']}, no gate"
    cards = {JUDGE: f"LLM judge {said}"}
    cards |= {name: f"LLM judge: {_TITLES[aspect]}" for aspect, name in ASPECT_SCORES.items()}
    return {
        **{
            name: {
                "title": title,
                "threshold": bound_of(stricter, name=name) or 0.0,
                "mission_threshold": 0.0,
                "direction": "at_least",
                "version": document["version"],
                **census.metrics.get(name, Histogram()).document(),
            }
            for name, title in cards.items()
        },
        DISAGREEMENT: {
            "title": "LLM judge, distance between its two orders, no gate",
            "threshold": SWAYED,
            "mission_threshold": SWAYED,
            "direction": "below",
            "version": document["version"],
            **census.metrics.get(DISAGREEMENT, Histogram()).document(),
        },
    }
