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
from typing import Any

from benchmarks.raw_files import MAKERS

_MEGABYTE = 1_000_000


def _ours(path: Path) -> int:
    """Everything up to finished conversations: hash, encoding, detection, parsing, roles, ids."""
    from uncase_pipeline.domains import domain_of
    from uncase_pipeline.raw.options import ReadOptions
    from uncase_pipeline.raw.reader import read

    options = ReadOptions(domain=domain_of("automotive.sales"), subject_key=b"k" * 32)
    return sum(1 for _ in read(path, options))


def _import(path: Path) -> int:
    """The command: as above, and native lines written to a file."""
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
WAYS: dict[str, Callable[[Path], int]] = {"ours": _ours, "import": _import, "bare": _bare}


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
