"""The journal: every answer that was paid for, on disk before it is used. Knows no provider and no parser.

Raw answers and parsed rows have keys of their own: a changed parser parses again and does not pay again. An
answer with identifiers in it is kept without its text; with the setting on, or the gate not blocking, entries
are encrypted. What was spent is a table beside the entries, written in the same transaction.
"""

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import spending
from uncase_pipeline.gateway.commits import Commits
from uncase_pipeline.gateway.spending import Caps, Costs, Grouping, Hold, Spent
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.vault import Vault

_NONCE = 12
_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
  key TEXT PRIMARY KEY, run_id TEXT NOT NULL, day TEXT NOT NULL, finished_at REAL NOT NULL,
  asked_model TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL, payload_hash TEXT NOT NULL,
  sample INTEGER NOT NULL, template TEXT NOT NULL, domain TEXT, seed_id TEXT, row TEXT, purpose TEXT,
  prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, cost_usd REAL,
  refused TEXT, sealed INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replies_run ON replies (run_id);
CREATE TABLE IF NOT EXISTS parsed (
  reply TEXT NOT NULL, parser TEXT NOT NULL, sealed INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (reply, parser)
) WITHOUT ROWID;
"""
_COLUMNS = (
    "key, run_id, day, finished_at, asked_model, model, provider, payload_hash, sample, template, domain, "
    "seed_id, row, purpose, prompt_tokens, completion_tokens, cost_usd, refused, sealed, body"
)


_NAMES = _COLUMNS.split(", ")
_WIDTH = len(_NAMES)
_DAY, _RUN = _NAMES.index("day"), _NAMES.index("run_id")


@dataclass(frozen=True, slots=True)
class Kept:
    """One journaled answer.

    Attributes:
        key: Key of the request.
        asked_model: The model specification that was asked.
        model: The model that answered, as routed.
        provider: Who answered.
        answer: The raw answer: message, finish reason and usage as the provider gave them. Without its
            message where it was refused.
        cost_usd: None where no price is known.
        refused: Why it may not be used, None where it may.
        detail: The sentence of the refusal.
    """

    key: str
    asked_model: str
    model: str
    provider: str
    payload_hash: str
    sample: int
    template: str
    lineage: Json
    answer: Json
    cost_usd: float | None
    refused: str | None = None
    detail: str = ""
    usage: tuple[int, int] = (0, 0)


class Journal:
    """The journal of this machine; several processes may use it at once."""

    def __init__(self, path: Path, key: bytes, *, encrypted: bool) -> None:
        self._commits = Commits(path, _SCHEMA + spending.SCHEMA)
        self._cipher = AESGCM(key)
        self._encrypted = encrypted

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the journal that the settings name.

        Every entry is encrypted where the setting says so, and wherever the gate lets identifiers pass.
        """
        encrypted = settings.journal_encrypted or settings.privacy_mode != "block"
        key = Vault.open(settings).derive("gateway-journal")
        return cls(journal_path(settings), key, encrypted=encrypted)

    def find(self, key: str) -> Kept | None:
        """Return the answer that was paid for, None where there is none."""
        row = self._commits.reading.execute(
            f"SELECT {_COLUMNS} FROM replies WHERE key = ?",  # noqa: S608  # a constant
            (key,),
        ).fetchone()
        return self._kept(row) if row else None

    async def keep(self, kept: Kept, *, run_id: str, now: float, at_most: float = 0.0) -> None:
        """Put an answer on disk and book what it cost, in one transaction.

        An answer that is there already (another process was faster) is left as it is; its cost is booked all
        the same, since both were paid.

        Args:
            kept: The answer.
            run_id: Who paid.
            now: When.
            at_most: What is booked where the cost is unknown.
        """
        booked = at_most if kept.cost_usd is None else kept.cost_usd
        await self._commits.add((self._row(kept, run_id, now), booked), _keep)

    async def hold(self, usd: float, caps: Caps, *, run_id: str, now: float) -> Hold | Spent:
        """Set money aside for a call, if the caps allow it; else say what is spent and held."""
        return await self._commits.write(lambda db: spending.hold(db, usd, caps, run_id, now))

    async def release(self, held: Hold) -> None:
        """Give back what was set aside for a call that cost nothing."""
        await self._commits.write(lambda db: spending.release(db, held))

    def spent(self, *, run_id: str, now: float) -> Spent:
        """Return what is spent and held by this run, and by all runs today (UTC)."""
        return spending.committed(self._commits.reading, run_id, now)

    def parsed(self, key: str, parser: str) -> Any:
        """Return what a parser made of an answer, None where it has not seen it."""
        row = self._commits.reading.execute(
            "SELECT sealed, body FROM parsed WHERE reply = ? AND parser = ?", (key, parser)
        ).fetchone()
        return self._opened(f"{key}/{parser}", *row) if row else None

    async def keep_parsed(self, key: str, parser: str, value: Any) -> None:
        """Keep what a parser made of an answer, under the parser's own name and version."""
        sealed, body = self._sealed(f"{key}/{parser}", value, seal=self._encrypted)
        await self._commits.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO parsed VALUES (?, ?, ?, ?)", (key, parser, sealed, body)
            )
        )

    def costs(self, by: Grouping, *, run_id: str | None = None) -> Costs:
        """Sum what was paid, each answer once however often it was used. See ``spending.costs``."""
        return spending.costs(self._commits.reading, by, run_id)

    def close(self) -> None:
        """Finish writing."""
        self._commits.close()

    def _row(self, kept: Kept, run_id: str, now: float) -> tuple[Any, ...]:
        sealed, body = self._sealed(
            kept.key, {"answer": kept.answer, "detail": kept.detail}, seal=self._encrypted
        )
        lineage = kept.lineage
        return (
            *(
                kept.key,
                run_id,
                spending.day_of(now),
                now,
                kept.asked_model,
                kept.model,
                kept.provider,
                kept.payload_hash,
            ),
            *(kept.sample, kept.template, lineage.get("domain"), lineage.get("seed_id"), lineage.get("row")),
            *(lineage.get("purpose"), *kept.usage, kept.cost_usd, kept.refused, sealed, body),
        )

    def _kept(self, row: tuple[Any, ...]) -> Kept:
        values = dict(zip(_NAMES, row, strict=True))
        body = self._opened(values["key"], values["sealed"], values["body"])
        return Kept(
            **{name: values[name] for name in ("key", "asked_model", "model", "provider", "payload_hash")},
            **{name: values[name] for name in ("sample", "template", "cost_usd", "refused")},
            lineage={name: values[name] for name in ("domain", "seed_id", "row", "purpose")},
            answer=body["answer"],
            detail=body["detail"],
            usage=(values["prompt_tokens"], values["completion_tokens"]),
        )

    def _sealed(self, name: str, value: Any, *, seal: bool) -> tuple[int, bytes]:
        body = orjson.dumps(value)
        if not seal:
            return 0, body
        nonce = secrets.token_bytes(_NONCE)
        return 1, nonce + self._cipher.encrypt(nonce, body, name.encode())

    def _opened(self, name: str, sealed: int, body: bytes) -> Any:
        return orjson.loads(self._unsealed(name, body) if sealed else body)

    def _unsealed(self, name: str, body: bytes) -> bytes:
        try:
            return self._cipher.decrypt(body[:_NONCE], body[_NONCE:], name.encode())
        except InvalidTag:
            raise UncaseError(
                "wrong-vault-key",
                "The vault key does not open this entry of the journal.",
                "Use the key that it was written with (UNCASE_VAULT_KEY or UNCASE_VAULT_KEY_FILE).",
            ) from None


def _keep(db: sqlite3.Connection, answers: list[tuple[tuple[Any, ...], float]]) -> None:
    one = f"({','.join('?' * _WIDTH)})"
    db.execute(
        f"INSERT OR IGNORE INTO replies VALUES {','.join([one] * len(answers))}",  # noqa: S608  # question marks
        [value for row, _ in answers for value in row],
    )
    spending.book(db, [(row[_DAY], row[_RUN], booked) for row, booked in answers])


def journal_path(settings: Settings) -> Path:
    """Return where the journal of this machine is."""
    return settings.home / "journal.sqlite"
