"""Preference pairs: where they come from, what is refused, and a whole training on them."""

import json
import math
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uncase_pipeline.adapter.base import RANDOM
from uncase_pipeline.adapter.card import render_card
from uncase_pipeline.adapter.contract import AdapterSettings, PairSources, TrainingJob
from uncase_pipeline.adapter.dataset import Row
from uncase_pipeline.adapter.encode import encode_pairs
from uncase_pipeline.adapter.ledger import Ledger
from uncase_pipeline.adapter.pairing import HOLDS_IDENTIFIERS, digest_of, gather_pairs
from uncase_pipeline.adapter.pairs import feedback_pairs, file_pairs, read_pairs
from uncase_pipeline.adapter.training import train
from uncase_pipeline.adapter.verdicts import verdicts_of
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import to_batches
from uncase_pipeline.records.conversation import Conversation, Message, Source
from uncase_pipeline.records.finding import Finding
from uncase_pipeline.records.subject import subject_id
from uncase_pipeline.storage.lake import Lake
from uncase_pipeline.storage.vault import Vault
from uncase_pipeline_tests.adapter.datasets import rows, write_folder

DOMAIN = "automotive.sales"


class Watchful:
    """A scanner that knows one identifier."""

    version = "test"

    def scan_text(self, text, *, language="es", domain=None):
        return [Finding("EMAIL", 0, 1, 1.0)] if "@" in text else []

    def look_ahead(self, *_texts: object, **_options: object) -> None:
        """It reads one by one."""

    def scan_conversation(self, conversation):
        return [found for message in conversation.messages for found in self.scan_text(message.content)]


def pair(number, **over):
    dice = random.Random(number)
    price = dice.randint(100, 900)
    return {
        "prompt": f"¿Cuánto cuesta el modelo {number}?",
        "chosen": f"Cuesta {price} mil pesos, con seguro y entrega.",
        "rejected": "No sé, pregunte en otro lado.",
        "subject_id": f"subj_{number // 2}",
        **over,
    }


def write_pairs(file, found):
    file.write_text("\n".join(item if isinstance(item, str) else json.dumps(item) for item in found) + "\n")
    return file


def test_each_line_of_a_file_is_a_pair_or_has_a_reason(tmp_path):
    turns = [{"role": "system", "content": "Sé breve."}, {"role": "user", "content": "¿Precio?"}]
    file = write_pairs(
        tmp_path / "pairs.jsonl",
        [
            pair(1),
            pair(2, prompt=turns, chosen=[{"role": "assistant", "content": "Doce."}]),
            pair(1),
            pair(3, rejected=pair(3)["chosen"]),
            "{broken",
            {"prompt": "¿?", "chosen": "sí"},
            pair(4, chosen=[{"role": "user", "content": "no es respuesta"}]),
            '["a"]',
        ],
    )
    found = list(file_pairs(file, "d" * 64))
    assert [item if isinstance(item, Row) else item.reason for item in found][2:] == [
        "known-pair", "same-answer", "bad-pair", "bad-pair", "bad-pair", "bad-pair",
    ]  # fmt: skip
    assert found[0].subjects == ("subj_0",)
    assert [found[0].conversation_id, found[2].where] == ["dddddddddddddddd:1", "dddddddddddddddd:3"]
    assert [turn["role"] for turn in found[1].messages] == ["system", "user"]
    assert "broken" not in str([item.where for item in found if not isinstance(item, Row)])


@pytest.mark.parametrize(
    "line",
    [pair(1, prompt="\ud800"), pair(1, tools=[{"most": 2**70}]), "[" * 200_000],
    ids=["half-a-character", "too-large-a-number", "too-deep"],
)
def test_a_line_that_has_no_canonical_form_is_set_aside_and_the_next_is_read(tmp_path, line):
    first, second = file_pairs(write_pairs(tmp_path / "pairs.jsonl", [line, pair(2)]), "d" * 64)
    assert (first.reason, second.subjects) == ("bad-pair", ("subj_1",))


def feedback(name, *, rejected=None, source="feedback", subject="subj_a"):
    answers = {"feedback": {"signal": "preferred", "rejected": rejected}} if rejected else {}
    said = [("user", "¿Precio?"), ("assistant", "Doce."), ("user", "¿Y?"), ("assistant", "Sí.")]
    return Conversation(
        name, DOMAIN, [Message(*turn) for turn in said],
        subject_id=subject, source=Source(source, "x", 0), metadata=answers,
    )  # fmt: skip


def test_only_answers_that_lost_in_feedback_make_pairs_and_an_import_can_t_claim_to_be_feedback(tmp_path):
    file = tmp_path / "conversations.parquet"
    told = [feedback("a", rejected="No."), feedback("b"), feedback("c", rejected="No.", source="jsonl")]
    pq.write_table(pa.Table.from_batches(to_batches(told)), file)
    (found,) = feedback_pairs(file)
    assert (found.conversation_id, found.subjects) == ("a", ("subj_a",))
    assert [turn["content"] for turn in found.messages] == ["¿Precio?", "Doce.", "¿Y?"]
    assert (found.chosen[0]["content"], found.rejected[0]["content"]) == ("Sí.", "No.")


def test_a_pair_that_holds_an_identifier_goes_no_further_and_every_line_is_accounted_for(lake, tmp_path):
    told = [pair(n) for n in range(200)]
    told[7] = pair(7, rejected="Escriba a ana@correo.example.")
    told[9] = pair(9, subject_id="ana@correo.example")
    file = write_pairs(tmp_path / "pairs.jsonl", [*told, "{broken"])
    sources = gather_pairs(lake, DOMAIN, None, file, Watchful)
    assert sorted(sources.refused.values()) == ["bad-pair", HOLDS_IDENTIFIERS, HOLDS_IDENTIFIERS]
    train_rows, apart = read_pairs(tmp_path / "nothing-exported", sources)
    assert len(train_rows) + len(apart) + len(sources.refused) == 201
    assert 5 < len(apart) < 50
    people = {row.subjects[0] for row in train_rows} & {row.subjects[0] for row in apart}
    assert not people, "nobody stands on both sides"


def test_a_file_that_changed_after_its_scan_is_not_learned_from(lake, tmp_path):
    file = tmp_path / "pairs.jsonl"
    line = '{"prompt": "¿Qué tal?", "chosen": "Bien", "rejected": "Mal"}\n'
    file.write_text(line)
    sources = gather_pairs(lake, DOMAIN, None, file, Watchful)
    assert sum(map(len, read_pairs(tmp_path / "nothing-exported", sources))) == 1
    file.write_text(line + line.replace("Bien", "Soy María López"))
    with pytest.raises(UncaseError) as error:
        read_pairs(tmp_path / "nothing-exported", sources)
    assert error.value.code == "preference-file-changed"
    assert "María" not in str(error.value)


def test_the_seeds_of_the_people_behind_pairs_are_booked_with_them(lake, tmp_path):
    with lake.stage("seeds", DOMAIN) as stage:
        table = pa.table({"seed_id": ["s1", "s2"], "subject_ids": [["subj_0", "z"], ["other"]]})
        with stage.writer("seeds.parquet", table.schema) as writer:
            writer.write_table(table)
        stage.publish()
    file = write_pairs(tmp_path / "pairs.jsonl", [pair(0)])
    assert gather_pairs(lake, DOMAIN, None, file, Watchful).booked == ["seed:s1", "subject:subj_0"]


def test_a_person_is_known_by_the_same_id_in_a_file_of_pairs_as_in_the_exports(lake, tmp_path):
    key = lake.vault.derive("subject-id")
    told = [pair(0, subject_id="Cuenta  A-17"), pair(1, subject_id=subject_id("cuenta a-17", key))]
    sources = gather_pairs(lake, DOMAIN, None, write_pairs(tmp_path / "pairs.jsonl", told), Watchful)
    assert set(sources.people.values()) == {subject_id("Cuenta A-17", key)}


def test_pairs_that_name_nobody_are_booked_each_for_a_person_of_its_own(lake, tmp_path):
    told = [{name: text for name, text in pair(n).items() if name != "subject_id"} for n in range(6)]
    sources = gather_pairs(lake, DOMAIN, None, write_pairs(tmp_path / "pairs.jsonl", told), Watchful)
    assert len(sources.booked) == 6 - len(sources.held_out) >= 4
    again = gather_pairs(lake, DOMAIN, None, write_pairs(tmp_path / "more.jsonl", ["", *told]), Watchful)
    assert again.booked == sources.booked, "wherever they stand, and so a second training spends on the first"


def test_no_id_that_leaves_the_vault_can_be_made_from_what_a_pair_says(lake, tmp_path):
    told = [pair(0, rejected="Escriba a ana@correo.example."), pair(1), pair(2, subject_id=None)]
    file = write_pairs(tmp_path / "pairs.jsonl", told)
    sources = gather_pairs(lake, DOMAIN, None, file, Watchful)
    other = Lake(lake.root, Vault(b"k" * 32))
    elsewhere = gather_pairs(other, DOMAIN, None, file, Watchful)
    digest = sources.file_sha256[:16]
    assert list(sources.refused) == [f"{digest}:1"]
    assert list(sources.people) == [f"{digest}:2", f"{digest}:3"]
    assert sources.people[f"{digest}:3"] != elsewhere.people[f"{digest}:3"], "keyed by the vault"


@pytest.mark.parametrize("people", [2, 3, 9])
def test_of_two_or_more_people_one_at_least_is_held_out_and_one_at_least_is_learned_from(
    lake, tmp_path, people
):
    told = [pair(n, subject_id=f"subj_{n}") for n in range(people)]
    sources = gather_pairs(lake, DOMAIN, None, write_pairs(tmp_path / "pairs.jsonl", told), Watchful)
    learned, apart = read_pairs(tmp_path / "nothing-exported", sources)
    assert len(apart) >= 1
    assert len(learned) >= 1


def test_feedback_of_somebody_without_a_name_is_booked_as_well(lake, tmp_path):
    file = tmp_path / "conversations.parquet"
    told = [feedback(name, rejected="No.", subject=None) for name in "abc"]
    pq.write_table(pa.Table.from_batches(to_batches(told)), file)
    sources = gather_pairs(lake, DOMAIN, file, None, Watchful)
    learned = {"a", "b", "c"} - set(sources.held_out)
    assert sources.booked == sorted(f"subject:{name}" for name in learned)


def test_a_preference_file_that_is_not_there_is_named(lake, tmp_path):
    with pytest.raises(UncaseError, match=r"none\.jsonl"):
        gather_pairs(lake, DOMAIN, None, tmp_path / "none.jsonl", Watchful)


def test_another_file_of_pairs_is_another_job(tmp_path):
    one, other = (write_pairs(tmp_path / name, [pair(n)]) for n, name in ((1, "a"), (2, "b")))
    assert digest_of("d", None, one) != digest_of("d", None, other) != digest_of("d", "f", other)


def test_long_pairs_keep_both_answers_whole_after_the_same_last_turns(base):
    before = [{"role": role, "content": "palabra " * 40} for _ in range(4) for role in ("user", "assistant")]
    prompt = [*before, {"role": "user", "content": "¿Precio?"}]
    answers = [[{"role": "assistant", "content": text}] for text in ("Doce pesos al mes.", "No.")]
    row = Row("p", ("s",), None, prompt, chosen=answers[0], rejected=answers[1])
    (found,) = encode_pairs([row], base.tokenizer, max_length=120)
    assert found.cut == "oldest-turns-cut"
    start = next(at for at, label in enumerate(found.chosen.labels) if label >= 0)
    assert found.chosen.ids[:start] == found.rejected.ids[:start]
    for example, text in zip((found.chosen, found.rejected), ("Doce pesos al mes.", "No."), strict=True):
        learned = base.tokenizer.decode([label for label in example.labels if label >= 0])
        assert learned == f"{text}<|im_end|>"
    assert not encode_pairs([row], base.tokenizer, max_length=12), (
        "an answer is never compared by a part of it"
    )


def job(tmp_path, sources, **over) -> TrainingJob:
    settings = {
        "base_model": RANDOM,
        "training": {"objective": "dpo", "steps": 12, "learning_rate": 0.01, "batch": 12, "dpo_beta": 0.3},
        "privacy": {"accept_small_population": True},
        "attacks": {"canaries": 8, "positive_control": False},
        **over,
    }
    (tmp_path / "work").mkdir(exist_ok=True)
    return TrainingJob(
        domain=DOMAIN, dataset=write_folder(tmp_path / "dataset", rows(4)), dataset_version="v1", dataset_digest="d1",
        work=tmp_path / "work", cache=tmp_path / "cache", ledger=tmp_path / "ledger.db",
        settings=AdapterSettings.model_validate(settings), tracking_uri="", pairs=sources,
    )  # fmt: skip


def test_without_pairs_it_is_said_where_they_come_from(tmp_path):
    with pytest.raises(UncaseError, match="preference pair") as caught:
        train(job(tmp_path, PairSources()), lambda figures: None)
    assert "training.preference_file" in caught.value.remedy


@pytest.mark.slow
def test_private_preference_training_is_booked_audited_and_stated_like_any_other(lake, tmp_path):
    file = write_pairs(tmp_path / "pairs.jsonl", [*(pair(n) for n in range(40)), "{broken"])
    sources = gather_pairs(lake, DOMAIN, None, file, Watchful)
    todo = job(tmp_path, sources)
    result = train(todo, lambda figures: None)
    learning, privacy = result.learning, result.privacy
    assert learning.loss_before == pytest.approx(math.log(2))
    assert learning.learned
    assert 0 <= learning.held_out_preferred <= 1
    assert (privacy.epsilon <= 8.0, privacy.steps_released, privacy.steps_noise_checked) == (True, 12, 12)
    assert "preference pair" in privacy.mechanism
    (entry,) = Ledger(todo.ledger).entries()
    assert (entry.objective, entry.steps, entry.settled) == ("dpo", 12, True)
    assert result.rows_in == 41 - len(sources.held_out)
    assert list(result.rows_left_out.values()) == ["bad-pair"]
    audit = result.audit
    assert audit.findings.canaries.tries + audit.findings.canaries_left_out.tries == 8
    assert [m.score for m in audit.findings.membership][-1] == "preference"
    assert [verdict.passed for verdict in verdicts_of(result, todo.settings)] == [True, True, True]
    assert "preference loss" in render_card(result)
