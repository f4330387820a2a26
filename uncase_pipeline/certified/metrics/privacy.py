"""Privacy: how many identifiers the full detector chain finds in any field of the row. One is too many."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.finding import Finding, Scanner
from uncase_pipeline.records.seed import Seed

_EDGE = 40
_GLUES = ("", " ")
_TELLING = re.compile(r"[\d@]")


def privacy(row: Reading, _seed: Seed, evidence: Evidence) -> Measured:
    """Count findings in every string, and those that two turns make together."""
    if evidence.scanner is None:
        return Measured(None, "No scanner was given.")
    findings = evidence.scanner.scan_conversation(row.conversation)
    findings += over_two_turns(row, evidence.scanner)
    kinds = Counter(finding.entity_type for finding in findings)
    named = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return Measured(
        float(len(findings)),
        named or "No identifier in any field.",
        reasons=tuple(f"identifier-{kind.lower().replace('_', '-')}" for kind in sorted(kinds)),
    )


def scanned_of(row: Reading) -> Iterator[str]:
    """Yield every text of a row that is scanned, for a scanner that reads many together."""
    yield from (text for _, text in row.conversation.strings())
    for _, end, start in _borders(row):
        yield from (end + glue + start for glue in _GLUES)


def over_two_turns(row: Reading, scanner: Scanner) -> Iterator[Finding]:
    """Yield identifiers that begin at the end of a turn and go on in the next.

    Only those with a figure or an ``@``: a capital letter begins every turn, and is no half of a name.
    """
    scan = partial(scanner.scan_text, language=row.language, domain=row.conversation.domain)
    for number, end, start in _borders(row):
        yield from _joined(number, end, start, scan)


def _borders(row: Reading) -> Iterator[tuple[int, str, str]]:
    """Yield the end of a turn and the start of the next, where the two may hold an identifier together."""
    for number, (one, other) in enumerate(pairwise(row.turns)):
        last, first = one.content.rsplit(maxsplit=1)[-1:], other.content.split(maxsplit=1)[:1]
        if last and first and _TELLING.search(last[0] + first[0]):
            yield number, one.content[-_EDGE:].rstrip(), other.content[:_EDGE].lstrip()


def _joined(number: int, end: str, start: str, scan: Callable[[str], list[Finding]]) -> Iterator[Finding]:
    for glue in _GLUES:
        text = end + glue + start
        for found in scan(text):
            crosses = found.start < len(end) < found.end - len(glue)
            if crosses and _TELLING.search(text[found.start : found.end]):
                yield Finding(
                    found.entity_type, found.start, found.end, found.score, f"turns[{number}:{number + 2}]"
                )
                return
