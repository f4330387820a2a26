"""Extraction with a model: it may write objective, tone and constraints, and the same rules bind it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from dagster import ExecuteInProcessResult, materialize
from typer.testing import CliRunner

from benchmarks.provider_server import Provider, served
from uncase_pipeline.cli.app import app
from uncase_pipeline.gateway import offline
from uncase_pipeline.gateway.ledger import ledger_path, summary
from uncase_pipeline.gateway.offline import OfflineCall, OfflineReply
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.records import native
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.records.seed_rows import read_seeds
from uncase_pipeline.seeds.asset import seeds
from uncase_pipeline.seeds.build import HELD_OUT, Notes, Terms, make_seeds
from uncase_pipeline.seeds.by_model import BAD_ANSWER, NO_ANSWER, PROMPT_VERSION, question, refined
from uncase_pipeline.seeds.checks import CHECKS
from uncase_pipeline.seeds.extract import Draft, draft_of, seed_of
from uncase_pipeline.seeds.rules import IDENTIFIER, VERBATIM
from uncase_pipeline.settings import Settings, settings
from uncase_pipeline.storage.books import read_tally
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.seeds.doubles import WordScanner

DOMAIN = "automotive.sales"
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
    return refined(draft, text, "writer")


def made(answer: dict[str, object]) -> Notes:
    def refine(drafts: Iterable[tuple[Conversation, Draft | Rejection]]) -> Iterator[Draft | Rejection]:
        for _, draft in drafts:
            assert isinstance(draft, Draft)
            yield refined(draft, json.dumps(answer), "writer")

    notes = Notes()
    list(make_seeds(lambda: [TALK], lambda _languages: [], Terms(WordScanner(), refine=refine), notes))
    return notes


def test_the_model_writes_the_words_and_the_rules_keep_plan_and_values() -> None:
    draft = answered("Claro: " + json.dumps(GOOD))
    by_rules = seed_of(TALK)
    assert isinstance(draft, Draft)
    assert not isinstance(by_rules, Rejection)
    assert (draft.seed.objective, draft.seed.tone) == (GOOD["objetivo"], "cercano")
    assert draft.seed.steps == by_rules.steps
    assert draft.seed.metadata["model"] == "writer"


@pytest.mark.parametrize(
    "text", ["", "no", "{}", json.dumps({**GOOD, "tono": "raro"}), json.dumps({**GOOD, "x": 1})]
)
def test_an_answer_out_of_the_schema_is_set_aside(text: str) -> None:
    rejection = answered(text)
    assert isinstance(rejection, Rejection)
    assert rejection.reason == BAD_ANSWER


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


@pytest.fixture
def writer(house: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A model on loopback that is set for seeds."""
    provider = Provider(answer=lambda _body: json.dumps(GOOD), keep_bodies=True)
    monkeypatch.setattr(House, "scanner", WordScanner())
    with served(provider) as url:
        monkeypatch.setenv("UNCASE_API_BASE", url)
        monkeypatch.setenv("UNCASE_SEED_MODEL", "vllm/writer")
        settings.cache_clear()
        yield provider


def _published(talks: list[Conversation]) -> tuple[Lake, ExecuteInProcessResult]:
    lake = House().lake
    with lake.stage("anonymized_conversations", DOMAIN) as stage:
        with stage.writer("conversations.parquet", CONVERSATIONS) as rows:
            for batch in to_batches(talks):
                rows.write_batch(batch)
        stage.publish()
    return lake, materialize([seeds, *CHECKS], partition_key=DOMAIN, resources={"house": House()})


def _talks() -> list[Conversation]:
    return [
        conversation(
            "u: Hola, busco un auto", f"a: Cuesta ${price:,}", "u: De acuerdo", subject_id=str(price)
        )
        for price in range(100_000, 900_000, 100_000)
    ]


def test_the_asset_asks_the_model_that_is_set_and_pays_once(writer: Provider, house: Settings) -> None:
    lake, result = _published(_talks())
    lineages = [seed for seed in read_seeds(lake.require("seeds", DOMAIN)) if seed.source_ids]
    assert {seed.objective for seed in lineages} == {GOOD["objetivo"]}
    assert {evaluation.passed for evaluation in result.get_asset_check_evaluations()} == {True}
    asked = writer.answered.total()
    assert 0 < asked <= len(_talks())
    assert writer.bodies[0]["response_format"]["type"] == "json_schema"
    egress = summary(ledger_path(house), run_id=result.run_id, partition=DOMAIN)
    assert (egress.calls_sent, egress.templates) == (asked, {PROMPT_VERSION: asked})
    _published(_talks())
    assert writer.answered.total() == asked


def test_what_the_model_answers_badly_is_set_aside_by_the_asset(writer: Provider) -> None:
    writer.answer = lambda _body: "no sé"
    lake, _ = _published(_talks())
    assert not [seed for seed in read_seeds(lake.require("seeds", DOMAIN)) if seed.source_ids]
    assert set(read_tally(lake.require("seeds", DOMAIN)).rejected) - {HELD_OUT} == {BAD_ANSWER}


def test_what_the_gate_stops_is_never_sent_and_set_aside(writer: Provider) -> None:
    named = [
        conversation("u: Hola, soy Xóchitl", f"a: Cuesta ${price:,}", "u: De acuerdo", subject_id=str(price))
        for price in range(100_000, 900_000, 100_000)
    ]
    lake, _ = _published(named)
    assert not writer.asked
    assert NO_ANSWER in read_tally(lake.require("seeds", DOMAIN)).rejected


def test_without_the_setting_no_model_is_asked(
    writer: Provider, monkeypatch: pytest.MonkeyPatch, house: Settings
) -> None:
    monkeypatch.delenv("UNCASE_SEED_MODEL")
    settings.cache_clear()
    _published(_talks())
    assert not writer.asked
