"""Audits of stored seeds: what was written is read back and judged by the same rules. Knows no dagster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.build import Source, Terms
from uncase_pipeline.seeds.rules import Identifiers, SourceText

NO_IDENTIFIER = "no_identifier_in_seeds"
NO_SOURCE_TEXT = "no_source_text_in_seeds"
SUPPORTED = "facts_have_support"
AUDITS = (NO_IDENTIFIER, NO_SOURCE_TEXT, SUPPORTED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one audit says of all seeds.

    Attributes:
        name: Name of the audit.
        passed: Whether no seed breaks the rule.
        description: One sentence, without content.
        metadata: Counts.
    """

    name: str
    passed: bool
    description: str
    metadata: dict[str, int | str]


def audit_seeds(seeds: Callable[[], Iterable[Seed]], source: Source, terms: Terms) -> list[Judgement]:
    """Judge stored seeds by every rule that bound their making.

    Args:
        seeds: Opens the stored seeds for one pass.
        source: Opens the anonymized conversations for one pass.
        terms: What the seeds must keep to.
    """
    text = SourceText(seeds()).read(source())
    identifiers = Identifiers(terms.scanner)
    rows = identified = copied = unsupported = 0
    for seed in seeds():
        rows += 1
        identified += bool(identifiers.paths_in(seed))
        copied += text.copied_by(seed)
        unsupported += bool(seed.source_ids) and seed.support < terms.min_support
    return [
        _verdict(NO_IDENTIFIER, identified, rows, "hold an identifier", terms.scanner.version),
        _verdict(NO_SOURCE_TEXT, copied, rows, "repeat a run of a source conversation", "content-words-6"),
        _verdict(SUPPORTED, unsupported, rows, "have too few subjects behind them", f"k={terms.min_support}"),
    ]


def _verdict(name: str, broken: int, rows: int, what: str, rule: str) -> Judgement:
    end = "; nothing of this stage is published." if broken else "."
    description = f"{broken} of {rows} seeds {what}{end}"
    return Judgement(name, not broken, description, {"seeds": rows, "broken": broken, "rule": rule})
