"""Every metric, by name. Adding one is one file and one line here."""

from collections.abc import Callable
from dataclasses import dataclass

from uncase_pipeline.certified.metrics.coherence import coherence
from uncase_pipeline.certified.metrics.diversity import diversity
from uncase_pipeline.certified.metrics.fidelity import fidelity
from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.memorization import memorization
from uncase_pipeline.certified.metrics.privacy import privacy
from uncase_pipeline.certified.metrics.structure import structure, surface
from uncase_pipeline.certified.metrics.tool_calls import tool_calls
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.quality import Direction
from uncase_pipeline.records.seed import Seed

Measure = Callable[[Reading, Seed, Evidence], Measured]


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is measured and what it must reach.

    Attributes:
        measure: The function.
        threshold: The loosest bound that is ever in force.
        direction: How a value must stand to it.
        version: Raised whenever a figure could change.
        quality: Whether it is one of those whose minimum is Q; the others must hold, or Q is 0.
        title: Its name for people.
    """

    measure: Measure
    threshold: float
    direction: Direction
    version: str
    quality: bool
    title: str


METRICS: dict[str, Metric] = {
    "rouge_l": Metric(structure, 0.65, "at_least", "2", True, "ROUGE-L of the structure"),
    "rouge_l_surface": Metric(surface, 0.0, "at_least", "1", True, "ROUGE-L of the words"),
    "fidelity": Metric(fidelity, 0.90, "at_least", "4", True, "Factual fidelity"),
    "diversity": Metric(diversity, 0.55, "at_least", "1", True, "Lexical diversity"),
    "coherence": Metric(coherence, 0.85, "at_least", "3", True, "Dialogic coherence"),
    "tool_validity": Metric(tool_calls, 0.90, "at_least", "2", True, "Tool-call validity"),
    "privacy": Metric(privacy, 0.0, "equals", "1", False, "Privacy"),
    "memorization": Metric(memorization, 0.01, "below", "2", False, "Memorization"),
}
