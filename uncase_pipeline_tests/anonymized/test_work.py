"""Masking in several processes: the same result, no needless start, and no half result where a worker fails."""

import os

import pytest

from uncase_pipeline.anonymized import work
from uncase_pipeline.anonymized.anonymizer import Anonymized, Anonymizer, Quarantined
from uncase_pipeline.anonymized.audit import Auditor
from uncase_pipeline.anonymized.detect import Detectors
from uncase_pipeline.anonymized.work import Task, anonymize_all
from uncase_pipeline.errors import UncaseError
from uncase_pipeline_tests.builders import conversation


def _talks(count):
    return [conversation(f"u: soy Ana López y mi tel es 55 1234 56{n:02d}") for n in range(count)]


class _Dying(str):
    """A text that ends the process that reads it, as a lack of memory does."""

    def __reduce__(self):
        return os._exit, (9,)


@pytest.fixture
def two_processes(monkeypatch):
    monkeypatch.setattr(work, "_WORTH_FANNING_OUT", 1_000)
    monkeypatch.setattr(work, "_cores", lambda: 2)
    return Task(processes=2)


def test_several_processes_give_what_one_gives_in_the_same_order(two_processes):
    talks = _talks(90)
    together = list(anonymize_all(talks, two_processes))
    assert [talk for talk, _ in together] == talks
    assert together == list(anonymize_all(talks, Task(processes=1)))


def test_a_worker_that_dies_stops_everything_with_one_sentence(two_processes):
    talks = _talks(70)
    talks[40].messages[0].content = _Dying("soy Ana López")
    with pytest.raises(UncaseError, match="UNCASE_PROCESSES") as error:
        list(anonymize_all(talks, two_processes))
    assert error.value.code == "worker-died"
    assert "Ana" not in str(error.value)


def test_what_a_worker_can_not_load_is_told_with_its_first_piece(monkeypatch):
    def missing(_task):
        raise UncaseError("missing-model", "The name model is missing.", "Run make model.")

    monkeypatch.setattr(work, "anonymizer_for", missing)
    monkeypatch.setattr(work, "collect_seldom", lambda: None)
    work._start(Task())
    with pytest.raises(UncaseError, match="make model"):
        work._many(_talks(1), Task())


def test_conversations_that_are_masked_together_come_out_as_each_does_alone(anonymizer):
    talks = [
        conversation("u: soy Zulubeth Ortega", "a: gracias, zulubeth. ¿su póliza?", "u: la 4471-88"),
        conversation("u: hi, it's Ana", "a: Hi Ana, your phone?", "u: 55 1234", "u: 5678"),
        conversation("u: nací el 3 de mayo de 1980", "a: anotado", domain="medical.consultation"),
        conversation("u: vendo el coche en mayo", "a: ¿cuánto pide?", language="de"),
    ]
    together = [outcome for _, outcome in anonymize_all(talks * 20, Task(processes=1))]
    assert together == [anonymizer.anonymize(talk) for talk in talks] * 20


def test_a_text_that_a_detector_fails_on_holds_back_its_own_conversation_and_no_other(monkeypatch, gate):
    class Touchy:
        def detect(self, text):
            if "Xalapa" in text:
                raise ValueError(text)
            return ()

    touchy = Anonymizer(Detectors([Touchy()]), Auditor(gate))
    monkeypatch.setattr(work, "anonymizer_for", lambda _task: touchy)
    talks = _talks(5)
    talks[2].messages[0].content = "soy Ana López y vivo en Xalapa"
    outcomes = [outcome for _, outcome in anonymize_all(talks, Task(processes=1))]
    assert [type(outcome) for outcome in outcomes] == [
        Anonymized,
        Anonymized,
        Quarantined,
        Anonymized,
        Anonymized,
    ]
    assert outcomes[2].reason == "detector-failed-ValueError"


def test_pieces_are_bounded_in_number_and_in_text_and_leave_nobody_out(monkeypatch):
    monkeypatch.setattr(work, "_HEAVY", 1_000)
    talks = [*_talks(150), conversation(f"u: {'x' * 5_000}"), *_talks(3)]
    pieces = [*work._pieces(talks)]
    assert [talk for piece in pieces for talk in piece] == talks
    assert all(len(piece) <= work._PIECE and sum(map(work._weight, piece[:-1])) < 1_000 for piece in pieces)
    assert max(map(len, pieces)) > 1


def test_a_small_input_starts_no_process(monkeypatch):
    monkeypatch.setattr(work, "_fanned_out", pytest.fail)
    outcomes = [outcome for _, outcome in anonymize_all(_talks(3), Task(processes=8))]
    assert all(isinstance(outcome, Anonymized) for outcome in outcomes)


def test_no_more_processes_start_than_there_are_cores(monkeypatch):
    started = []
    monkeypatch.setattr(work, "_WORTH_FANNING_OUT", 10)
    monkeypatch.setattr(work, "_cores", lambda: 3)
    monkeypatch.setattr(work, "_fanned_out", lambda _talks, _task, processes: started.append(processes) or [])
    for asked in (0, 2, 64):
        list(anonymize_all(_talks(2), Task(processes=asked)))
    assert started == [3, 2, 3]
