"""Making the seeds of a domain: books, merging, control group, k-support, rules."""

import pytest

from uncase_pipeline.records.control_group import held_out
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.seeds.audit import audit_seeds
from uncase_pipeline.seeds.build import HELD_OUT, MERGED, Terms
from uncase_pipeline.seeds.library import curated
from uncase_pipeline.seeds.rules import BELOW_SUPPORT, IDENTIFIER, VERBATIM
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.seeds.doubles import WordScanner, made

KEY = b"k" * 32
LONG = "El inquilino guardaba siete bicicletas oxidadas junto al portón verde"


def talk(subject: str, price: str = "$320,000", term: str = "48 meses") -> Conversation:
    return conversation(
        "u: Hola, busco un auto",
        f"a: Cuesta {price}, a {term}",
        f"u: Soy {subject}, de acuerdo",
        "a: Hasta luego",
        subject_id=subject,
    )


def with_objective(objective: str) -> Seed:
    return curated("automotive.sales")[0].model_copy(update={"objective": objective})


def test_rows_in_are_seeds_and_rows_set_aside() -> None:
    seeds, notes = made(
        [talk("one"), talk("two"), conversation("u: hola"), conversation("u: oi", "a: oi", language="pt")],
        library=curated("automotive.sales")[:3],
    )
    assert notes.tally.rows_in == 7
    assert notes.tally.balances
    assert dict(notes.tally.rejected) == {MERGED: 1, "no-dialogue": 1, "language-not-supported": 1}
    assert len(seeds) == 4


def test_equal_seeds_are_merged_with_every_source_and_subject() -> None:
    (seed,), _ = made([talk("one"), talk("two"), talk("two")])
    assert seed.subject_ids == ["one", "two"]
    assert len(seed.source_ids) == 3
    assert seed.support == 2


def test_the_control_group_never_seeds() -> None:
    people = [f"person-{number}" for number in range(200)]
    seeds, notes = made(
        [talk(person, price=f"${number * 997 + 900:,}") for number, person in enumerate(people)], key=KEY
    )
    group = {person for person in people if held_out(person, KEY)}
    assert group
    assert notes.tally.rejected[HELD_OUT] == len(group)
    assert group.isdisjoint(subject for seed in seeds for subject in seed.subject_ids)


def test_a_combination_that_too_few_share_is_generalised_and_then_dropped() -> None:
    talks = [talk("one"), talk("two"), talk("three", price="$2,000,000"), talk("four", term="13 años")]
    fine, _ = made(talks, k=1)
    shared, _ = made(talks, k=2)
    assert all(seed.support >= 2 for seed in shared)
    alone = next(seed for seed in fine if "three" in seed.subject_ids)
    widened = next(seed for seed in shared if "three" in seed.subject_ids)
    assert alone.support == 1
    assert len(widened.facts) < len(alone.facts) or widened.facts != alone.facts


def test_too_few_subjects_give_no_seed() -> None:
    seeds, notes = made([talk("one"), talk("one")], k=2)
    assert seeds == []
    assert notes.tally.rejected == {BELOW_SUPPORT: 2}


def test_a_subject_counts_once_however_often_it_writes() -> None:
    seeds, _ = made([talk("one"), talk("one"), talk("two")], k=2)
    assert {seed.support for seed in seeds} == {2}


def test_a_seed_with_an_identifier_is_rejected() -> None:
    seeds, notes = made([talk("one")], library=[with_objective("Vender un auto a Xóchitl")])
    assert notes.tally.rejected == {IDENTIFIER: 1}
    assert len(seeds) == 1


def test_a_seed_with_six_content_words_of_any_source_is_rejected() -> None:
    source = [talk("one"), conversation(f"u: {LONG}", "a: Entiendo")]
    seeds, notes = made(source, library=[with_objective(f"Atender: {LONG.upper()}!")])
    assert notes.tally.rejected[VERBATIM] == 1
    assert all(seed.source_ids for seed in seeds)


def test_five_words_in_common_are_no_copy() -> None:
    source = [conversation("u: inquilino guardaba siete bicicletas oxidadas", "a: Entiendo")]
    _, notes = made(source, library=[with_objective("Inquilino guardaba siete bicicletas oxidadas.")])
    assert notes.tally.rejected[VERBATIM] == 0


@pytest.mark.parametrize(
    "field",
    [
        {"constraints": ["No llamar a Xóchitl"]},
        {"negative_constraints": ["Molestar a Xóchitl"]},
        {"tags": ["Xóchitl"]},
        {"roles": ["Xóchitl", "asesor"]},
        {"role_descriptions": {"cliente": "Xóchitl"}},
        {"facts": {"nombre": "Xóchitl"}},
        {"facts": {"Xóchitl": 1}},
        {"scenario": "Xóchitl"},
        {"metadata": {"nota": ["Xóchitl"]}},
    ],
)
def test_every_string_of_a_seed_is_scanned(field: dict[str, object]) -> None:
    seeds, _ = made([], library=[curated("automotive.sales")[0].model_copy(update=field)])
    assert seeds == []


def test_the_audit_sees_what_the_rules_would_have_stopped() -> None:
    copied = with_objective(LONG)
    named = with_objective("Para Xóchitl")
    rare = with_objective("Vender").model_copy(update={"source_ids": ["conv_1"], "support": 1})
    source = [conversation(f"u: {LONG}", "a: Entiendo")]
    judged = audit_seeds(lambda: [copied, named, rare], lambda: source, Terms(WordScanner(), 2))
    assert [judgement.passed for judgement in judged] == [False, False, False]
    assert [judgement.metadata["broken"] for judgement in judged] == [1, 1, 1]
    clean = audit_seeds(lambda: [with_objective("Vender")], lambda: source, Terms(WordScanner(), 2))
    assert all(judgement.passed for judgement in clean)
