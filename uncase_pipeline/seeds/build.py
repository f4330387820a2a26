"""Makes the seeds of one domain: drafts, support, merging, the curated library, the rules, the books.

Knows the order of the steps. It reads the source twice, and keeps packed plans, never texts, in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection, Tally
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.called_tools import LEAST_SUBJECTS, CalledTools
from uncase_pipeline.seeds.extract import Draft, draft_of, finished
from uncase_pipeline.seeds.packed import Packed
from uncase_pipeline.seeds.parameters import as_facts
from uncase_pipeline.seeds.rules import BELOW_SUPPORT, Rules, SourceText
from uncase_pipeline.seeds.support import Supporters

Source = Callable[[], Iterable[Conversation]]
"""Opens the anonymized conversations for one pass."""
Library = Callable[[set[str]], Sequence[Seed]]
"""Returns the curated seeds to add, given the languages of the source."""
Refine = Callable[[Iterable[tuple[Conversation, Draft | Rejection]]], Iterator[Draft | Rejection]]
"""Adds to drafts what the rules can't tell (see ``by_model``), in their order; what was rejected stays so."""

HELD_OUT = "held-out-control-group"
MERGED = "merged-into-equal-seed"


class Ledger(Protocol):
    """Where rows are booked: ``storage.books.Books``, or ``Notes`` in memory."""

    tally: Tally

    def set_aside(self, rejection: Rejection) -> None:
        """Book one rejection."""
        ...


@dataclass(slots=True)
class Notes:
    """A ledger in memory."""

    tally: Tally = field(default_factory=Tally)
    rejections: list[Rejection] = field(default_factory=list)

    def set_aside(self, rejection: Rejection) -> None:
        """Book one rejection."""
        self.tally.set_aside(rejection)
        self.rejections.append(rejection)


@dataclass(frozen=True, slots=True)
class Terms:
    """What seeding must keep to.

    Attributes:
        scanner: Finds identifiers in what was made.
        min_support: k of the support rule.
        control_key: ``Vault.derive("control-group")``; its subjects never seed. None where there is no group,
            as for a file in hand.
        refine: Adds to drafts, None where extraction is by rules alone.
    """

    scanner: Scanner
    min_support: int = 1
    control_key: bytes | None = None
    refine: Refine | None = None


def make_seeds(source: Source, library: Library, terms: Terms, ledger: Ledger) -> Iterator[Seed]:
    """Yield the seeds of one domain; rows are booked as they are read and set aside."""
    drafts, supporters, tools, languages = _read(source, terms, ledger)
    extracted = _merged(_supported(drafts, supporters, tools, terms.min_support, ledger), ledger)
    curated = library(languages)
    ledger.tally.rows_in += len(curated)

    def candidates() -> Iterator[Seed]:
        yield from (packed.seed() for packed in extracted)
        yield from curated

    rules = Rules(terms.scanner, SourceText(candidates()).read(source()))
    for seed in candidates():
        if rejection := rules.broken_by(seed):
            ledger.set_aside(rejection)
        else:
            yield seed


def _read(
    source: Source, terms: Terms, ledger: Ledger
) -> tuple[list[Packed], Supporters, CalledTools, set[str]]:
    drafts: list[Packed] = []
    supporters, tools = Supporters(), CalledTools()
    languages: set[str] = set()
    for draft in _drafts(source(), terms):
        ledger.tally.rows_in += 1
        if isinstance(draft, Rejection):
            ledger.set_aside(draft)
            continue
        languages.add(draft.seed.language)
        tools.add(draft.subject, draft.seed.inferred_tools)
        drafts.append(Packed.of(draft.seed, supporters.add(draft.subject, draft.stated)))
    return drafts, supporters, tools, languages


def _drafts(conversations: Iterable[Conversation], terms: Terms) -> Iterator[Draft | Rejection]:
    drafts = ((conversation, _draft(conversation, terms)) for conversation in conversations)
    if terms.refine is not None:
        return terms.refine(drafts)
    return (draft for _, draft in drafts)


def _draft(conversation: Conversation, terms: Terms) -> Draft | Rejection:
    subject = conversation.subject_id or conversation.conversation_id
    if terms.control_key is not None and held_out(subject, terms.control_key):
        return Rejection(HELD_OUT, conversation.conversation_id)
    return draft_of(conversation)


def _supported(
    drafts: Iterable[Packed], supporters: Supporters, tools: CalledTools, k: int, ledger: Ledger
) -> Iterator[Seed]:
    for draft in drafts:
        parameters, support = supporters.generalised(draft.stated, k)
        seed = draft.seed()
        if support < k:
            ledger.set_aside(Rejection(BELOW_SUPPORT, seed.source_ids[0]))
        else:
            yield finished(_with_tools(seed, tools, k), as_facts(parameters), support)


def _with_tools(seed: Seed, tools: CalledTools, k: int) -> Seed:
    """Return the seed with its inferred tools as the whole corpus shows them, without those of too few subjects."""
    inferred = tools.of(seed.inferred_tools, max(LEAST_SUBJECTS, k))
    gone = seed.inferred_tools.keys() - inferred.keys()
    names = [name for name in seed.tools if name not in gone]
    return seed.model_copy(update={"tools": names, "inferred_tools": inferred})


def _merged(seeds: Iterable[Seed], ledger: Ledger) -> list[Packed]:
    """Merge seeds that say the same; the first stands for all, with every source and subject."""
    first: dict[str, Packed] = {}
    for seed in seeds:
        known = first.setdefault(seed.seed_id, packed := Packed.of(seed))
        if known is not packed:
            ledger.set_aside(Rejection(MERGED, seed.source_ids[0]))
            known.join(seed)
    return list(first.values())
