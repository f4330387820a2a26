"""Writes the text that the embedded base is trained on: invented small talk and service dialogues in es and en.

A grammar and a recorded seed, nothing else: no corpus, no user's file and no person's name ever reaches it. Half of
the sentences are made of invented words, so that the base spells what it has never seen instead of being sure.
"""

import random
from collections.abc import Iterator
from typing import Any

Turn = dict[str, Any]

_THINGS = {
    "es": [
        "la caldera",
        "el pedido",
        "la bicicleta",
        "el contrato",
        "la cita",
        "el horno",
        "la matrícula",
        "el viaje",
        "la factura",
        "el tratamiento",
        "la bomba",
        "el ejercicio",
        "la cuenta",
        "el coche",
        "la clase",
        "el motor",
        "la receta",
        "el seguro",
    ],
    "en": [
        "the boiler",
        "the order",
        "the bicycle",
        "the contract",
        "the appointment",
        "the oven",
        "the enrolment",
        "the trip",
        "the invoice",
        "the treatment",
        "the pump",
        "the exercise",
        "the account",
        "the car",
        "the lesson",
        "the engine",
        "the recipe",
        "the policy",
    ],
}
_DAYS = {
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
_UNITS = {
    "es": [
        "euros",
        "pesos",
        "días",
        "horas",
        "kilómetros",
        "meses",
        "litros",
        "grados",
        "por ciento",
        "unidades",
    ],
    "en": ["euros", "dollars", "days", "hours", "miles", "months", "litres", "degrees", "per cent", "units"],
}
_QUALITIES = {
    "es": [
        "roto",
        "caro",
        "lento",
        "nuevo",
        "pendiente",
        "listo",
        "correcto",
        "urgente",
        "sencillo",
        "imposible",
    ],
    "en": [
        "broken",
        "expensive",
        "slow",
        "new",
        "pending",
        "ready",
        "correct",
        "urgent",
        "simple",
        "impossible",
    ],
}
_ASK = {
    "es": [
        "{hello}{thing} está {quality}, ¿qué puedo hacer?",
        "¿Cuánto cuesta {thing}?",
        "¿Cuándo estará {quality} {thing}?",
        "Quiero saber si {thing} llega el {day}.",
        "Necesito cambiar {thing} antes del {day}.",
        "¿Me puede explicar por qué {thing} está {quality}?",
        "He pagado {number} {unit} por {thing}, ¿es {quality}?",
        "¿Hay una opción de menos de {number} {unit}?",
        "No entiendo lo de {thing}.",
    ],
    "en": [
        "{hello}{thing} is {quality}, what can I do?",
        "How much does {thing} cost?",
        "When will {thing} be {quality}?",
        "I would like to know whether {thing} comes on {day}.",
        "I need to change {thing} before {day}.",
        "Can you explain why {thing} is {quality}?",
        "I paid {number} {unit} for {thing}, is that {quality}?",
        "Is there an option below {number} {unit}?",
        "I do not understand {thing}.",
    ],
}
_ANSWER = {
    "es": [
        "Claro, {thing} tarda {number} {unit} y queda {quality} el {day}.",
        "Lo reviso ahora mismo. {again}",
        "El precio es de {number} {unit}. {again}",
        "Entiendo. Primero mire si {thing} está {quality}.",
        "Sí, se puede cambiar hasta el {day} sin coste.",
        "No, lo siento: {thing} ya está {quality}.",
        "Son {number} {unit} al mes, o {number} {unit} si paga el {day}. {again}",
        "Le propongo dos pasos: apague {thing} y espere {number} {unit}.",
    ],
    "en": [
        "Of course, {thing} takes {number} {unit} and will be {quality} on {day}.",
        "Let me check that now. {again}",
        "The price is {number} {unit}. {again}",
        "I see. First check whether {thing} is {quality}.",
        "Yes, you can change it until {day} at no cost.",
        "No, I am sorry: {thing} is already {quality}.",
        "It is {number} {unit} a month, or {number} {unit} if you pay on {day}. {again}",
        "I suggest two steps: switch {thing} off and wait {number} {unit}.",
    ],
}
_HELLO = {
    "es": ["", "Hola, ", "Buenos días, ", "Buenas tardes: "],
    "en": ["", "Hello, ", "Hi, ", "Good morning: "],
}
_AGAIN = {
    "es": ["", "¿Le ayudo en algo más?", "¿Le parece bien?", "¿Me da más detalles?"],
    "en": ["", "Can I help with anything else?", "Does that work for you?", "Could you tell me more?"],
}
_CLOSE = {
    "es": [("Gracias, eso es todo.", "A usted. Que tenga un buen día."), ("Perfecto, gracias.", "De nada.")],
    "en": [("Thanks, that is all.", "Thank you. Have a good day."), ("Perfect, thanks.", "You are welcome.")],
}
_SYSTEM = {
    "es": ["Eres un asistente que responde con brevedad.", "Atiende con cortesía y no inventes datos."],
    "en": ["You are an assistant who answers briefly.", "Be polite and do not invent facts."],
}
_SMALL_WORDS = {
    "es": [
        "el",
        "la",
        "los",
        "un",
        "una",
        "de",
        "del",
        "que",
        "en",
        "con",
        "por",
        "para",
        "se",
        "su",
        "y",
        "o",
        "no",
        "es",
        "son",
        "muy",
        "más",
        "si",
        "como",
        "le",
        "al",
        "ya",
        "pero",
    ],
    "en": [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "with",
        "for",
        "and",
        "or",
        "not",
        "is",
        "are",
        "it",
        "that",
        "this",
        "you",
        "your",
        "my",
        "we",
        "can",
        "will",
        "if",
        "but",
    ],
}
_SYLLABLES = {
    "es": [
        "ca",
        "co",
        "ma",
        "me",
        "mi",
        "pa",
        "pe",
        "per",
        "te",
        "ti",
        "to",
        "ción",
        "do",
        "da",
        "de",
        "res",
        "ra",
        "ro",
        "lo",
        "la",
        "li",
        "ne",
        "na",
        "no",
        "sa",
        "so",
        "su",
        "ven",
        "gua",
        "cie",
        "fi",
        "bo",
        "bre",
        "tra",
        "ción",
        "jo",
        "je",
        "llo",
        "ña",
        "ñe",
        "qui",
        "gue",
        "cha",
        "pri",
        "pro",
        "con",
        "des",
        "í",
        "á",
        "ó",
        "ú",
    ],
    "en": [
        "ing",
        "er",
        "th",
        "st",
        "ck",
        "re",
        "co",
        "de",
        "pro",
        "tion",
        "ment",
        "ly",
        "al",
        "ow",
        "ough",
        "ea",
        "ee",
        "oo",
        "sh",
        "ch",
        "wh",
        "qu",
        "ty",
        "ry",
        "con",
        "dis",
        "un",
        "ble",
        "ness",
        "ful",
        "our",
        "igh",
        "ant",
        "ent",
        "ard",
        "ile",
        "ap",
        "is",
    ],
}
_TOOLS = {"es": ["buscar_precio", "consultar_fecha"], "en": ["find_price", "check_date"]}


def conversations(seed: int) -> Iterator[list[Turn]]:
    """Yield conversations without end, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    while True:
        yield _conversation(dice, dice.choice(["es", "en"]))


def _conversation(dice: random.Random, language: str) -> list[Turn]:
    turns: list[Turn] = []
    if dice.random() < 0.3:
        turns.append({"role": "system", "content": dice.choice(_SYSTEM[language])})
    for _ in range(dice.randint(1, 4)):
        turns.append({"role": "user", "content": _fill(dice, _ASK[language], language)})
        if dice.random() < 0.15:
            turns.extend(_tool_use(dice, language))
        turns.append({"role": "assistant", "content": _fill(dice, _ANSWER[language], language)})
    if dice.random() < 0.5:
        thanks, reply = dice.choice(_CLOSE[language])
        turns += [{"role": "user", "content": thanks}, {"role": "assistant", "content": reply}]
    return turns


def _sentence(dice: random.Random, language: str) -> str:
    words = [_word(dice, language) for _ in range(dice.randint(3, 14))]
    ending = (
        dice.choice([".", ".", "?", "!", ":", ";"]) if language == "en" else dice.choice([".", ".", "?", "!"])
    )
    opening = {"?": "¿", "!": "¡"}.get(ending, "") if language == "es" else ""
    text = " ".join(words)
    return f"{opening}{text[0].upper()}{text[1:]}{ending}"


def _word(dice: random.Random, language: str) -> str:
    kind = dice.random()
    if kind < 0.4:
        return dice.choice(_SMALL_WORDS[language])
    if kind < 0.5:
        return dice.choice(["", "", "$", "#"]) + str(dice.randint(1, 10 ** dice.randint(1, 6)))
    word = "".join(dice.choice(_SYLLABLES[language]) for _ in range(dice.randint(1, 4)))
    if kind < 0.55:
        word = word.capitalize()
    if kind < 0.57:
        word = f"[{word.upper()}_{dice.randint(1, 9)}]"
    return word + ("," if kind > 0.95 else "")


def _fill(dice: random.Random, frames: list[str], language: str) -> str:
    if dice.random() < 0.5:
        return " ".join(_sentence(dice, language) for _ in range(dice.randint(1, 2)))
    text = dice.choice(frames)
    while "{number}" in text:
        text = text.replace("{number}", str(dice.randint(1, 10 ** dice.randint(1, 5))), 1)
    text = text.format(
        hello=dice.choice(_HELLO[language]),
        thing=dice.choice(_THINGS[language]),
        day=dice.choice(_DAYS[language]),
        unit=dice.choice(_UNITS[language]),
        quality=dice.choice(_QUALITIES[language]),
        again=dice.choice(_AGAIN[language]),
    ).strip()
    return text[0].upper() + text[1:]


def _tool_use(dice: random.Random, language: str) -> list[Turn]:
    thing = dice.choice(_THINGS[language]).split()[-1]
    call = {
        "type": "function",
        "function": {"name": dice.choice(_TOOLS[language]), "arguments": {"id": thing}},
    }
    answer = f'{{"result": {dice.randint(1, 9999)}}}'
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": answer},
    ]
