"""YAML: what it holds is read as if it were JSON. Knows YAML's framing, no shape of its own but chatterbot's."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, Shape, read_record, unwrapped
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import CannotReadError, Source
from uncase_pipeline.records.rejection import Rejection

_ENDINGS = (".yml", ".yaml")
_BY_NAME = 0.9
_LIMIT = 16 * 1024 * 1024


class _Loader(yaml.SafeLoader):
    """Text, numbers and truths; times stay text, and nothing is said by reference: a small file could grow huge."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise CannotReadError("yaml-alias")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def yaml_of(shapes: Callable[[], Iterable[Shape]]) -> Format:
    """Return the format that reads each value of a YAML file by the first shape that knows it."""

    def claim(probe: Probe) -> Claim | None:
        if not probe.source.name.lower().endswith(_ENDINGS):
            return None
        try:
            known = any(_knows(value, shapes()) for _, value in _values(probe.source))
        except CannotReadError:
            return Claim(_BY_NAME, "the name of a YAML file")
        return Claim(_BY_NAME, "YAML with conversations in it") if known else None

    def read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
        for position, value in _values(source):
            yield from read_record(source, value, position, list(shapes()), options)

    return Format("yaml", claim, read)


def _knows(value: Any, shapes: Iterable[Shape]) -> bool:
    return next(unwrapped(value, list(shapes)), None) is not None


def _values(source: Source) -> Iterator[tuple[int, Any]]:
    """Yield the values of a file: the elements of its lists, or each document.

    Raises:
        CannotReadError: ``bad-yaml``, ``yaml-alias`` or ``record-too-long``.
    """
    if source.size > _LIMIT:
        raise CannotReadError("record-too-long")
    try:
        documents = list(yaml.load_all(b"".join(source.utf8_blocks()), _Loader))
    except (yaml.YAMLError, *ODD):
        raise CannotReadError("bad-yaml") from None
    values = (value for document in documents for value in _elements(document))
    yield from enumerate(values)


def _elements(document: Any) -> Iterable[Any]:
    if isinstance(document, dict) and isinstance(document.get("conversations"), list):
        document = document["conversations"]
    return map(_as_turns, document) if isinstance(document, list) else [document]


def _as_turns(value: Any) -> Any:
    """Return a conversation of chatterbot, a list of what is said in turn, as an object with turns."""
    in_turn = isinstance(value, list) and len(value) > 1 and all(isinstance(text, str) for text in value)
    return {"turns": value} if in_turn else value
