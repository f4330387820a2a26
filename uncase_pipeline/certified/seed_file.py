"""Seeds in a file: one JSON object a line, or one JSON list. Knows the wire, not where seeds come from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.seed import Seed


def read_seed_file(path: Path) -> Iterator[Seed]:
    """Yield the seeds of a file.

    Raises:
        UncaseError: ``no-such-file``; ``bad-seed``, naming the seed by its number and the field at fault.
    """
    if not path.is_file():
        raise UncaseError("no-such-file", f"There is no file {path}.", "Give a file of seeds.")
    for number, document in enumerate(_documents(path), start=1):
        yield _seed(document, f"{path.name} seed {number}")


def _documents(path: Path) -> Iterator[Any]:
    content = path.read_bytes()
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        yield from _lines(content, path.name)
        return
    yield from whole if isinstance(whole, list) else [whole]


def _lines(content: bytes, name: str) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                raise UncaseError(
                    "bad-seed", f"{name} line {number} is not a JSON object.", "Write one seed per line."
                ) from None


def _seed(document: Any, where: str) -> Seed:
    try:
        return Seed.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the object"
        raise UncaseError(
            "bad-seed", f"{where}: {field}: {first['msg'].lower()}.", "Check it with `uncase seed validate`."
        ) from None
