"""Rules that lie beside the files: ``uncase-import.toml`` says how the files of its folder are to be read.

It holds for the folder and all below it; an inner one goes before an outer one, a pattern before its folder, and
what a person asks for on the command line before all::

    format = "whatsapp"          # instead of looking
    locale = "es_MX"             # decides 03/04 where a file can't
    gap_minutes = 720            # silence that ends a conversation
    assistant_names = ["Ana Ruiz", "+52 55 1234 5678"]

    [files."*.csv"]              # the same settings, for some of the files
    format = "csv"
"""

import tomllib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from uncase_pipeline.domains import DOMAINS
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import CannotReadError, open_regular

FILE = "uncase-import.toml"
_KINDS: dict[str, type] = {"format": str, "locale": str, "gap_minutes": int, "assistant_names": list}
_LIMIT = 64 * 1024


def ruled(path: Path, options: ReadOptions) -> ReadOptions:
    """Return the options with the rules that hold for a file.

    Raises:
        UncaseError: ``bad-import-rules``; a rule that can't be followed stops the import, so that nothing is read
            otherwise than it was meant.
    """
    found: dict[str, Any] = {}
    for folder in _folders(path.absolute()):
        rules = _rules(folder / FILE)
        found |= rules.get("", {})
        relative = path.absolute().relative_to(folder)
        for pattern, settings in rules.items():
            if pattern and relative.match(pattern):
                found |= settings
    return _applied(options, found) if found else options


def _folders(path: Path) -> list[Path]:
    """Return the folders whose rules hold, outermost first: from that of the domain, else the file's own."""
    above = list(path.parents)
    domain = next((number for number, folder in enumerate(above) if folder.name in DOMAINS), 0)
    return above[domain::-1]


def _rules(path: Path) -> dict[str, dict[str, Any]]:
    """Return the settings by pattern; those of the whole folder under the empty one."""
    if not path.is_file():
        return {}
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _parsed(path: Path, _changed: int) -> dict[str, dict[str, Any]]:
    try:
        with open_regular(path) as file:
            document = tomllib.loads(file.read(_LIMIT).decode())
    except (CannotReadError, OSError, ValueError):
        raise _bad("it can't be read as TOML") from None
    patterns = document.pop("files", {})
    if not isinstance(patterns, dict) or not all(isinstance(rules, dict) for rules in patterns.values()):
        raise _bad('files are written as [files."*.csv"]')
    rules = {"": document, **patterns}
    for settings in rules.values():
        _check(settings)
    return rules


def _check(settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        if name not in _KINDS:
            raise _bad(f"it has a setting that does not exist; it takes {', '.join(_KINDS)}")
        kind = _KINDS[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise _bad(f"{name} is not of the type {kind.__name__}")
    names = settings.get("assistant_names", [])
    if not all(isinstance(name, str) for name in names) or settings.get("gap_minutes", 1) < 1:
        raise _bad("assistant_names are texts, and gap_minutes is at least 1")


def _applied(options: ReadOptions, found: dict[str, Any]) -> ReadOptions:
    changes: dict[str, Any] = {}
    if "format" in found:
        changes["format"] = found["format"]
    if "locale" in found:
        changes |= {"locale": found["locale"], "locale_chosen": True}
    if "gap_minutes" in found:
        changes["gap_seconds"] = found["gap_minutes"] * 60
    if "assistant_names" in found:
        changes["assistant_names"] = (*options.assistant_names, *found["assistant_names"])
    return replace(options, **changes)


def _bad(why: str) -> UncaseError:
    return UncaseError(
        "bad-import-rules",
        f"An {FILE} can't be followed: {why}.",
        "Correct it, or take it out of the folder.",
    )
