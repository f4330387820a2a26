"""A real Postgres on loopback for the tests that need one: started for them, gone after them."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def postgres_binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``pg_ctl``, None where Postgres is not installed."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgres(binaries: Path) -> Iterator[str]:
    """Run a server on a free port of 127.0.0.1 and yield its URL."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        data = Path(folder) / "data"
        port = _free_port()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        _as_server_user(
            str(binaries / "initdb"), "-D", str(data), "-U", "uncase", "--auth=trust", "-E", "UTF8"
        )
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c fsync=off"
        control = str(binaries / "pg_ctl")
        _as_server_user(control, "-D", str(data), "-w", "-o", options, "-l", f"{folder}/log", "start")
        try:
            yield f"postgresql://uncase@127.0.0.1:{port}/postgres"
        finally:
            _as_server_user(control, "-D", str(data), "-m", "immediate", "stop")


def _as_server_user(*command: str) -> None:
    """Postgres refuses to run as root; Debian's package brings a user for it."""
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    subprocess.run(
        command, user=user if os.geteuid() == 0 else None, check=True, stdout=subprocess.DEVNULL, cwd="/"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
