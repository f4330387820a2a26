import pytest

from uncase_pipeline.dialogue.language import detect_language, guess_language

SPANISH = [
    "Hola, quiero un coche y no sé cuánto cuesta",
    "busco un crédito para mi casa, ¿qué tasa tienen?",
    "me duele la cabeza desde ayer",
]
ENGLISH = [
    "Hi, I would like to buy a car",
    "what are the fees on my account?",
    "the pump does not start and there is a noise",
]
FOREIGN = [
    "Bonjour, je voudrais acheter une voiture et je ne sais pas",
    "Olá, eu quero comprar um carro e não sei se vocês têm",
    "Guten Tag, ich habe eine Frage zu meinem Auto",
    "Ciao, vorrei comprare una macchina per mia figlia",
    "Привет, я хочу купить машину у вас в городе",
    "需要帮助我的汽车坏了怎么办呢谢谢你",
]


@pytest.mark.parametrize("text", SPANISH)
def test_spanish_is_told(text):
    assert detect_language([text]) == "es"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_told(text):
    assert detect_language([text]) == "en"


@pytest.mark.parametrize("text", FOREIGN)
def test_a_language_that_is_not_supported_is_none_and_known_to_be_foreign(text):
    guess = guess_language([text])
    assert guess.language is None
    assert guess.foreign


@pytest.mark.parametrize("text", ["", "2+2", "ok", ":)"])
def test_what_can_not_be_told_is_none_but_not_foreign(text):
    guess = guess_language([text])
    assert guess.language is None
    assert not guess.foreign


def test_a_conversation_is_judged_by_all_its_turns():
    assert detect_language(["ok", "sí", "quiero saber el precio del coche", "gracias"]) == "es"
