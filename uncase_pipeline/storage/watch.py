"""When a watched folder has something new: a pure decision over two looks at it. Knows nothing of Dagster.

A file that is still being written changes between two looks, so a folder is read only when it looked the same
twice. The run key is made from content: a tick that dies after its request can't launch the same work twice.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder looked like.

    Attributes:
        signature: Hash of names, sizes and modification times.
        hashed: The signature under which content was last hashed: contents are not read at every look.
        requested: Content hash of the last request.
    """

    signature: str = ""
    hashed: str = ""
    requested: str = ""


@dataclass(slots=True)
class Decision:
    """What to do after a look at every folder.

    Attributes:
        requests: Content hash per partition that has something new and at rest.
        waiting: Partitions whose files were still changing.
        cursor: To be kept for the next look.
    """

    requests: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    cursor: str = "{}"


def decide(folders: Mapping[str, Path], cursor: str | None) -> Decision:
    """Compare every folder with the last look at it.

    Args:
        folders: Folder per partition; a folder that is not there is empty.
        cursor: Of the last decision, None at first.
    """
    before = {name: Look(**look) for name, look in json.loads(cursor or "{}").items()}
    decision = Decision()
    after: dict[str, Look] = {}
    for partition, folder in folders.items():
        last = before.get(partition, Look())
        after[partition] = look = _look(folder, last)
        if look.signature != last.signature and look.signature:
            decision.waiting.append(partition)
        if look.requested != last.requested:
            decision.requests[partition] = look.requested
    decision.cursor = json.dumps({name: asdict(look) for name, look in after.items()}, sort_keys=True)
    return decision


def _look(folder: Path, last: Look) -> Look:
    files = finished_files(folder)
    try:
        signature = _signature(folder, files)
        if not files or signature != last.signature or signature == last.hashed:
            return replace(last, signature=signature)
        return Look(signature, signature, _content(folder, files))
    except FileNotFoundError:
        return replace(last, signature="")


def finished_files(folder: Path) -> list[Path]:
    """Return the regular files below a folder that no program marks as unfinished or hidden."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and path.suffix.lower() not in _UNFINISHED
    )


def _signature(folder: Path, files: list[Path]) -> str:
    if not files:
        return ""
    stats = [(str(path.relative_to(folder)), path.stat()) for path in files]
    facts = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]


def _content(folder: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:24]
