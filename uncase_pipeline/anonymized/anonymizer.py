"""Masks one conversation, or says why it may not be masked. Knows no file, no process and no Dagster.

Find in every string, find again what was found elsewhere, replace in one pass, audit what came out. Every way
out but the last is a quarantine.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from uncase_pipeline.anonymized.audit import Auditor, Doubt
from uncase_pipeline.anonymized.context import Probe, probes_of
from uncase_pipeline.anonymized.detect import Detectors
from uncase_pipeline.anonymized.entities import Profile
from uncase_pipeline.anonymized.fields import Field, fields_of, with_texts
from uncase_pipeline.anonymized.merge import tidy
from uncase_pipeline.anonymized.propagate import Known
from uncase_pipeline.anonymized.spans import Span, replaced, union
from uncase_pipeline.anonymized.speakers import participants, relabelled
from uncase_pipeline.anonymized.surrogates import Surrogates
from uncase_pipeline.anonymized.tokens import People, Tokens
from uncase_pipeline.dialogue.language import SUPPORTED, guess_language
from uncase_pipeline.records.conversation import Conversation

_QUANTITY = re.compile(
    r"\b(?:amount|price|total|balance|cost|value|salary|income|budget|mileage|year|quantity|count|score|rate|monto|precio|saldo|costo"
    r"|importe|valor|salario|ingresos?|presupuesto|kilometraje|cantidad|plazo|tasa)\b",
    re.IGNORECASE,
)
"""Keys under which a number is a quantity and not somebody's."""

_OF_DEVELOPERS = frozenset(("key", "tool"))
"""Strings that hold no identifier unless somebody misused them: read at the gate's thresholds."""


@dataclass(frozen=True, slots=True)
class Anonymized:
    """A conversation that passed the audit.

    Attributes:
        conversation: Without direct identifiers.
        spans: What was found, per string path, in characters of the input.
        surrogates: The same conversation with realistic stand-ins, where the policy asks for them.
    """

    conversation: Conversation
    spans: dict[str, list[Span]]
    surrogates: Conversation | None = None

    @property
    def counts(self) -> Counter[str]:
        """Masked spans per entity."""
        return Counter(span.entity for spans in self.spans.values() for span in spans)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A conversation that waits for a person.

    Attributes:
        reason: Stable code: ``unsupported-language``, ``residual-…``, ``detector-failed``.
        conversation_id: Whose.
        spans: What was found all the same.
        doubts: Where the audit was unsure; paths and offsets of the masked text, never content.
    """

    reason: str
    conversation_id: str
    spans: dict[str, list[Span]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation on its way.

    Attributes:
        conversation: As imported, in the language that it reads as.
        language: None where it is not supported.
        people: The names of who takes part.
        fields: Every string.
        probes: Texts that show what only two turns together hold.
        reviewed: Whether a person released it from quarantine.
        spans: What was found in each field.
        masked: What comes out; None before it is masked, and where it may not be.
    """

    conversation: Conversation
    language: str | None
    people: list[str]
    fields: list[Field]
    probes: list[Probe]
    reviewed: bool
    spans: list[list[Span]] = field(default_factory=list)
    masked: Conversation | None = None

    def originals(self) -> Iterator[tuple[str, str]]:
        """Yield entity and text of everything that was masked, participants' names included."""
        yield from (("PERSON", name) for name in self.people)
        for item, found in zip(self.fields, self.spans, strict=True):
            for span in found:
                yield span.entity, item.text[span.start : span.end]


class Anonymizer:
    """Masks conversations one by one; holds the loaded detectors."""

    def __init__(
        self,
        chain: Detectors,
        auditor: Auditor,
        *,
        profile: Profile = "strict",
        surrogates: Surrogates | None = None,
    ) -> None:
        self._chain = chain
        self._surrogates = surrogates
        self._auditor = auditor
        self._profile: Profile = profile

    def anonymize(self, conversation: Conversation, *, reviewed: bool = False) -> Anonymized | Quarantined:
        """Mask a conversation.

        Args:
            conversation: As imported.
            reviewed: A person released it from quarantine: what the audit doubts is masked too, and the
                language is taken as read.
        """
        return self.audited(self.masked(self.read(conversation, reviewed=reviewed)))

    def read(self, conversation: Conversation, *, reviewed: bool = False) -> Draft:
        """Take a conversation apart: the first of the three steps of ``anonymize``."""
        language = spoken_language(conversation)
        people = participants(conversation)
        conversation = replace(conversation, language=language or conversation.language)
        fields = fields_of(replace(conversation, metadata=_public(conversation)))
        return Draft(conversation, language, people, fields, probes_of(fields), reviewed)

    def masked(self, draft: Draft) -> Draft:
        """Find what is to be masked and mask it: the second step."""
        spans = self._spans(draft)
        if draft.language is None and not draft.reviewed:
            return replace(draft, spans=spans)
        substitute = Tokens(_people(draft.fields, spans)).substitute
        masked = self._rewritten(draft.conversation, draft.fields, spans, substitute)
        return replace(draft, spans=spans, masked=masked)

    def audited(self, draft: Draft) -> Anonymized | Quarantined:
        """Audit what came out: the third step."""
        by_path, masked = _by_path(draft.fields, draft.spans), draft.masked
        if masked is None:
            return Quarantined("unsupported-language", draft.conversation.conversation_id, by_path)
        doubts = self._auditor.doubts(masked, draft.originals())
        if doubts and draft.reviewed:
            masked = _blotted(masked, doubts)
            doubts = self._auditor.doubts(masked, draft.originals())
        if doubts:
            return Quarantined(doubts[0].reason, masked.conversation_id, by_path, tuple(doubts))
        return Anonymized(masked, by_path, self._stand_ins(draft) if self._surrogates else None)

    def look_ahead(self, drafts: Iterable[Draft]) -> None:
        """Let the detectors look at the texts of many conversations at once: one by one they take longer.

        Each conversation is then masked and audited by itself as ever, and finds most answers remembered.
        """
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for draft in drafts:
            if draft.masked is None:
                texts[draft.conversation.domain] += map(_as_read, draft.fields)
                texts[draft.conversation.domain] += (probe.text for probe in draft.probes)
            else:
                texts[draft.conversation.domain] += (text for _, text in draft.masked.strings())
        for domain, some in texts.items():
            self._chain.look_ahead(some, domain=domain)

    def _spans(self, draft: Draft) -> list[list[Span]]:
        """Return the spans of each field: found in it, told by the turns around it, or known from elsewhere."""
        fields, domain = draft.fields, draft.conversation.domain
        found = self._found(fields, domain)
        texts = [probe.text for probe in draft.probes]
        looked = self._chain.find_all(texts, domain=domain, profile=self._profile)
        for probe, spans in zip(draft.probes, looked, strict=True):
            for index, placed in probe.placed(spans):
                found[index] += placed
        known = Known()
        for name in draft.people:
            known.add("PERSON" if any(c.isalpha() for c in name) else "PHONE", name)
        for item, spans in zip(fields, found, strict=True):
            for span in spans:
                known.add(span.entity, item.text[span.start : span.end])
        again = known.find_all(["" if item.kind == "tool" else item.text for item in fields])
        return [
            tidy(item.text, union([*spans, *more])) if spans or more else []
            for item, spans, more in zip(fields, found, again, strict=True)
        ]

    def _found(self, fields: list[Field], domain: str) -> list[list[Span]]:
        """Return what the chain finds in each field by itself."""
        found: list[list[Span]] = [[] for _ in fields]
        by_profile: dict[Profile, list[int]] = {"gate": [], self._profile: []}
        for index, item in enumerate(fields):
            by_profile["gate" if item.kind in _OF_DEVELOPERS else self._profile].append(index)
        for profile, indexes in by_profile.items():
            texts = [_as_read(fields[index]) for index in indexes]
            spans = self._chain.find_all(texts, domain=domain, profile=profile)
            for index, some in zip(indexes, spans, strict=True):
                if some:
                    found[index] = _without_label(fields[index], some)
        return found

    def _stand_ins(self, draft: Draft) -> Conversation:
        assert self._surrogates is not None
        people = _people(draft.fields, draft.spans)
        stand_in = self._surrogates.of(draft.conversation, people, draft.language or SUPPORTED[0])
        return self._rewritten(draft.conversation, draft.fields, draft.spans, stand_in)

    @staticmethod
    def _rewritten(
        conversation: Conversation,
        fields: list[Field],
        spans: list[list[Span]],
        substitute: Callable[[Span, str], str],
    ) -> Conversation:
        texts = [replaced(item.text, found, substitute) for item, found in zip(fields, spans, strict=True)]
        return relabelled(with_texts(replace(conversation, metadata=_public(conversation)), texts))


def spoken_language(conversation: Conversation) -> str | None:
    """Return the language that the text reads as, the declared one where the text is too short to tell.

    None where it is not supported: nothing is masked on a guess.
    """
    guess = guess_language(message.content for message in conversation.messages)
    if guess.language:
        return guess.language
    declared = (conversation.language or SUPPORTED[0])[:2].lower()
    return declared if declared in SUPPORTED and not guess.foreign else None


def _as_read(item: Field) -> str:
    """A value reads with the words of its key before it."""
    return f"{item.label}: {item.text}" if item.label and item.kind not in _OF_DEVELOPERS else item.text


def _without_label(item: Field, spans: list[Span]) -> list[Span]:
    shift = len(_as_read(item)) - len(item.text)
    return (
        spans
        if not shift
        else [
            replace(span, start=max(0, span.start - shift), end=span.end - shift)
            for span in spans
            if span.end > shift and not (span.entity == "ID" and _QUANTITY.search(item.label))
        ]
    )


def _public(conversation: Conversation) -> dict[str, object]:
    return {
        name: value
        for name, value in conversation.metadata.items()
        if name not in {"participants", "subject_ids"}
    }


def _people(fields: list[Field], spans: list[list[Span]]) -> People:
    return People(
        [
            item.text[span.start : span.end]
            for item, found in zip(fields, spans, strict=True)
            for span in found
            if span.entity == "PERSON"
        ]
    )


def _by_path(fields: list[Field], spans: list[list[Span]]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for item, item_spans in zip(fields, spans, strict=True):
        if item_spans:
            found.setdefault(item.path, []).extend(item_spans)
    return found


def _blotted(masked: Conversation, doubts: list[Doubt]) -> Conversation:
    """Mask what the audit doubts, after a person released the conversation."""
    fields = fields_of(masked)
    texts = []
    for item in fields:
        here = union(Span("ID", d.start, d.end, 1.0) for d in doubts if d.path == item.path)
        texts.append(replaced(item.text, here, lambda _span, _text: "[REDACTED]"))
    return with_texts(masked, texts)
