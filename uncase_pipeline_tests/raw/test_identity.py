"""Ids come from content, people get one keyed id, and who answers is decided by rule."""

# ruff: noqa: E501

import json
from dataclasses import replace

import pytest

from uncase_pipeline.domains import domain_of
from uncase_pipeline.raw import roles
from uncase_pipeline.raw.finish import turn_ids
from uncase_pipeline.records.subject import subject_id
from uncase_pipeline_tests.raw.conftest import OPTIONS, turns

CHAT = "13/3/24, 9:05 - Ana: ¿sigue disponible?\n13/3/24, 9:06 - Tienda Sol: sí\n"


def test_the_same_file_under_another_name_has_the_same_ids(reading):
    first, _ = reading(CHAT, "a.txt")
    second, _ = reading(CHAT, "b.txt")
    assert [item.conversation_id for item in first] == [item.conversation_id for item in second]
    assert turn_ids(first[0]) == turn_ids(second[0])


def test_a_chat_that_grew_keeps_its_id_and_its_turn_ids(reading):
    before, _ = reading(CHAT)
    after, _ = reading(CHAT + "13/3/24, 9:07 - Ana: gracias\n")
    assert before[0].conversation_id == after[0].conversation_id
    assert turn_ids(after[0])[:2] == turn_ids(before[0])


def test_two_chats_that_begin_alike_are_two_conversations(reading):
    one, _ = reading("13/3/24, 9:05 - Tienda: promoción\n13/3/24, 9:06 - Ana: ok\n")
    other, _ = reading("13/3/24, 9:05 - Tienda: promoción\n13/3/24, 9:06 - Luis: ok\n")
    assert one[0].conversation_id != other[0].conversation_id


def test_repeated_turns_have_ids_of_their_own(reading):
    kept, _ = reading("13/3/24, 9:05 - Ana: ok\n13/3/24, 9:05 - Ana: ok\n13/3/24, 9:05 - Luis: ok\n")
    assert len(set(turn_ids(kept[0]))) == 3


def test_one_person_has_one_id_whatever_the_spelling_of_the_number(reading):
    spellings = ["+52 1 55 1234 5678", "\u202a+52\u00a01\u00a055\u00a01234\u00a05678\u202c"]
    ids = set()
    for number in spellings:
        kept, _ = reading(f"13/3/24, 9:05 - {number}: hola\n13/3/24, 9:06 - Tienda Sol: sí\n")
        ids.add(kept[0].subject_id)
    assert len(ids) == 1
    assert "1234" not in str(ids)


def test_the_subject_can_not_be_recomputed_without_the_key(reading):
    one, _ = reading(CHAT)
    other, _ = reading(CHAT, options=replace(OPTIONS, subject_key=b"x" * 32))
    assert one[0].subject_id != other[0].subject_id


@pytest.mark.parametrize(
    ("authors", "names", "assistant", "rule"),
    [
        (["Ana", "Luis"], ("luis",), {"Luis"}, "settings"),
        (["Ana", "+52 55 5555 0100"], ("525555550100",), {"+52 55 5555 0100"}, "settings"),
        (["Cliente", "Asesor"], (), {"Asesor"}, "role-word"),
        (["Ana", "Clínica Sol"], (), {"Clínica Sol"}, "business-name"),
        (["Ana", "Me"], (), {"Me"}, "exported-by"),
        (["Ana", "Luis"], (), {"Luis"}, "answers-first"),
        (["Ana"], (), set(), "one-sided"),
    ],
)
def test_who_answers_is_decided_by_rule(authors, names, assistant, rule):
    decision = roles.decide(authors, replace(OPTIONS, assistant_names=names))
    assert (set(decision.assistants), decision.rule) == (assistant, rule)


def test_a_doctor_answers_in_a_consultation_and_is_a_customer_elsewhere():
    medical = replace(OPTIONS, domain=domain_of("medical.consultation"))
    assert roles.decide(["Dr. Ríos", "Ana"], medical).assistants == {"Dr. Ríos"}
    assert roles.decide(["Dr. Ríos", "Ana"], OPTIONS).assistants == {"Ana"}


def test_the_side_that_opens_fewer_conversations_answers():
    decision = roles.decide(["Ana", "Luis"], OPTIONS, openers={"Ana": 1, "Luis": 9})
    assert (set(decision.assistants), decision.rule) == ({"Ana"}, "opens-fewest-conversations")


def test_speakers_carry_the_labels_of_their_domain(reading):
    kept, _ = reading(
        "Paciente: hola\nDoctora: buenas\n",
        options=replace(OPTIONS, domain=domain_of("medical.consultation")),
    )
    assert [message.speaker for message in turns(kept)] == ["patient", "clinician"]


def test_everyone_whom_the_export_names_is_listed_for_the_anonymizer(reading):
    kept, _ = reading(CHAT)
    assert kept[0].metadata["participants"] == ["Ana", "Tienda Sol"]
    assert [message.metadata["author"] for message in turns(kept)] == ["Ana", "Tienda Sol"]


def test_every_customer_of_a_group_is_a_subject_and_the_group_is_one_unit(reading):
    key = OPTIONS.subject_key
    first = "13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Tienda Sol: sí\n13/3/24, 9:07 - Rita: yo también\n"
    second = "15/3/24, 9:05 - Rita: otra vez\n15/3/24, 9:06 - Tienda Sol: sí\n15/3/24, 9:07 - Ana: y yo\n"
    alone = "17/3/24, 9:05 - Rita: sola\n17/3/24, 9:06 - Tienda Sol: sí\n"
    kept, _ = reading(first + second + alone)
    both = sorted(subject_id(name, key) for name in ("Ana", "Rita"))
    assert [item.metadata.get("subject_ids") for item in kept] == [both, both, None]
    assert kept[0].subject_id == kept[1].subject_id
    assert kept[0].subject_id not in both
    assert kept[2].subject_id == subject_id("Rita", key)


def test_accounts_tell_two_customers_of_one_name_apart(reading):
    def message(number, account, name, text):
        return {"id": number, "type": "message", "date": f"2024-03-13T09:0{number}:00", "from": name, "from_id": account, "text": text}  # fmt: skip

    said = [message(1, "user1", "Ana", "hola"), message(2, "user9", "Tienda Sol", "sí"), message(3, "user2", "Ana", "y yo")]  # fmt: skip
    kept, _ = reading(json.dumps({"type": "private_group", "id": 5, "messages": said}), "result.json")
    assert len(kept[0].metadata["subject_ids"]) == 2


def test_the_order_of_keys_does_not_change_an_id(reading):
    one, _ = reading('{"messages": [{"role": "user", "content": "hola"}, {"role": "assistant", "content": "sí"}]}', "a.json")  # fmt: skip
    other, _ = reading('{"messages": [{"content": "hola", "role": "user"}, {"content": "sí", "role": "assistant"}]}', "b.json")  # fmt: skip
    assert one[0].conversation_id == other[0].conversation_id
