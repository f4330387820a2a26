"""Errors that may be shown: an asset's exceptions, without what they choked on. Knows no layer.

Dagster stores an exception with its causes in the event log, where raw text must never be. Our own errors are
written for readers and hold none; any other is reduced to its type and the line that raised it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import DagsterError, DagsterExecutionInterruptedError, Failure

from uncase_pipeline.errors import UncaseError, place_of


@contextmanager
def sealed_errors() -> Iterator[None]:
    """Re-raise every error as a ``Failure`` without content; what Dagster itself raises passes through.

    Raises:
        Failure: Ours with code, message and remedy; others with their type and place. Never retried: the
            same input fails the same way.
    """
    try:
        yield
    except (Failure, DagsterError, DagsterExecutionInterruptedError, GeneratorExit, KeyboardInterrupt):
        raise
    except UncaseError as error:
        raise _failure(f"{error.message} {error.remedy}", error.code) from None
    except OSError as error:
        raise _failure(_disk(error), "storage") from None
    except BaseException as error:
        raise _failure(f"{type(error).__name__} at {place_of(error)}.", "internal") from None


def _failure(description: str, code: str) -> Failure:
    return Failure(description, metadata={"code": code}, allow_retries=False)


def _disk(error: OSError) -> str:
    """Say what the system said of a file: its message holds a path, not what is in it."""
    what = error.strerror or type(error).__name__
    return (
        f"{what} ({error.filename or 'no file named'}) at {place_of(error)}. Make room or correct the rights, "
        "then run again; the last good version is unchanged."
    )
