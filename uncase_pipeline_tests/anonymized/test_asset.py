"""The asset on an ephemeral instance with real files: gate, quarantine, decisions, checks."""

import dagster as dg
import pytest

from uncase_pipeline.anonymized.asset import anonymized_conversations
from uncase_pipeline.anonymized.checks import CHECKS
from uncase_pipeline.anonymized.publish import FILE, SURROGATES_FILE
from uncase_pipeline.anonymized.quarantine import QUARANTINE_FILE, decide, list_held
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.orchestration.house import House
from uncase_pipeline.orchestration.partitions import DOMAIN_PARTITIONS
from uncase_pipeline.records.arrow import CONVERSATIONS, from_batches, to_batches
from uncase_pipeline.settings import settings
from uncase_pipeline.storage.books import read_tally
from uncase_pipeline_tests.builders import conversation

DOMAIN = "automotive.sales"
TALKS = [
    conversation(
        "u: Hola, me llamo Ana López y mi tel es 55 1234 5678", "a: Gracias Ana, le muestro el Versa 2020"
    ),
    conversation("u: quiero saber el precio del coche y los meses", "a: claro, son $250,000 pesos"),
    conversation("u: Bonjour, je voudrais acheter une voiture pour ma femme et je ne sais pas"),
]
FRENCH = TALKS[2].conversation_id


def store_raw(lake, talks):
    with lake.stage("raw_conversations", DOMAIN) as stage:
        with stage.writer("conversations.vault.parquet", CONVERSATIONS) as writer:
            for batch in to_batches(talks):
                writer.write_batch(batch)
        stage.publish()


def materialize(*checks, raise_on_error=True):
    raw = dg.AssetSpec("raw_conversations", partitions_def=DOMAIN_PARTITIONS)
    return dg.materialize(
        [anonymized_conversations, raw, *checks],
        partition_key=DOMAIN,
        resources={"house": House()},
        raise_on_error=raise_on_error,
    )


def current(lake):
    return lake.require("anonymized_conversations", DOMAIN)


def test_masked_rows_are_published_and_the_unsure_ones_are_in_the_vault(lake):
    store_raw(lake, TALKS)
    result = materialize(*CHECKS)
    assert result.success
    assert {e.check_name: e.passed for e in result.get_asset_check_evaluations()} == {
        "no_residual_pii": True,
        "conservation": True,
        "stored_bytes_hold_no_pii": True,
        "recall_meter": True,
    }
    version = current(lake)
    texts = [message.content for talk in from_batches(version.batches(FILE)) for message in talk.messages]
    assert texts[0] == "Hola, me llamo [PERSON_1] y mi tel es [PHONE_1]"
    assert texts[1] == "Gracias [PERSON_1], le muestro el Versa 2020"
    tally = read_tally(version)
    assert (tally.rows_in, tally.rows_out, dict(tally.quarantined)) == (3, 2, {"unsupported-language": 1})
    with lake.fs.open(version.path(QUARANTINE_FILE), "rb") as file:
        assert b"Bonjour" not in file.read()


def test_metadata_and_events_hold_counts_and_never_text(lake):
    store_raw(lake, TALKS)
    (event,) = materialize().asset_materializations_for_node("anonymized_conversations")
    assert event.metadata["masked_person"].value == 2
    assert event.metadata["share_quarantined"].value == pytest.approx(1 / 3)
    assert "Ana" not in repr(event.metadata)


def test_what_is_found_below_the_confidence_threshold_is_masked_all_the_same(lake, monkeypatch):
    monkeypatch.setenv("UNCASE_PII_CONFIDENCE_THRESHOLD", "1.0")
    settings.cache_clear()
    store_raw(lake, TALKS[:1])
    (event,) = materialize().asset_materializations_for_node("anonymized_conversations")
    assert event.metadata["masked_with_certainty"].value < event.metadata["masked"].value == 3
    assert next(from_batches(current(lake).batches(FILE))).messages[0].content.endswith("tel es [PHONE_1]")


def test_the_same_input_gives_the_same_version(lake):
    store_raw(lake, TALKS)
    materialize()
    first = current(lake).id
    materialize()
    assert current(lake).id == first


def test_a_reviewed_conversation_is_released_or_dropped_and_the_decision_is_recorded(lake, house):
    store_raw(lake, TALKS)
    materialize()
    assert [(held.conversation_id, held.reason) for held in list_held(lake, house.home)] == [
        (FRENCH, "unsupported-language")
    ]
    decide(lake, house.home, FRENCH, "release", note="read it")
    materialize()
    assert read_tally(current(lake)).rows_out == 3
    decide_again = TALKS[0].conversation_id
    with pytest.raises(UncaseError, match="quarantine list"):
        decide(lake, house.home, decide_again, "drop")


def test_a_dropped_conversation_is_rejected_with_a_reason(lake, house):
    store_raw(lake, TALKS)
    materialize()
    decide(lake, house.home, FRENCH, "drop")
    materialize()
    assert dict(read_tally(current(lake)).rejected) == {"dropped-by-review": 1}


def test_with_the_masker_switched_off_nothing_is_published(lake, monkeypatch):
    store_raw(lake, TALKS[:2])
    from uncase_pipeline.anonymized import anonymizer

    monkeypatch.setattr(anonymizer.Anonymizer, "_spans", lambda _self, draft: [[] for _ in draft.fields])
    monkeypatch.setattr(anonymizer.Auditor, "doubts", lambda *_args: [])
    result = materialize(raise_on_error=False)
    assert not result.success
    assert [e.passed for e in result.get_asset_check_evaluations() if e.check_name == "no_residual_pii"] == [
        False
    ]
    assert lake.current("anonymized_conversations", DOMAIN) is None


def test_surrogates_are_published_beside_the_tokens(lake, monkeypatch):
    monkeypatch.setenv("UNCASE_ANONYMIZE_POLICY", "surrogates")
    settings.cache_clear()
    store_raw(lake, TALKS[:1])
    materialize()
    version = current(lake)
    (tokens,) = from_batches(version.batches(FILE))
    (stand_ins,) = from_batches(version.batches(SURROGATES_FILE))
    assert "[PERSON_1]" in tokens.messages[0].content
    assert "[" not in stand_ins.messages[0].content
    assert "Ana" not in stand_ins.messages[0].content
