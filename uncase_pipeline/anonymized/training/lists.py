"""Builds the name lists and the dictionary that ship in ``data/``, from Faker and two Debian packages.

Run ``python -m uncase_pipeline.anonymized.training.lists WAMERICAN HUNSPELL_ES`` with the folders into which
``dpkg -x`` unpacked the packages, or without them to rebuild the names only. The output depends on nothing but
these three sources and ``world.toml``.
"""

# ruff: noqa: SIM905 - word lists read better as text

import gzip
import importlib
import io
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from uncase_pipeline.anonymized.names.lexicon import Lexicon, lexicon, threes
from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.training.people import NICKNAMES, elsewhere, listed, world

DATA = Path(__file__).parent.parent / "data"
LOCALES = (
    "es_ES es_MX es_AR es_CO es_CL es_CA en_US en_GB en_IE en_NZ en_IN en_PK en_KE en_NG pt_BR pt_PT "
    "fr_FR fr_QC it_IT de_DE nl_NL pl_PL ro_RO sv_SE da_DK no_NO fi_FI hu_HU cs_CZ hr_HR tr_TR"
).split()
_DAYS = {"friday", "sunday"}
"""Names in Nigeria, and days everywhere: the model has to tell them apart."""
_LATIN = re.compile(r"[A-Za-zÀ-ſ'’ -]{2,}")
_RARE_VERB = re.compile(
    r"(?:[aá]re(?:is|mos|s)?|[ié]ére(?:is|mos|s)?|iere(?:is|mos|s)?|aseis|ieseis|arais|ierais)$"
)
_CLITIC = re.compile(r"(?:me|te|se|l[oae]s?|nos|os)$")


def main(folders: list[str]) -> None:
    """Write the dictionaries, where their sources are given, and then the names."""
    if folders:
        english, spanish = (Path(folder) for folder in folders)
        write("words_en", english_words(english / "usr/share/dict/american-english"))
        write("words_es", spanish_words(spanish / "usr/share/hunspell"))
    women, men, given, family = faker_names()
    given |= farther("given")
    family |= farther("family")
    write("given_women", women)
    write("given_men", men)
    write("given", given)
    write("nicknames", nicknames())
    write("family", family)
    write("sounds", sounds(given | family))


def sounds(names: set[str]) -> Iterator[str]:
    """Yield three letters and how much likelier they are in a name than in a word, in hundredths of a nat."""
    lists = Lexicon()
    named = _shares(names)
    english, spanish = (_shares(words - names) for words in (lists.english, lists.spanish))
    rare = min(*named.values(), *english.values(), *spanish.values())
    for part in named.keys() | english.keys() | spanish.keys():
        in_words = (english.get(part, 0) + spanish.get(part, 0)) / 2
        weight = math.log((named.get(part, 0) + rare) / (in_words + rare))
        if weight:
            yield f"{part} {round(100 * weight)}"


def _shares(words: Iterable[str]) -> dict[str, float]:
    counts = Counter(part for word in words for part in threes(word))
    total = counts.total()
    return {part: count / total for part, count in counts.items()}


def nicknames() -> set[str]:
    """Return the nicknames of ``people.py``, and those of the world that are no words."""
    dictionary = lexicon()
    names = tokens(chain.from_iterable(text.split() for text in world()["nick"].values()))
    kept = {name for name in names if not dictionary.is_word(name)}
    return kept | {folded(name) for short in NICKNAMES.values() for name in short}


def farther(kind: str) -> set[str]:
    """Return names that are no words, of the world and of Faker's widest English list, and chosen ones that are."""
    dictionary = lexicon()
    names = [*elsewhere(kind), *(listed(("en",), ("first_names",)) if kind == "given" else ())]
    chosen = world()[kind]["words"].split()
    short = {folded(name) for name in world()[kind]["short"].split()}
    plain = {name for name in tokens(names) if not dictionary.is_word(name)} - _DAYS
    return plain | tokens(chosen) | short


def write(name: str, words: Iterable[str], folder: Path = DATA) -> None:
    """Write a sorted list, one word a line, with no time stamp in the archive."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as archive:
        archive.write("\n".join(sorted(set(words))).encode())
    (folder / f"{name}.txt.gz").write_bytes(buffer.getvalue())


def faker_names() -> tuple[set[str], set[str], set[str], set[str]]:
    """Return women's, men's, all given names and family names: folded, one token each."""
    women: set[str] = set()
    men: set[str] = set()
    given: set[str] = set()
    family: set[str] = set()
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        women |= tokens(_values(provider, "first_names_female"))
        men |= tokens(_values(provider, "first_names_male"))
        given |= tokens(_values(provider, "first_names"))
        family |= tokens(_values(provider, "last_names"))
    return women, men, given | women | men, family


def _values(provider: Any, name: str) -> Iterable[str]:
    value = getattr(provider, name, ())
    return value if isinstance(value, tuple | list | dict) else ()


def tokens(names: Iterable[str]) -> set[str]:
    """Split names into folded tokens, without particles."""
    found = (re.split(r"[\s'’-]+", name) for name in names if _LATIN.fullmatch(name))
    return {folded(token) for parts in found for token in parts if len(token) > 2 and token[0].isupper()}


def english_words(path: Path) -> Iterator[str]:
    """Yield the lower-case words of SCOWL, without possessives."""
    for word in path.read_text(encoding="utf-8").splitlines():
        if word.islower() and not word.endswith("'s"):
            yield folded(word)


def spanish_words(folder: Path) -> Iterator[str]:
    """Yield the lower-case words of the LibreOffice dictionary and their forms.

    Forms with clitics are left out (the lookup strips them), and so are tenses that no chat has seen.
    """
    rules = _suffix_rules(folder / "es_ES.aff")
    for line in (folder / "es_ES.dic").read_text(encoding="utf-8").splitlines()[1:]:
        word, _, flags = line.partition("/")
        if word.islower():
            yield folded(word)
            yield from (folded(form) for form in _forms(word, flags, rules) if _kept(form))


def _kept(form: str) -> bool:
    return not (_RARE_VERB.search(form) or (len(form) > 6 and _CLITIC.search(form)))


def _suffix_rules(path: Path) -> dict[str, list[tuple[str, str, re.Pattern[str]]]]:
    rules: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) == 5 and fields[0] == "SFX":
            strip, add = ("" if field == "0" else field for field in (fields[2], fields[3].split("/")[0]))
            rules.setdefault(fields[1], []).append((strip, add, re.compile(fields[4] + "$")))
    return rules


def _forms(word: str, flags: str, rules: dict[str, list[tuple[str, str, re.Pattern[str]]]]) -> Iterator[str]:
    for flag in flags:
        for strip, add, condition in rules.get(flag, ()):
            if word.endswith(strip) and condition.search(word):
                yield word.removesuffix(strip) + add


if __name__ == "__main__":
    main(sys.argv[1:])
