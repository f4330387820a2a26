"""The benchmark's own test set: its spans are right, and its halves share neither frames nor names."""

import pytest

from benchmarks import fresh
from benchmarks.fresh_registers import REGISTERS
from benchmarks.privacy_sets import fakers


def people(half, language):
    return {
        text[start:end]
        for _, turns in fresh.conversations(half, language, "cased", 60)
        for text, gold in turns
        for start, end, kind in gold
        if kind == "PERSON"
    }


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_span_is_inside_its_text_and_starts_and_ends_with_a_part_of_it(language, register):
    number = 0
    for _, turns in fresh.conversations(fresh.TUNED, language, register, 60):
        for text, gold in turns:
            for start, end, _kind in gold:
                assert 0 <= start < end <= len(text)
                assert text[start:end] == text[start:end].strip()
                number += 1
    assert number > 300


def test_the_halves_share_no_full_name():
    for language in ("es", "en"):
        tuned, fair = people(fresh.TUNED, language), people(fresh.FAIR, language)
        assert tuned
        assert fair
        assert tuned.isdisjoint(fair)


def test_names_are_the_same_in_every_register_but_for_their_spelling():
    cased = list(fresh.conversations(fresh.TUNED, "es", "cased", 30))
    lower = list(fresh.conversations(fresh.TUNED, "es", "lower", 30))
    assert [[text.lower() for text, _ in turns] for _, turns in cased] == [
        [text for text, _ in turns] for _, turns in lower
    ]


def test_every_slot_of_the_frames_can_be_filled():
    for language in ("es", "en"):
        for half in (fresh.TUNED, fresh.FAIR):
            for register in REGISTERS:
                assert all(
                    "<" not in text
                    for _, turns in fresh.conversations(half, language, register, 60)
                    for text, _ in turns
                )


@pytest.mark.parametrize("locale", ["es_MX", "es_ES"])
def test_what_faker_invents_is_the_same_in_every_run(locale):
    assert list(fakers(locale)) == list(fakers(locale))
