"""What the UI shows of a version of seeds: counts, never content of a seed's source. Knows no dagster."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings


def summary(seeds: Iterable[Seed], settings: Settings) -> dict[str, Any]:
    """Count seeds by origin, language, tone, topic and tool; show the settings that shaped them."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("origin", "language", "tone", "topic", "tool")
    }
    steps = subjects = 0
    for seed in seeds:
        counts["origin"]["extracted" if seed.source_ids else "curated"] += 1
        counts["language"][seed.language] += 1
        counts["tone"][seed.tone] += 1
        counts["topic"].update(seed.tags[:1])
        counts["tool"].update(seed.tools)
        steps += len(seed.steps)
        subjects += len(seed.subject_ids)
    rows = counts["origin"].total()
    return {
        "extracted": counts["origin"]["extracted"],
        "curated": counts["origin"]["curated"],
        "written_by": settings.seed_model or "rules",
        "units": subjects,
        "min_support_k": settings.seed_min_support,
        "library_setting": settings.seed_library,
        "mean_steps": round(steps / rows, 1) if rows else 0.0,
        **{
            f"by_{name}": dict(sorted(counter.items()))
            for name, counter in counts.items()
            if name != "origin"
        },
    }
