"""The house's detectors as Presidio recognizers, and recognizers of users among the house's detectors.

Presidio is the interface on both sides: ``registry()`` gives its ``RecognizerRegistry`` with everything that is
detected here, for use in an ``AnalyzerEngine``; a class that ``UNCASE_RECOGNIZERS`` names joins the chain. The
import of ``presidio_analyzer`` takes seconds where torch is installed, so it happens only where one of the two
is asked for.
"""

import importlib
import logging
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from uncase_pipeline.anonymized.entities import ENTITIES
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.dialogue.language import SUPPORTED
from uncase_pipeline.errors import UncaseError


class Recognizers:
    """Presidio recognizers that users bring, asked about every text."""

    def __init__(self, paths: Sequence[str]) -> None:
        keep_off_the_network()
        self._recognizers = [loaded(path) for path in paths]
        self.version = ",".join(paths)

    def detect(self, text: str) -> Iterator[Span]:
        """Yield what they find. An error of one is raised: no answer is not a pass."""
        for recognizer in self._recognizers:
            for result in recognizer.analyze(text, recognizer.supported_entities, None) or ():
                yield Span(result.entity_type, result.start, result.end, result.score, recognizer.name)


def loaded(path: str) -> Any:
    """Return an instance of the recognizer that ``module:Class`` names.

    Raises:
        UncaseError: ``bad-recognizer``: a recognizer that can't be loaded stops everything, it isn't skipped.
    """
    from presidio_analyzer import EntityRecognizer

    module, _, name = path.partition(":")
    try:
        recognizer = getattr(importlib.import_module(module), name)()
    except Exception as error:
        raise UncaseError(
            "bad-recognizer",
            f"The recognizer {path} can't be loaded ({type(error).__name__}).",
            "Give UNCASE_RECOGNIZERS a JSON list of module:Class, each made without arguments.",
        ) from None
    if not isinstance(recognizer, EntityRecognizer):
        raise UncaseError(
            "bad-recognizer", f"{path} is no presidio_analyzer.EntityRecognizer.", "Inherit from that class."
        )
    return recognizer


def registry(recognizers: tuple[str, ...] = ()) -> Any:
    """Return a ``presidio_analyzer.RecognizerRegistry`` of every detector here, for both languages."""
    from presidio_analyzer import EntityRecognizer, RecognizerRegistry, RecognizerResult

    from uncase_pipeline.anonymized.detect import load_chain

    class HouseRecognizer(EntityRecognizer):
        """One entity of the chain, as Presidio wants to see it."""

        def load(self) -> None:
            load_chain(recognizers)

        def analyze(
            self, text: str, entities: list[str], nlp_artifacts: Any = None
        ) -> list[RecognizerResult]:
            spans = load_chain(recognizers).find(text)
            return [
                RecognizerResult(span.entity, span.start, span.end, span.score)
                for span in spans
                if span.entity in self.supported_entities and (not entities or span.entity in entities)
            ]

    keep_off_the_network()
    return RecognizerRegistry(
        recognizers=[
            HouseRecognizer(list(ENTITIES), name="uncase", supported_language=language)
            for language in SUPPORTED
        ],
        supported_languages=list(SUPPORTED),
    )


def require_supported(entities: Sequence[str], analyzer: Any, language: str) -> None:
    """Stop where an analyzer does not know an entity: Presidio itself goes on with a line in the log.

    Raises:
        UncaseError: ``unsupported-entity``, naming those that it does not know.
    """
    unknown = sorted(set(entities) - set(analyzer.get_supported_entities(language)))
    if unknown:
        raise UncaseError(
            "unsupported-entity",
            f"No recognizer finds {', '.join(unknown)} in {language}.",
            "Add one, or leave the entity out.",
        )


def keep_off_the_network() -> None:
    """Give Presidio's mail recognizer the suffix list that ships with tldextract, instead of fetching one."""
    if find_spec("tldextract") is None:
        return
    import tldextract

    offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    setattr(tldextract, "extract", offline)  # noqa: B010 - a function gives way to a callable object
    tldextract.tldextract.TLD_EXTRACTOR = offline
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)


class SpacyNames:
    """People and places of the installed spaCy pipelines, in union with the house's; optional."""

    LABELS = frozenset({"PERSON", "PER"})
    PIPELINES = ("es_core_news_lg", "en_core_web_lg", "en_core_web_trf")

    def __init__(self) -> None:
        import spacy

        self._pipelines = [spacy.load(name) for name in self.installed()]

    @classmethod
    def installed(cls) -> list[str]:
        """Return the names of the pipelines that are installed."""
        return [name for name in cls.PIPELINES if find_spec(name) is not None]

    def detect(self, text: str) -> Iterator[Span]:
        """Yield people."""
        for pipeline in self._pipelines:
            for entity in pipeline(text).ents:
                if entity.label_ in self.LABELS:
                    yield Span("PERSON", entity.start_char, entity.end_char, 0.85, "spacy")
