"""The lake: versions of assets, staged, audited and then published. Knows files, not what is in them.

A version is a folder of files. It is written beside the published ones, and becomes current when one small
pointer file is replaced, which is atomic on a disk and on an object store. Whatever happens before that, the
last good version stays current. Files whose name ends in ``.vault.parquet`` are encrypted.
"""

import fcntl
import hashlib
import json
import resource
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.ids import canonical_json
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.vault import Vault

VAULT_SUFFIX = ".vault.parquet"
_POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of one partition of one asset.

    Attributes:
        id: Hash of its files: same content, same id. Encrypted files count by the hash that the writer gives.
        folder: Where it is, in the lake's filesystem.
        files: SHA-256 per file name.
        seconds: Wall time from opening the stage to publishing it; kept beside the files, not in them.
        cpu_seconds: CPU time of the same span, of this process and of those it waited for.
    """

    id: str
    folder: str
    files: dict[str, str]
    lake: "Lake"
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def path(self, name: str) -> str:
        """Return the path of a file of this version."""
        return f"{self.folder}/{name}"

    def batches(self, name: str, *, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Stream the record batches of a Parquet file."""
        with self._parquet(name) as file:
            yield from file.iter_batches(1_000, columns=columns)

    def schema(self, name: str) -> pa.Schema:
        """Return the schema of a Parquet file."""
        with self._parquet(name) as file:
            return file.schema_arrow

    @contextmanager
    def _parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        keys = self.lake.vault.reading() if name.endswith(VAULT_SUFFIX) else None
        with self.lake.fs.open(self.path(name), "rb") as file:
            yield pq.ParquetFile(file, decryption_properties=keys)

    def json(self, name: str) -> Any:
        """Read a JSON file."""
        return json.loads(self.lake.fs.cat_file(self.path(name)))

    def changed_files(self) -> list[str]:
        """Return the names of the files whose bytes are no longer those that were published."""
        return [name for name, digest in self.files.items() if self.lake.digest(self.path(name)) != digest]


class Stage:
    """A version that is being written. Nobody reads it before ``publish``."""

    def __init__(self, lake: "Lake", home: str) -> None:
        self._lake = lake
        self._home = home
        self.folder = f"{home}/.staging-{uuid.uuid4().hex}"
        self._content: dict[str, str] = {}
        self._opened = time.perf_counter(), _cpu_seconds()
        lake.fs.makedirs(self.folder, exist_ok=True)

    def path(self, name: str) -> str:
        """Return the path at which a file of this stage is to be written."""
        return f"{self.folder}/{name}"

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of this stage for writing."""
        target = self.path(name)
        self._lake.fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        with self._lake.fs.open(target, "wb") as file:
            yield file

    @contextmanager
    def writer(self, name: str, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
        """Open a Parquet file of this stage; write with ``write_batch``. Encrypted if its name says so."""
        keys = self._lake.vault.writing(schema) if name.endswith(VAULT_SUFFIX) else None
        with (
            self.open(name) as file,
            pq.ParquetWriter(file, schema, compression="zstd", encryption_properties=keys) as writer,
        ):
            yield writer

    def write_json(self, name: str, document: Any) -> None:
        """Write a JSON file, readable and with sorted keys."""
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        with self.open(name) as file:
            file.write(text.encode())

    def name_content(self, name: str, digest: str) -> None:
        """Give an encrypted file a digest of its plain content, so that equal content is an equal version."""
        self._content[name] = digest

    def batches(self, name: str) -> Iterator[pa.RecordBatch]:
        """Read back what was staged: the audit reads bytes, not what the writer remembers."""
        return Version("staged", self.folder, {}, self._lake).batches(name)

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of every file written so far, by name."""
        return {
            path.removeprefix(f"{self.folder}/"): self._lake.digest(path)
            for path in sorted(self._lake.fs.find(self.folder))
        }

    def publish(self) -> Version:
        """Make this the current version, in one step."""
        fs = self._lake.fs
        files = self.files()
        identity = hashlib.sha256(canonical_json({**files, **self._content})).hexdigest()[:24]
        folder = f"{self._home}/versions/{identity}"
        if fs.exists(folder):
            fs.rm(folder, recursive=True)
        fs.makedirs(f"{self._home}/versions", exist_ok=True)
        fs.mv(self.folder, folder, recursive=True)
        wall, cpu = time.perf_counter() - self._opened[0], _cpu_seconds() - self._opened[1]
        version = Version(identity, folder, files, self._lake, round(wall, 3), round(cpu, 3))
        self._lake.point(self._home, version)
        return version

    def discard(self) -> None:
        """Forget what was staged."""
        if self._lake.fs.exists(self.folder):
            self._lake.fs.rm(self.folder, recursive=True)


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Lake:
    """All versions of all assets, on any fsspec filesystem."""

    def __init__(self, root: str, vault: Vault, *, keep_versions: int = 3) -> None:
        self.fs, path = fsspec.core.url_to_fs(root)
        self.root = str(path).rstrip("/")
        self.vault = vault
        self._keep = keep_versions

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the lake that the settings name."""
        return cls(settings.lake, Vault.open(settings), keep_versions=settings.keep_versions)

    @contextmanager
    def stage(self, asset: str, partition: str) -> Iterator[Stage]:
        """Stage a version. Left without ``publish``, by an error or not, it leaves no trace.

        Raises:
            UncaseError: ``already-running`` where another run is writing the same partition.
        """
        home = f"{self.root}/{asset}/{partition}"
        self.fs.makedirs(home, exist_ok=True)
        with self._only_writer(home, asset, partition):
            stage = Stage(self, home)
            try:
                yield stage
            finally:
                stage.discard()

    def current(self, asset: str, partition: str) -> Version | None:
        """Return the current version, None where nothing was ever published."""
        try:
            pointer = json.loads(self.fs.cat_file(f"{self.root}/{asset}/{partition}/{_POINTER}"))
        except FileNotFoundError:
            return None
        folder = f"{self.root}/{asset}/{partition}/versions/{pointer['version']}"
        return Version(
            pointer["version"], folder, pointer["files"], self, pointer["seconds"], pointer["cpu_seconds"]
        )

    def require(self, asset: str, partition: str) -> Version:
        """Return the current version.

        Raises:
            UncaseError: ``nothing-published``, naming the asset to materialize.
        """
        version = self.current(asset, partition)
        if version is None:
            raise UncaseError(
                "nothing-published",
                f"There is no published version of {asset} for {partition}.",
                f"Run `dagster asset materialize --select {asset} --partition {partition}` first.",
            )
        return version

    def point(self, home: str, version: Version) -> None:
        """Replace the pointer, then drop the versions that are neither current nor among the newest."""
        pointer = canonical_json(
            {
                "version": version.id,
                "files": version.files,
                "seconds": version.seconds,
                "cpu_seconds": version.cpu_seconds,
            }
        )
        draft = f"{home}/.{_POINTER}-{uuid.uuid4().hex}"
        self.fs.pipe_file(draft, pointer)
        self.fs.mv(draft, f"{home}/{_POINTER}")
        self._drop_versions(home, version, keep=self._keep)

    def _drop_versions(self, home: str, current: Version, *, keep: int) -> None:
        entries = self.fs.ls(f"{home}/versions", detail=True)
        folders = [entry for entry in entries if entry["type"] == "directory"]
        folders.sort(key=lambda entry: (entry["name"] == current.folder, entry.get("mtime") or 0))
        for entry in folders[:-keep]:
            self.fs.rm(entry["name"], recursive=True)

    def forget_older(self, asset: str, partition: str) -> None:
        """Remove every version but the current one, for good."""
        current = self.current(asset, partition)
        if current is not None:
            self._drop_versions(f"{self.root}/{asset}/{partition}", current, keep=1)

    def withdraw(self, asset: str, partition: str) -> None:
        """Remove every version: nothing is published any more until the asset is materialized again."""
        home = f"{self.root}/{asset}/{partition}"
        with self._only_writer(home, asset, partition):
            self.fs.rm(f"{home}/{_POINTER}")
            self.fs.rm(f"{home}/versions", recursive=True)

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file."""
        with self.fs.open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def _only_writer(self, home: str, asset: str, partition: str) -> Iterator[None]:
        """Hold the partition's lock; it ends with its process, so a killed run leaves none behind."""
        if "file" not in self.fs.protocol:
            yield
            return
        with (Path(home) / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UncaseError(
                    "already-running",
                    f"Another run is writing {asset} for {partition}.",
                    "Wait for it to end, or cancel it in the Dagster UI; this run changed nothing.",
                ) from None
            for leftover in self.fs.glob(f"{home}/.staging-*"):
                self.fs.rm(leftover, recursive=True)
            yield
