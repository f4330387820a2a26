"""Reads the embedded catalogues that simulators answer from. Knows files, not tools."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue(name: str) -> dict[str, Any]:
    """Return a catalogue: the tables of ``catalogues/<name>.toml``."""
    return tomllib.loads(files(__package__).joinpath("catalogues", f"{name}.toml").read_text("utf-8"))
