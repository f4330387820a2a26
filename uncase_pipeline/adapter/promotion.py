"""Promotion of an adapter to production, and the way back: signed, logged, by a person. Knows versions, no torch.

The promoted files are copied, so that later runs can't drop them, and the registry's alias ``production`` follows.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uncase_pipeline.adapter import tracking
from uncase_pipeline.adapter.audits import append_line
from uncase_pipeline.adapter.contract import TrainingResult
from uncase_pipeline.adapter.job import RESULT_FILE
from uncase_pipeline.adapter.launch import ASSET, restage
from uncase_pipeline.adapter.start import stored_version
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.keys import signing_key
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.seal.statement import Statement, open_envelope, sign
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake, Version

PRODUCTION_ASSET = "production_adapters"
_PREDICATE = "https://uncase.dev/adapter-promotion/v1"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One entry of the log.

    Attributes:
        domain: Partition.
        version: Version that is in production from here on.
        by: Who decided.
        at: When.
        action: ``promote`` or ``rollback``.
        outcome: Of the memorization audit.
        reason: What the person gave as reason.
    """

    domain: str
    version: str
    by: str
    at: str
    action: str
    outcome: str
    reason: str


def promote(
    settings: Settings, domain: str, *, by: str, reason: str = "", accept_inconclusive: bool = False
) -> Promotion:
    """Put the current adapter of a domain into production.

    Raises:
        UncaseError: ``not-promotable`` where its audit is not a pass; what ``require_valid`` raises.
    """
    lake = Lake.open(settings)
    version = lake.require(ASSET, domain)
    require_valid(version, settings)
    outcome = _outcome(version)
    if outcome == "FAIL" or (outcome == "INCONCLUSIVE" and not accept_inconclusive):
        raise UncaseError(
            "not-promotable",
            f"The memorization audit of {domain} says {outcome}.",
            "Bring more subjects until it passes, or take the decision with --accept-inconclusive and a --reason.",
        )
    with lake.stage(PRODUCTION_ASSET, domain) as stage:
        restage(stage, version)
        stage.publish()
    return _log(settings, lake, Promotion(domain, version.id, by, _now(), "promote", outcome, reason))


def rollback(settings: Settings, domain: str, *, by: str, reason: str = "") -> Promotion:
    """Put the adapter that was in production before back into it.

    Raises:
        UncaseError: ``nothing-to-roll-back-to``.
    """
    lake = Lake.open(settings)
    current = lake.require(PRODUCTION_ASSET, domain)
    earlier = [entry for entry in promotions(settings, domain) if entry.version != current.id]
    if not earlier:
        raise UncaseError(
            "nothing-to-roll-back-to",
            f"Only one version of {domain} was ever in production.",
            "Promote another version first.",
        )
    version = stored_version(lake, PRODUCTION_ASSET, domain, earlier[-1].version, settings.keep_versions)
    require_valid(version, settings)
    lake.point(f"{lake.root}/{PRODUCTION_ASSET}/{domain}", version)
    return _log(
        settings, lake, Promotion(domain, version.id, by, _now(), "rollback", _outcome(version), reason)
    )


def promotions(settings: Settings, domain: str | None = None) -> list[Promotion]:
    """Read the log, checking every signature.

    Raises:
        UncaseError: Where an entry was changed.
    """
    file = _log_file(settings)
    lines = file.read_bytes().splitlines() if file.exists() else []
    key = signing_key(settings).public_key
    entries = [Promotion(**open_envelope(line, key).predicate) for line in lines]
    return [entry for entry in entries if domain in (None, entry.domain)]


def _log(settings: Settings, lake: Lake, entry: Promotion) -> Promotion:
    version = lake.require(PRODUCTION_ASSET, entry.domain)
    predicate = {name: getattr(entry, name) for name in Promotion.__slots__}
    envelope = sign(Statement(version.files, _PREDICATE, predicate), signing_key(settings))
    line = json.dumps(json.loads(envelope), separators=(",", ":"))
    file = _log_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    append_line(file, line)
    tracking.set_production(tracking.tracking_uri(settings), entry.domain, version.id, version.folder)
    return entry


def _log_file(settings: Settings) -> Path:
    return settings.home / "promotions.jsonl"


def _outcome(version: Version) -> str:
    stored: dict[str, Any] = version.json(RESULT_FILE)
    audit = TrainingResult.model_validate(stored).audit
    return audit.outcome if audit else "INCONCLUSIVE"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
