"""OpenAssistant's trees: a prompt and what several people answered, as trees or as flat messages.

Of each answer the one that was ranked best is followed, so that a tree is one conversation; the others are counted.
"""

from collections.abc import Iterator
from typing import Any

from uncase_pipeline.raw import clock
from uncase_pipeline.raw.draft import Draft
from uncase_pipeline.raw.formats.base import ODD, Claim, Format, Probe, framed, set_aside
from uncase_pipeline.raw.formats.gathered import Piles
from uncase_pipeline.raw.json_values import Broken
from uncase_pipeline.raw.options import ReadOptions
from uncase_pipeline.raw.source import Source
from uncase_pipeline.records.conversation import Json, Message, Role
from uncase_pipeline.records.rejection import Rejection

_ROLES: dict[str, Role] = {"prompter": "user", "assistant": "assistant"}
_UNRANKED = 1_000
_KEPT = ("message_id", "parent_id", "role", "text", "created_date", "lang", "rank")


def _is_message(record: Any) -> bool:
    return isinstance(record, dict) and record.get("role") in _ROLES and isinstance(record.get("text"), str)


def _is_tree(record: Any) -> bool:
    return isinstance(record, dict) and "message_tree_id" in record and _is_message(record.get("prompt"))


def _is_flat(record: Any) -> bool:
    return _is_message(record) and {"message_id", "parent_id", "message_tree_id"} <= record.keys()


def _claim(probe: Probe) -> Claim | None:
    ours = probe.are_mostly(lambda record: _is_tree(record) or _is_flat(record))
    return Claim(0.97, "messages of OpenAssistant's trees") if ours else None


def _read(source: Source, options: ReadOptions) -> Iterator[Draft | Rejection]:
    flat: Piles[str, tuple[int, Json]] = Piles()
    for position, record in framed(source, Probe(source).framing, options.max_record_bytes):
        if isinstance(record, Broken):
            yield set_aside(source, record.reason, position)
        elif _is_flat(record):
            kept = {name: record.get(name) for name in _KEPT}
            flat.put(str(record["message_tree_id"]), (position, kept), position, record["text"])
        elif not _is_tree(record):
            yield set_aside(source, "not-a-conversation", position)
        else:
            yield from _guarded(source, record["prompt"], str(record["message_tree_id"]), position)
    for tree, messages in flat.items():
        roots = _planted(messages.items)
        unrooted = len(messages.items) - sum(_size(root) for _, root in roots)
        if unrooted:  # they answer each other in a circle, or have one id
            yield set_aside(source, "bad-tree", messages.position, rows=unrooted)
        for position, root in roots:
            yield from _guarded(source, root, tree, position)


def _planted(messages: list[tuple[int, Json]]) -> list[tuple[int, Json]]:
    """Hang each message under the one it answers, the first of an id only; return those that answer none."""
    nodes: dict[str, tuple[int, Json]] = {}
    for position, message in messages:
        nodes.setdefault(str(message["message_id"]), (position, {**message, "replies": []}))
    roots = []
    for position, node in nodes.values():
        _, parent = nodes.get(str(node["parent_id"]), (0, node))
        if parent is node:
            roots.append((position, node))
        else:
            parent["replies"].append(node)
    return roots


def _size(root: Json) -> int:
    """Return how many messages hang under one, with itself."""
    count, waiting = 0, [root]
    while waiting:
        count += 1
        waiting += waiting.pop()["replies"]
    return count


def _guarded(source: Source, root: Json, tree: str, position: int) -> Iterator[Draft | Rejection]:
    try:
        yield _draft(root, tree, position)
    except ODD:
        yield set_aside(source, "bad-shape", position)


def _draft(root: Json, tree: str, position: int) -> Draft:
    messages: list[Message] = []
    others = 0
    node: Json | None = root
    while node is not None:
        role = _ROLES[node["role"]]
        messages.append(Message(role, str(node["text"]), timestamp=clock.iso(node.get("created_date"))))
        replies = [reply for reply in node.get("replies") or () if _is_message(reply)]
        others += max(0, len(replies) - 1)
        node = min(replies, key=_rank, default=None)
    language = root.get("lang")
    return Draft(
        messages=messages,
        position=position,
        key=tree,
        roles_rule="format",
        language=language if isinstance(language, str) else None,
        metadata={"other_answers_left_out": others} if others else {},
    )


def _rank(reply: Json) -> float:
    rank = reply.get("rank")
    return float(rank) if isinstance(rank, int | float) else _UNRANKED


OPEN_ASSISTANT = Format("open-assistant", _claim, _read)
