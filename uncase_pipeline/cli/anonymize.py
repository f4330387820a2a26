"""``uncase anonymize``: masks native conversations in a file, and says where it found what."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

import orjson
import typer

from uncase_pipeline.cli.output import AsJson, answer, errors_answered
from uncase_pipeline.errors import UncaseError

if TYPE_CHECKING:
    from uncase_pipeline.anonymized.anonymizer import Anonymized, Quarantined
    from uncase_pipeline.anonymized.work import Outcome, Task
    from uncase_pipeline.records.conversation import Conversation


@dataclass(slots=True)
class _Summary:
    read: int = 0
    written: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        return {
            "conversations": self.read,
            "anonymized": self.written,
            "quarantined": self.reasons.total(),
            "reasons": dict(self.reasons),
            "entities": dict(self.entities.most_common()),
        }

    def text(self, out: Path) -> str:
        lines = [f"{self.written} of {self.read} conversations masked, in {out}."]
        lines += [f"  {entity:<18}{count:>8}" for entity, count in self.entities.most_common()]
        lines += [f"{count} held back: {reason}." for reason, count in self.reasons.most_common()]
        return "\n".join(lines)


def anonymize_command(  # noqa: PLR0917 - options of a command
    source: Annotated[
        Path, typer.Argument(metavar="IN.jsonl", help="Native conversations; see `uncase import`.")
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="Where the masked conversations go.")],
    policy: Annotated[
        Literal["tokens", "surrogates"] | None, typer.Option(help="[PERSON_1], or realistic stand-ins.")
    ] = None,
    profile: Annotated[
        Literal["strict", "balanced"] | None, typer.Option(help="Mask on suspicion, or on good evidence.")
    ] = None,
    spans: Annotated[
        Path | None,
        typer.Option(
            help="Also write what was found: per conversation, messages[].spans[] of start, end, type, score."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Mask every direct identifier; what the audit is unsure of is held back and never written.

    Exits 1 where every conversation was held back.
    """
    with errors_answered(as_json=as_json):
        summary = _Summary()
        with _writing(out) as masked, _writing(spans) as found:
            for conversation, outcome in _outcomes(source, _task(policy, profile)):
                _note(summary, conversation, outcome)
                kept = _kept(outcome)
                if kept is not None and masked:
                    masked.write(kept + b"\n")
                if found:
                    found.write(orjson.dumps(_spans_line(conversation, outcome)) + b"\n")
        yes = bool(summary.written) or not summary.read
        answer(summary.document(), as_json=as_json, text=summary.text(out), yes=yes)


def _task(policy: str | None, profile: str | None) -> "Task":
    from uncase_pipeline.anonymized.work import Task
    from uncase_pipeline.settings import settings
    from uncase_pipeline.storage.vault import Vault

    chosen = {"anonymize_policy": policy, "anonymize_profile": profile}
    config = settings().model_copy(update={name: value for name, value in chosen.items() if value})
    return Task.of(config, lambda: Vault.open(config))


def _outcomes(source: Path, task: "Task") -> "Iterator[Outcome]":
    from uncase_pipeline.anonymized.work import anonymize_all

    if not source.is_file():
        raise UncaseError(
            "no-such-file", f"There is no file {source}.", "Give a JSONL file of conversations."
        )
    return anonymize_all(_read(source), task)


def _read(source: Path) -> "Iterator[Conversation]":
    from uncase_pipeline.records import native

    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield native.loads(line, where=f"{source.name} line {number}")


@contextmanager
def _writing(path: Path | None) -> Iterator[IO[bytes] | None]:
    """Write beside the target and rename at the end, so that a failed run leaves nothing half written."""
    if path is None:
        yield None
        return
    if not path.absolute().parent.is_dir():
        raise UncaseError("no-such-folder", f"There is no folder {path.parent}.", "Create it first.")
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        os.replace(draft, path)  # noqa: PTH105 - one call, atomic on POSIX
    finally:
        draft.unlink(missing_ok=True)


def _note(summary: _Summary, conversation: "Conversation", outcome: "Anonymized | Quarantined") -> None:
    from uncase_pipeline.anonymized.anonymizer import Anonymized

    summary.read += 1
    if isinstance(outcome, Anonymized):
        summary.written += 1
        summary.entities.update(outcome.counts)
    else:
        summary.reasons[outcome.reason] += 1


def _kept(outcome: "Anonymized | Quarantined") -> bytes | None:
    from uncase_pipeline.anonymized.anonymizer import Anonymized
    from uncase_pipeline.records import native

    return (
        native.dumps(outcome.surrogates or outcome.conversation) if isinstance(outcome, Anonymized) else None
    )


def _spans_line(conversation: "Conversation", outcome: "Anonymized | Quarantined") -> dict[str, Any]:
    def spans(path: str) -> list[dict[str, Any]]:
        return [
            {"start": span.start, "end": span.end, "type": span.entity, "score": round(span.score, 3)}
            for span in outcome.spans.get(path, [])
        ]

    return {
        "conversation_id": conversation.conversation_id,
        "quarantined": getattr(outcome, "reason", None),
        "messages": [
            {"index": index, "spans": spans(f"messages[{index}].content")}
            for index in range(len(conversation.messages))
        ],
    }
