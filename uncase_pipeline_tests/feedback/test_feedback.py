"""Production feedback re-enters only with consent, once, and with its judgement attached."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from uncase_pipeline.feedback.store import CONVERSATIONS_FILE, store_feedback
from uncase_pipeline.records.arrow import from_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.rejection import Tally
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake

DOMAIN = "automotive.sales"


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "domain": DOMAIN,
        "signal": "approved",
        "consent_training": True,
        "subject": "customer-7",
        "messages": [
            {"role": "user", "content": "¿Hay unidades híbridas?"},
            {"role": "assistant", "content": "Sí, tenemos tres en piso."},
        ],
        **changes,
    }


def store(house: Settings, lake: Lake, *events: Any) -> tuple[Tally, list[Conversation]]:
    folder = house.feedback / DOMAIN
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line if isinstance(line, bytes) else orjson.dumps(line) for line in events]
    (folder / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    with lake.stage("feedback_events", DOMAIN) as stage:
        tally, _ = store_feedback(house, lake, stage, DOMAIN)
        stage.publish()
    version = lake.require("feedback_events", DOMAIN)
    return tally, list(from_batches(version.batches(CONVERSATIONS_FILE)))


def test_an_approved_exchange_re_enters_with_its_signal(house: Settings, lake: Lake) -> None:
    tally, (conversation,) = store(house, lake, event(1))
    assert tally.balances
    assert conversation.metadata["feedback"] == {"signal": "approved"}
    assert conversation.messages[-1].content == "Sí, tenemos tres en piso."
    assert conversation.subject_id is not None
    assert "customer-7" not in conversation.subject_id


def test_a_correction_becomes_the_answer_and_the_old_answer_the_rejected_side(
    house: Settings, lake: Lake
) -> None:
    _, (conversation,) = store(house, lake, event(1, signal="corrected", correction="Sí, quedan dos."))
    assert conversation.messages[-1].content == "Sí, quedan dos."
    assert conversation.metadata["feedback"]["rejected"] == "Sí, tenemos tres en piso."


@pytest.mark.parametrize(
    ("change", "fate", "reason"),
    [
        ({"consent_training": False}, "rejected", "no-consent"),
        ({"domain": "legal.advisory"}, "rejected", "other-domain"),
        ({"signal": "corrected"}, "quarantined", "no-correction"),
        ({"signal": "preferred"}, "quarantined", "no-rejected-answer"),
        ({"messages": [{"role": "user", "content": "hola"}]}, "quarantined", "no-answer"),
        ({"messages": [{"role": "boss"}, {"role": "assistant"}]}, "quarantined", "bad-messages"),
        ({"signal": "shrug"}, "quarantined", "bad-event"),
    ],
)
def test_an_event_that_may_not_be_used_is_set_aside_with_its_reason(
    house: Settings, lake: Lake, change: dict[str, Any], fate: str, reason: str
) -> None:
    tally, conversations = store(house, lake, event(1, **change))
    assert conversations == []
    assert getattr(tally, fate) == {reason: 1}
    assert tally.balances


def test_a_line_that_is_no_json_does_not_stop_the_lines_after_it(house: Settings, lake: Lake) -> None:
    tally, conversations = store(house, lake, event(1), b'{"event_id": "e2", "sig', event(3))
    assert len(conversations) == 2
    assert tally.quarantined == {"bad-json": 1}
    assert tally.balances


def test_an_event_sent_twice_counts_once(house: Settings, lake: Lake) -> None:
    tally, conversations = store(house, lake, event(1), event(1))
    assert len(conversations) == 1
    assert tally.rejected == {"known-event": 1}


def test_only_allowed_tenants_are_read(house: Settings, lake: Lake) -> None:
    only_acme = house.model_copy(update={"feedback_tenants": ["acme"]})
    tally, conversations = store(only_acme, lake, event(1), event(2, tenant="acme"))
    assert len(conversations) == 1
    assert tally.rejected == {"tenant-not-allowed": 1}


def test_the_stored_feedback_is_encrypted(house: Settings, lake: Lake, tmp_path: Path) -> None:
    store(house, lake, event(1))
    stored = b"".join(path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())
    assert "híbridas".encode() not in stored
