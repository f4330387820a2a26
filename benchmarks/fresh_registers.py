"""One turn as different people write it: without capitals, without marks, in capitals, with slips in names.

Knows letters and offsets, no frame and no name.
"""

import random
import unicodedata

from benchmarks.privacy_tally import Gold

REGISTERS = ("cased", "lower", "bare", "caps", "typo")
_BESIDE = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioplsdfghjklkxcvbnmn", strict=True))


def written(text: str, gold: Gold, register: str, chance: random.Random) -> tuple[str, Gold]:
    """Write a turn as people do: no capitals, no marks, all capitals, or with a slip in every second name."""
    if register == "typo":
        return _slipped(text.lower() if chance.random() < 0.5 else text, gold, chance)
    if register == "lower":
        return text.lower(), gold
    if register == "caps":
        return (text.upper() if len(text.upper()) == len(text) else text), gold
    return _spoken(text, gold) if register == "bare" else (text, gold)


def _spoken(text: str, gold: Gold) -> tuple[str, Gold]:
    """Drop case, accents and the marks outside identifiers, as a dictation does."""
    inside = {i for start, end, kind in gold if kind != "PERSON" for i in range(start, end)}
    kept = [i for i, c in enumerate(text) if i in inside or c.isalnum() or c in " \n'-@"]
    place = {old: new for new, old in enumerate(kept)}
    moved = []
    for start, end, kind in gold:
        covered = [place[i] for i in range(start, end) if i in place]
        moved.append((covered[0], covered[-1] + 1, kind))
    return "".join(
        unaccented(text[i]).lower() if len(unaccented(text[i])) == 1 else text[i].lower() for i in kept
    ), moved


def _slipped(text: str, gold: Gold, chance: random.Random) -> tuple[str, Gold]:
    for number in range(len(gold)):
        start, end, kind = gold[number]
        letters = [i for i in range(start + 1, end - 1) if text[i].isalpha() and text[i + 1].isalpha()]
        if kind != "PERSON" or chance.random() < 0.5 or len(letters) < 3:
            continue
        at = chance.choice(letters)
        slip = chance.choice(("beside", "beside", "drop", "double", "swap"))
        new = {
            "beside": _BESIDE.get(unaccented(text[at]).lower(), "e"),
            "drop": "",
            "double": text[at] * 2,
            "swap": text[at + 1] + text[at],
        }[slip]
        taken = 2 if slip == "swap" else 1
        text = text[:at] + new + text[at + taken :]
        grown = len(new) - taken
        gold = [(s + grown * (i > number), e + grown * (i >= number), k) for i, (s, e, k) in enumerate(gold)]
    return text, gold


def unaccented(text: str) -> str:
    """Return a text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
