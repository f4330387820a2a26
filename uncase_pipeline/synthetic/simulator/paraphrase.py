"""Says the same in other words: phrases that may stand for each other take each other's place. Knows no grammar."""

import re
from collections.abc import Mapping
from functools import cache
from random import Random

from uncase_pipeline.synthetic.simulator.language import TEXTS


def paraphrase(text: str, language: str, random: Random) -> str:
    """Return a text in which each phrase of the synonyms is one of those that mean the same."""
    pattern, others = _synonyms(language)
    return pattern.sub(lambda match: random.choice(others[match[0]]), text)


@cache
def _synonyms(language: str) -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    """Return a pattern of every phrase, longest first, and for each phrase what may stand for it."""
    lines = (TEXTS / f"synonyms.{language}.txt").read_text(encoding="utf-8").splitlines()
    sets = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    others = {phrases[0]: tuple(phrases) for phrases in sets}
    longest = sorted(others, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"), others
