"""Extraction with a model: it may write objective, tone and constraints, and the same rules bind it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uncase_pipeline.cli.app import app
from uncase_pipeline.gateway import offline
from uncase_pipeline.gateway.offline import OfflineCall, OfflineReply
from uncase_pipeline.records import native
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.seeds.build import Notes, Terms, make_seeds
from uncase_pipeline.seeds.by_model import BAD_ANSWER, NO_ANSWER, Answers, question
from uncase_pipeline.seeds.extract import Draft, draft_of, seed_of
from uncase_pipeline.seeds.rules import IDENTIFIER, VERBATIM
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.seeds.doubles import WordScanner

TALK = conversation(
    "u: Hola, guardaba siete bicicletas oxidadas junto al portón verde",
    "a: ¿Las vende a $9,000?",
    "u: De acuerdo",
)
GOOD = {
    "objetivo": "Acordar la venta de objetos usados.",
    "tono": "cercano",
    "restricciones": ["Decir el estado de los objetos."],
    "restricciones_negativas": [],
}


def answered(text: str) -> Draft | Rejection:
    draft = draft_of(TALK)
    assert isinstance(draft, Draft)
    return Answers({TALK.conversation_id: text})(TALK, draft)


def made(answer: dict[str, object]) -> Notes:
    notes = Notes()
    terms = Terms(WordScanner(), refine=Answers({TALK.conversation_id: json.dumps(answer)}))
    list(make_seeds(lambda: [TALK], lambda _languages: [], terms, notes))
    return notes


def test_the_model_writes_the_words_and_the_rules_keep_plan_and_values() -> None:
    draft = answered("Claro: " + json.dumps(GOOD))
    by_rules = seed_of(TALK)
    assert isinstance(draft, Draft)
    assert not isinstance(by_rules, Rejection)
    assert (draft.seed.objective, draft.seed.tone) == (GOOD["objetivo"], "cercano")
    assert draft.seed.steps == by_rules.steps


@pytest.mark.parametrize(
    "text", ["", "no", "{}", json.dumps({**GOOD, "tono": "raro"}), json.dumps({**GOOD, "x": 1})]
)
def test_an_answer_out_of_the_schema_is_set_aside(text: str) -> None:
    rejection = answered(text)
    assert isinstance(rejection, Rejection)
    assert rejection.reason == BAD_ANSWER


def test_a_conversation_without_an_answer_is_set_aside() -> None:
    draft = draft_of(TALK)
    assert isinstance(draft, Draft)
    rejection = Answers({})(TALK, draft)
    assert isinstance(rejection, Rejection)
    assert rejection.reason == NO_ANSWER


def test_what_the_model_copies_or_names_is_rejected() -> None:
    copied = {**GOOD, "objetivo": "Vender: guardaba siete bicicletas oxidadas junto al portón verde."}
    assert made(copied).tally.rejected == {VERBATIM: 1}
    assert made({**GOOD, "restricciones": ["Saludar a Xóchitl."]}).tally.rejected == {IDENTIFIER: 1}
    assert made(GOOD).tally.rejected == {}


def test_the_question_forbids_names_and_figures_in_the_language_of_the_conversation() -> None:
    assert "Sin nombres" in question(TALK)[0]["content"]
    english = conversation("u: hi", "a: hello", language="en")
    assert "No names" in question(english)[0]["content"]


def test_the_command_asks_through_the_gateway(
    tmp_path: Path, house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[OfflineCall] = []

    def respond(call: OfflineCall) -> OfflineReply:
        asked.append(call)
        return OfflineReply(json.dumps(GOOD))

    monkeypatch.setattr(offline, "_MODELS", {})
    offline.register_offline(respond, model="writer", version="1")
    path = tmp_path / "talks.jsonl"
    path.write_bytes(native.dumps(TALK))
    result = CliRunner().invoke(app, ["seed", "extract", str(path), "--model", "offline/writer", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["seeds"][0]["objetivo"] == GOOD["objetivo"]
    assert len(asked) == 1
