"""Speed and memory of the importers, beside the bare reader of each format as the limit.

``python -m benchmarks.raw [--sizes 20,100,1000] [--formats csv,openai,sharegpt,whatsapp]``. Every figure comes
from a process of its own: MB per CPU-second (user and system), and the peak of resident memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.raw_files import MAKERS

if TYPE_CHECKING:
    from uncase_pipeline.raw.options import ReadOptions

_MEGABYTE = 1_000_000
_DOMAIN = "automotive.sales"


def _ours(path: Path) -> int:
    """What the asset reads: hash, encoding, detection, parsing, roles, ids, into record batches."""
    from uncase_pipeline.raw.reader import read_batches
    from uncase_pipeline.records.arrow import Pack
    from uncase_pipeline.records.rejection import Rejection

    pack = Pack()
    items = read_batches(path, _options(), pack)
    rows: int = sum(item.num_rows for item in items if not isinstance(item, Rejection))
    return rows + len(pack)


def _objects(path: Path) -> int:
    """What the commands read: as above, into conversations as objects."""
    from uncase_pipeline.raw.reader import read

    return sum(1 for _ in read(path, _options()))


def _stored(path: Path) -> int:
    """The whole asset: read, compared with what is known, encrypted in the vault, published."""
    import logging

    from uncase_pipeline.raw.store import ASSET, store_inbox
    from uncase_pipeline.settings import Settings
    from uncase_pipeline.storage.lake import Lake

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        home = Path(folder)
        config = Settings(
            home=home, lake=str(home / "lake"), inbox=home / "inbox", feedback=home / "feedback"
        )
        inbox = config.inbox / _DOMAIN
        inbox.mkdir(parents=True)
        (inbox / path.name).hardlink_to(path)
        lake = Lake.open(config)
        with lake.stage(ASSET, _DOMAIN) as stage:
            tally, _ = store_inbox(config, lake, stage, _DOMAIN, log=logging.getLogger())
            stage.publish()
    return tally.rows_out


def _options() -> "ReadOptions":
    from uncase_pipeline.domains import domain_of
    from uncase_pipeline.raw.options import ReadOptions

    return ReadOptions(domain=domain_of(_DOMAIN), subject_key=b"k" * 32)


def _import(path: Path) -> int:
    """The command: conversations as objects, and native lines written to a file."""
    from typer.testing import CliRunner

    from uncase_pipeline.cli.app import app

    done = CliRunner().invoke(app, ["import", str(path), "-o", str(path.with_suffix(".native")), "--json"])
    path.with_suffix(".native").unlink()
    return int(json.loads(done.stdout)["written"])


def _bare(path: Path) -> int:
    """The limit: the fastest reader of the format that there is, doing nothing with what it read."""
    if path.suffix == ".csv":
        import pyarrow.csv as reader

        options = reader.ReadOptions(use_threads=False)
        parse = reader.ParseOptions(newlines_in_values=True)
        return sum(batch.num_rows for batch in reader.open_csv(path, options, parse))
    if path.suffix == ".jsonl":
        import orjson

        with path.open("rb") as file:
            return sum(len(orjson.loads(line)) for line in file)
    with path.open("rb") as file:
        return sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))


FORMAT_OF = {file: name for name, (file, _) in MAKERS.items()}
WAYS: dict[str, Callable[[Path], int]] = {
    "ours": _ours,
    "stored": _stored,
    "objects": _objects,
    "import": _import,
    "bare": _bare,
}


def measure(way: str, path: Path) -> dict[str, Any]:
    """Run one way over one file in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.raw", "--one", way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _one(way: str, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # loading modules is no part of the speed
        small = Path(folder) / path.name
        MAKERS[FORMAT_OF[path.name]][1](small, 10_000)
        WAYS[way](small)
    started = time.process_time()
    count = WAYS[way](path)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = path.stat().st_size / _MEGABYTE / seconds
    print(json.dumps({"count": count, "mb_per_cpu_second": round(speed, 1), "peak_mb": round(peak)}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="20,100,1000", help="megabytes")
    parser.add_argument("--formats", default=",".join(MAKERS))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        _one(arguments.one[0], Path(arguments.one[1]))
        return
    print("| format | MB | way | records | MB per CPU-second | peak MB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.formats.split(","):
            file, make = MAKERS[name]
            for size in map(int, arguments.sizes.split(",")):
                path = Path(folder) / file
                make(path, size * _MEGABYTE)
                for way in arguments.ways.split(","):
                    got = measure(way, path)
                    figures = (got["count"], got["mb_per_cpu_second"], got["peak_mb"])
                    print(f"| {name} | {size} | {way} | {' | '.join(map(str, figures))} |", flush=True)
                path.unlink()


if __name__ == "__main__":
    main()
