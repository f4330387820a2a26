"""Presidio is the interface: what it asks, what users bring, and the traps in it."""

import socket

import pytest

from uncase_pipeline.anonymized.detect import load_chain
from uncase_pipeline.anonymized.recognizers import loaded, registry, require_supported
from uncase_pipeline.errors import UncaseError

presidio_analyzer = pytest.importorskip("presidio_analyzer")


class BadgeRecognizer(presidio_analyzer.PatternRecognizer):
    def __init__(self):
        super().__init__(
            "BADGE",
            patterns=[presidio_analyzer.Pattern("badge", r"\bQX-[A-Z]{4}\b", 0.5)],
            supported_language="es",
        )


class FailingRecognizer(presidio_analyzer.EntityRecognizer):
    def __init__(self):
        super().__init__(["BADGE"])

    def load(self):
        """Nothing to load."""

    def analyze(self, text, entities, nlp_artifacts=None):
        raise RuntimeError("down")


def test_a_recognizer_of_a_user_joins_the_chain():
    chain = load_chain((f"{__name__}:BadgeRecognizer",))
    text = "mi gafete es QX-ABCD y soy Ana López"
    assert {(s.entity, text[s.start : s.end]) for s in chain.find(text)} == {
        ("BADGE", "QX-ABCD"),
        ("PERSON", "Ana López"),
    }


def test_a_recognizer_that_fails_is_not_a_pass():
    with pytest.raises(RuntimeError):
        load_chain((f"{__name__}:FailingRecognizer",)).find("hola")


@pytest.mark.parametrize("path", ["no.such.module:Thing", "json:JSONDecoder", "json:Nothing"])
def test_a_recognizer_that_can_not_be_loaded_stops_everything(path):
    with pytest.raises(UncaseError, match=r"recognizer|EntityRecognizer"):
        loaded(path)


def test_the_registry_gives_every_entity_in_both_languages_to_presidio(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_args: pytest.fail("the network was asked"))
    recognizers = registry().get_recognizers(language="es", all_fields=True)
    results = [
        r for recognizer in recognizers for r in recognizer.analyze("soy Ana López, ana@correo.mx", [], None)
    ]
    assert {result.entity_type for result in results} == {"PERSON", "EMAIL"}


def test_presidios_mail_recognizer_does_not_ask_the_network(monkeypatch):
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    from uncase_pipeline.anonymized.recognizers import keep_off_the_network

    keep_off_the_network()
    monkeypatch.setattr(socket.socket, "connect", lambda *_args: pytest.fail("the network was asked"))
    assert EmailRecognizer().analyze("ana@correo.com.mx", ["EMAIL_ADDRESS"], None)


def test_an_entity_that_no_recognizer_knows_stops_and_is_not_ignored():
    class Analyzer:
        def get_supported_entities(self, _language):
            return ["PERSON"]

    with pytest.raises(UncaseError, match="CURP"):
        require_supported(["PERSON", "CURP"], Analyzer(), "es")
