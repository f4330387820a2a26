import pytest

from uncase_pipeline.anonymized.names.lexicon import lexicon

PEOPLE = [
    ("hola me llamo Juan Pérez y quiero un coche", "Juan Pérez"),
    ("my name is john smith", "john smith"),
    ("soy maría del carmen lópez garcía", "maría del carmen lópez garcía"),
    ("Le atiende Xóchitl Ixtlilxóchitl, asesora", "Xóchitl Ixtlilxóchitl"),
    ("buenas, habla guadalupe hernandez", "guadalupe hernandez"),
    ("Hi, this is Siobhan O'Connor", "Siobhan O'Connor"),
    ("the account is under the name Numbers", "Numbers"),
    ("Apellidos: De la Cruz Lorenzo.", "De la Cruz Lorenzo"),
    ("Dr. Wilson will see you", "Wilson"),
    ("se llama dolores ramirez", "dolores ramirez"),
    ("i'm kathryne brazier, can i change my booking", "kathryne brazier"),
    ("SOY MARIA FERNANDEZ Y NO TENGO LUZ", "MARIA FERNANDEZ"),
    ("mi hijo Emiliano va en la moto", "Emiliano"),
    ("the driver said his name was April", "April"),
    ("el profesor de las Casas no vino", "de las Casas"),
    ("Ms al-Sayed is my teacher", "al-Sayed"),
    ("hable con e. martínez de cobranza", "e. martínez"),
    ("Assigned technician: Ngo, Thuy", "Ngo, Thuy"),
    ("el chofer dijo llamarse próspero", "próspero"),
    ("my driver's name was rusty", "rusty"),
    ("Gonzalo Estraad Álvarez lo firmó", "Gonzalo Estraad Álvarez"),
    ("sra. rompa, su cita quedó confirmada", "rompa"),
    ("You'll be meeting with Dr. Lê on Monday", "Lê"),
    ("ok Germán quedo al pendiente", "Germán"),
    ("mi mamá se apellida salmerón y tiene diabetes", "salmerón"),
    ("pregunte por flaco en la entrada", "flaco"),
    ("it should say timothy williams-flowers", "timothy williams-flowers"),
    ("did oskr tell you about the noise?", "oskr"),
]
NOBODY = [
    "tengo dolores de cabeza y mucha luz",
    "will you be open in may? I may need to mark it",
    "quiero el mercedes blanco o el seat rojo",
    "Is there a grace period? The price is too long to read",
    "Hoy es lunes 3 de mayo y estamos en paz",
    "Tomo paracetamol, omeprazol y losartán",
    "Can I pay with Visa or Mastercard on Monday?",
    "The hydraulic pump loses pressure at startup",
    "La bomba hidráulica pierde presión al arrancar",
    "I paid in cash, the chip was rusty and it is miles away",
    "abren los domingos y lunes, el precio es bueno",
    "Tiene síndrome de Down y enfermedad de Crohn",
    "Will I receive a new card when mine expires?",
    "What if I need to use GBP instead of USD?",
    "is ther a table for two",
    "Señora directora, buenas tardes",
]


@pytest.mark.parametrize(("text", "name"), PEOPLE)
def test_every_character_of_a_name_is_covered(chain, text, name):
    covered = {i for span in chain.find(text) for i in range(span.start, span.end)}
    start = text.index(name)
    assert all(i in covered for i in range(start, start + len(name)) if text[i].isalnum())


@pytest.mark.parametrize("text", NOBODY)
def test_ordinary_words_that_are_also_names_are_left_alone(chain, text):
    assert [text[span.start : span.end] for span in chain.find(text) if span.entity == "PERSON"] == []


def test_the_gate_wants_more_than_the_model_alone(chain):
    text = "el enum del tono"
    assert chain.find(text, profile="gate") == []


@pytest.mark.parametrize(
    "text", ["me llamo Juan Pérez", "This is Emily Anderson", "Habla la Dra. Lucía Herrera"]
)
def test_the_gate_stops_a_full_name(chain, text):
    assert chain.find(text, profile="gate")


@pytest.mark.parametrize("name", ["yoloezin", "kowalczyk", "mraina", "kuśmider"])
def test_the_letters_of_an_unlisted_name_follow_each_other_as_in_names(name):
    assert lexicon().sound(name).startswith("+")


@pytest.mark.parametrize("word", ["spoofed", "acount", "recieve", "funsionando"])
def test_the_letters_of_an_unlisted_word_do_not(word):
    assert lexicon().sound(word).startswith("-")


@pytest.mark.parametrize("slip", ["gonzlez", "gonzalles", "gonzakez", "gonazlez"])
def test_a_name_is_known_with_one_letter_left_out_added_replaced_or_swapped(slip):
    assert not lexicon().is_name(slip)
    assert lexicon().near_family_name(slip)


@pytest.mark.parametrize("word", ["gonles", "gnzlez", "gonzalez7", "an"])
def test_no_name_is_known_with_two_slips_in_few_letters_or_from_what_is_no_word(word):
    assert not lexicon().near_family_name(word)
