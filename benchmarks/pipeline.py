"""Wall and CPU time per asset for 100 and 1,000 conversations, and the share that is Dagster's.

python -m benchmarks.pipeline [COUNT ...]
"""

import ctypes
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
DOMAIN = "automotive.sales"
MODULE = "uncase_pipeline.definitions"
_NAMES = ("Ximena", "Rodrigo", "Itzel", "Bruno", "Fátima", "Gael", "Noelia", "Iván")
_SURNAMES = ("Robledo", "Cárdenas", "Zúñiga", "Montalvo", "Arriaga", "Quiroz", "Beltrán", "Osuna")
_MODELS = ("sedán compacto", "camioneta familiar", "híbrido", "pickup")


def write_inbox(folder: Path, count: int, random_source: random.Random) -> None:
    """Write ``count`` OpenAI-JSONL conversations with invented people."""
    folder.mkdir(parents=True)
    with (folder / "chats.jsonl").open("w") as file:
        for number in range(count):
            file.write(json.dumps({"messages": _turns(number, random_source)}, ensure_ascii=False) + "\n")


def _turns(number: int, draw: random.Random) -> list[dict[str, str]]:
    name = f"{draw.choice(_NAMES)} {draw.choice(_SURNAMES)}"
    phone = f"55{draw.randrange(10**8):08d}"
    price, months = draw.randrange(240, 900) * 1000, draw.choice((12, 24, 36, 48, 60))
    model = draw.choice(_MODELS)
    return [
        {"role": "user", "content": f"Hola, soy {name}, ¿tienen {model} de unos ${price:,}?"},
        {
            "role": "assistant",
            "content": f"Buenas tardes. Sí, hay un {model} en ${price:,}. ¿De contado o a plazos?",
        },
        {"role": "user", "content": f"A {months} meses. Mi correo es cliente{number}@correo.mx"},
        {
            "role": "assistant",
            "content": f"A {months} meses la tasa es de 12.5 %. ¿A qué teléfono le llamamos?",
        },
        {"role": "user", "content": f"Al {phone}, por la tarde, por favor."},
        {"role": "assistant", "content": "Con gusto, le llamamos mañana. Gracias por escribirnos."},
    ]


def measure(count: int) -> None:
    """Run the data pipeline over ``count`` conversations and print what each asset took."""
    with tempfile.TemporaryDirectory() as home:
        write_inbox(Path(home, "inbox", DOMAIN), count, random.Random(count))
        (Path(home) / "dagster").mkdir()
        (Path(home) / "dagster" / "dagster.yaml").write_text(Path("dagster.yaml").read_text())
        environment = {
            **os.environ,
            "UNCASE_HOME": f"{home}/house",
            "UNCASE_LAKE": f"{home}/lake",
            "UNCASE_INBOX": f"{home}/inbox",
            "DAGSTER_HOME": f"{home}/dagster",
        }
        command = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", MODULE, "--select", "*"]
        wall, cpu = _timed([*command, "--partition", DOMAIN], environment)
        _print(count, wall, cpu, Path(home) / "lake")


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    _reap_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _adopt_orphans() -> None:
    """Make this process the parent of what its children leave: the server that steps are forked from."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap_orphans() -> None:
    """Wait for the adopted ones to end, so that their CPU time is counted."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def _print(count: int, wall: float, cpu: float, lake: Path) -> None:
    print(f"\n{count} conversations{'wall s':>22}{'CPU s':>9}{'rows out':>10}")
    own_wall = own_cpu = 0.0
    for pointer in sorted(lake.glob(f"*/{DOMAIN}/current.json")):
        version = json.loads(pointer.read_text())
        tally = json.loads((pointer.parent / "versions" / version["version"] / "tally.json").read_text())
        own_wall, own_cpu = own_wall + version["seconds"], own_cpu + version["cpu_seconds"]
        name = pointer.parts[-3]
        print(f"  {name:28}{version['seconds']:>9.2f}{version['cpu_seconds']:>9.2f}{tally['rows_out']:>10}")
    print(f"  {'whole run':28}{wall:>9.2f}{cpu:>9.2f}")
    print(f"  {'Dagster, start-up, checks':28}{wall - own_wall:>9.2f}{cpu - own_cpu:>9.2f}", end="")
    print(f"   = {1 - own_wall / wall:.0%} of wall, {1 - own_cpu / cpu:.0%} of CPU")


if __name__ == "__main__":
    _adopt_orphans()
    for size in [int(argument) for argument in sys.argv[1:]] or [100, 1000]:
        measure(size)
