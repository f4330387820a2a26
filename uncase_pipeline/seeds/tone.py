"""The tone of a conversation, out of a closed set. Knows words, not people."""

from collections import Counter
from collections.abc import Iterable

TONES = ("profesional", "formal", "cercano", "empatico", "urgente")
"""Every tone that extraction and the library use; ``profesional`` where nothing speaks for another."""

_WORDS: dict[str, frozenset[str]] = {
    "formal": frozenset(
        {
            "usted",
            "ustedes",
            "estimado",
            "estimada",
            "sir",
            "madam",
            "ma'am",
            "kindly",
            "sincerely",
            "agradeceria",
        }
    ),
    "cercano": frozenset(
        {
            "tu",
            "te",
            "contigo",
            "hey",
            "cool",
            "awesome",
            "gonna",
            "wanna",
            "yeah",
            "jaja",
            "haha",
            "lol",
            "guey",
        }
    ),
    "empatico": frozenset(
        {
            "entiendo",
            "comprendo",
            "lamento",
            "preocupe",
            "preocupes",
            "tranquilo",
            "tranquila",
            "sorry",
            "worry",
        }
        | {"understand", "unfortunately", "hear"}
    ),
    "urgente": frozenset(
        {
            "urgente",
            "urge",
            "emergencia",
            "inmediatamente",
            "cuanto antes",
            "urgent",
            "urgently",
            "emergency",
            "asap",
        }
        | {"immediately"}
    ),
}
_WEIGHTS = {"urgente": 4, "empatico": 2, "formal": 2, "cercano": 1}
_ENOUGH = 0.02


def tone_of(words: Iterable[str]) -> str:
    """Return the tone that the folded words speak for most, if at least two in a hundred do."""
    counts = Counter(words)
    scores = {tone: _WEIGHTS[tone] * sum(counts[word] for word in cues) for tone, cues in _WORDS.items()}
    best = max(scores, key=lambda tone: (scores[tone], _WEIGHTS[tone]))
    return best if scores[best] >= max(2.0, _ENOUGH * counts.total()) else "profesional"
