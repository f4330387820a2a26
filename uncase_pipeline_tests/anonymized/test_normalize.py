import unicodedata

import pytest

from uncase_pipeline.anonymized.normalize import folded, normalize

HIDDEN = {
    "zero width": "ana\u200b@correo\u200d.mx",
    "full width": "\uff41na@correo.mx",
    "homoglyph": "аna@соrreo.mx",
    "no-break space": "tel\u00a055\u202f1234\u20095678",
    "full-width digits": "\uff15\uff15 \uff11\uff12\uff13\uff14 \uff15\uff16\uff17\uff18",
    "odd dashes": "555\u2011123\u20134567",
    "soft hyphen": "ju\u00adan.perez@correo.mx",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_disguised_identifier_is_found_whole_in_offsets_of_the_original(chain, text):
    spans = chain.find(text)
    covered = "".join(text[span.start : span.end] for span in spans)
    assert any(c.isdigit() or c == "@" for c in unicodedata.normalize("NFKC", covered))
    start, end = spans[0].start, spans[-1].end
    assert end == len(text)
    assert start == 0 or text[start - 1].isspace()


def test_decomposed_accents_keep_their_offsets(chain):
    text = unicodedata.normalize("NFD", "Me llamo José Ramírez, gracias")
    (span,) = chain.find(text)
    assert unicodedata.normalize("NFC", text[span.start : span.end]) == "José Ramírez"


def test_plain_text_is_not_touched():
    text = "nada que hacer"
    assert normalize(text).text is text


@pytest.mark.parametrize(
    ("text", "read"),
    [("José O\u00b4Connor", "José O'Connor"), ("Peña\u00a0Núñez", "Peña Núñez"), ("Mu\u00adñoz", "Muñoz")],
)
def test_what_stands_among_spanish_letters_is_normalized_too(text, read):
    assert normalize(text).text == read


def test_folding_drops_case_and_accents_only():
    assert folded("ÁRBOL Ñandú") == "arbol nandu"
