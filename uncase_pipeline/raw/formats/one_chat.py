"""A file that is one chat: every message in it is held until it ends. Knows no format."""

from collections.abc import Callable, Iterable, Iterator

from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import set_aside
from uncase_pipeline.raw.formats.chat import Said, chat
from uncase_pipeline.raw.formats.gathered import Held
from uncase_pipeline.raw.formats.markup import Element, elements
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.raw.turns import BadRecordError
from uncase_pipeline.records.rejection import Rejection


def one_chat(
    source: Source,
    told: Iterable[Said | Rejection],
    options: ReadOptions,
    name: str,
    title: Callable[[], str | None] = lambda: None,
) -> Iterator[Draft | Rejection]:
    """Yield what could not be read, then the conversations of the chat.

    Args:
        source: The file.
        told: Its messages, in their order; who tells them keeps to the bound.
        options: How to read.
        name: The format.
        title: What the file calls the chat and who stands on the other side; asked for at its end. A chat
            without one is named by its first message.
    """
    said: list[Said] = []
    for item in told:
        if isinstance(item, Rejection):
            yield item
        else:
            said.append(item)
    first = next(((item.author, item.timestamp, item.text) for item in said), None)
    try:
        yield from chat(said, options, thread=(name, title() or first), counterpart=title())
    except BadRecordError as error:
        yield set_aside(source, error.reason)


def told_on_page(
    source: Source,
    options: ReadOptions,
    wanted: Callable[[str, frozenset[str]], bool],
    read: Callable[[Element], Iterable[Said]],
) -> Iterator[Said | Rejection]:
    """Yield what each wanted element of a page says; one that can't be read is set aside at its position.

    Raises:
        CannotReadError: ``too-much-to-hold``.
    """
    held = Held()
    for position, element in enumerate(elements(source, wanted, options.max_record_bytes)):
        if isinstance(element, str):
            yield set_aside(source, element, position)
        else:
            for item in read(element):
                held.add(item.text, item.author or "")
                yield item
