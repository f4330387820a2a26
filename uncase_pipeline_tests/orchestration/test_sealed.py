"""No error of an asset shows what it choked on."""

import errno
from pathlib import Path

import pytest
from dagster import DagsterInstance, Failure, asset, materialize

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.orchestration.sealed import sealed_errors

SECRET = "Ximena Robledo 5512345678"


def _choke() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


def stored_text(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def run(tmp_path: Path, *, sealed: bool) -> bytes:
    @asset
    def choking() -> None:
        if sealed:
            with sealed_errors():
                _choke()
        _choke()

    home = tmp_path / f"dagster-{sealed}"
    home.mkdir()
    with DagsterInstance.local_temp(str(home)) as instance:
        assert not materialize([choking], instance=instance, raise_on_error=False).success
    return stored_text(home)


def test_the_event_log_holds_no_content_of_an_error(tmp_path: Path) -> None:
    assert SECRET.encode() not in run(tmp_path, sealed=True)


def test_without_the_seal_the_event_log_would_hold_it(tmp_path: Path) -> None:
    assert SECRET.encode() in run(tmp_path, sealed=False)


def test_our_own_errors_keep_their_message_and_remedy() -> None:
    with pytest.raises(Failure, match=r"The inbox is empty\. Put a file there\.") as caught, sealed_errors():
        raise UncaseError("inbox-empty", "The inbox is empty.", "Put a file there.")
    assert caught.value.allow_retries is False


def test_a_full_disk_is_named_with_its_remedy() -> None:
    with pytest.raises(Failure, match=r"No space left on device .*Make room"), sealed_errors():
        raise OSError(errno.ENOSPC, "No space left on device", "/lake/rows.parquet")


def test_a_foreign_error_names_its_type_and_place() -> None:
    with pytest.raises(Failure, match=r"RuntimeError at test_sealed.py:\d+ \(_choke\)"), sealed_errors():
        _choke()
