from random import Random

from uncase_pipeline.synthetic.simulator.persona import Persona
from uncase_pipeline.synthetic.simulator.readback import ReadBack
from uncase_pipeline_tests.synthetic.builders import seed

CLUMSY = Persona("clumsy", 0.5, mistypes=1.0)
TEXT = "Pagaría 12,500 pesos por una camioneta de 7 plazas."


def test_who_types_well_types_what_was_meant():
    assert Persona("careful", 0.5).mistype(TEXT, Random(1)) == TEXT


def test_a_slip_swaps_or_drops_a_letter_inside_a_long_word_and_leaves_figures_and_short_words():
    for number in range(50):
        typed = CLUMSY.mistype(TEXT, Random(number)).split()
        for word, slip in zip(TEXT.split(), typed, strict=True):
            letters = word.strip(".")
            if len(letters) < 5 or not letters.isalpha():
                assert slip == word
                continue
            assert (slip[0], slip[-1]) == (word[0], word[-1])
            dropped = [letters[:at] + letters[at + 1 :] for at in range(1, len(letters) - 1)]
            assert sorted(slip) == sorted(word) or slip.strip(".") in dropped


def test_a_slip_that_changes_the_act_or_a_figure_is_not_kept():
    read = ReadBack(seed(), "es")
    assert read.unless_it_reads_differently("Muchas gracias.", "Mcuhas garcias.") == "Muchas gracias."
    assert read.unless_it_reads_differently("Son 12 meses.", "Son 12 mess.") == "Son 12 meses."
    assert (
        read.unless_it_reads_differently("Vivo en el centro.", "Vivo en el cetnro.") == "Vivo en el cetnro."
    )
