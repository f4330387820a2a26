import pytest

from uncase_pipeline.anonymized.anonymizer import Anonymizer
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.detect import Detectors
from uncase_pipeline.anonymized.meter import Recall, falls_short, measure
from uncase_pipeline_tests.builders import conversation

TALKS = [
    conversation(
        "u: Hola, quiero un coche y no sé cuánto cuesta", "a: Claro, le muestro el Versa 2020", "u: gracias"
    ),
    conversation("u: Hi, I would like to buy a car please", "a: sure, here is the list", language="en"),
]
ROUNDS = 15


def short(chain, gate):
    recalls = measure(TALKS, Anonymizer(chain, Auditor(gate)), seed=5, rounds=ROUNDS)
    return {recall.entity for recall in falls_short(recalls, bound=0.7)}


def test_with_every_detector_on_no_type_falls_short(chain, gate):
    assert short(chain, gate) == set()


def test_the_meter_fails_when_the_name_detectors_are_switched_off(gate, monkeypatch):
    half = Detectors()
    monkeypatch.setattr(half._names, "detect_all", lambda texts, **_options: [[] for _ in texts])
    assert short(half, gate) == {"PERSON", "PERSON nickname", "PERSON split"}


def test_the_meter_fails_when_the_structured_detectors_are_switched_off(gate, monkeypatch):
    half = Detectors()
    monkeypatch.setattr(half._structured, "detect_all", lambda texts, **_options: [[] for _ in texts])
    assert {"EMAIL", "PHONE", "CREDIT_CARD", "CURP"} <= short(half, gate)


def test_the_meter_fails_when_nothing_looks_across_the_border_of_two_turns(chain, gate, monkeypatch):
    monkeypatch.setattr("uncase_pipeline.anonymized.anonymizer.probes_of", lambda _fields: [])
    assert {"PHONE split", "CREDIT_CARD split"} <= short(chain, gate)


def test_the_meter_fails_when_nicknames_are_off_the_list_and_the_model_is_off(gate, monkeypatch):
    half = Detectors()
    monkeypatch.setattr(half._names._model, "tag", lambda questions, **_options: [{} for _ in questions])
    monkeypatch.setattr(half._names._lists, "given", frozenset())
    assert "PERSON nickname" in short(half, gate)


def test_both_languages_are_measured_and_the_same_seed_gives_the_same_figures(anonymizer):
    first = measure(TALKS, anonymizer, seed=5, rounds=2)
    assert first == measure(TALKS, anonymizer, seed=5, rounds=2)
    assert {recall.language for recall in first} == {"es", "en"}


def test_nothing_is_said_where_there_is_nothing_to_plant_into(anonymizer):
    assert measure([], anonymizer, seed=5) == []


def test_the_interval_is_honest_at_a_hundred_percent():
    low, high = Recall("PERSON", "es", 60, 60).interval
    assert 0.93 < low < 0.95
    assert high == pytest.approx(1.0)


def test_the_originals_are_left_as_they_were(anonymizer):
    before = [[message.content for message in talk.messages] for talk in TALKS]
    measure(TALKS, anonymizer, seed=5, rounds=1)
    assert [[message.content for message in talk.messages] for talk in TALKS] == before
