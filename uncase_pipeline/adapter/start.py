"""Where learning by preference starts: at the domain's published supervised adapter. Knows the lake, no torch."""

import re

from uncase_pipeline.adapter.contract import AdapterSettings, StartingPoint, TrainingResult
from uncase_pipeline.adapter.job import RESULT_FILE, at_hand
from uncase_pipeline.adapter.launch import ASSET
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake, Version

_SHAPE = ("base_model", "revision", "quantization", "lora")


def starting_point(
    lake: Lake, settings: Settings, domain: str, chosen: AdapterSettings
) -> StartingPoint | None:
    """Return the adapter that a run goes on from, None where it starts from the base.

    Where the published adapter went on from another itself, that one is the start: the same choice is the same job.

    Raises:
        UncaseError: ``start-needs-pairs``, ``no-supervised-adapter``, ``start-differs``, ``start-not-private``; what
            ``require`` and ``require_valid`` raise.
    """
    if chosen.training.start == "base":
        return None
    if chosen.training.objective != "dpo":
        raise _refused("start-needs-pairs", "training.start is for learning by preference only.")
    version, result = _supervised(lake, settings, domain)
    differs = [name for name in _SHAPE if getattr(chosen, name) != getattr(result.settings, name)]
    if differs:
        raise _refused("start-differs", f"The published adapter of {domain} has another {differs[0]}.")
    if chosen.privacy.enabled and not result.privacy.enabled:
        raise _refused("start-not-private", f"The published adapter of {domain} was trained without privacy.")
    home = settings.home.resolve() / "training" / domain
    return StartingPoint(
        version=version.id,
        folder=at_hand(lake, version, home, re.compile("adapter/.*")) / "adapter",
        base_digest=result.digests["base"],
        job=result.job_id,
        privacy=result.privacy,
    )


def _supervised(lake: Lake, settings: Settings, domain: str) -> tuple[Version, TrainingResult]:
    """Open the supervised adapter: the published one, or the one that it went on from."""
    version = lake.require(ASSET, domain)
    result = _result(version, settings)
    if result.started_from:
        version = stored_version(lake, ASSET, domain, result.started_from, settings.keep_versions)
        result = _result(version, settings)
    if result.settings.training.objective != "sft":
        raise _refused("no-supervised-adapter", f"The published adapter of {domain} knows pairs alone.")
    return version, result


def _result(version: Version, settings: Settings) -> TrainingResult:
    require_valid(version, settings)
    return TrainingResult.model_validate(version.json(RESULT_FILE))


def stored_version(lake: Lake, asset: str, domain: str, version_id: str, kept: int) -> Version:
    """Open a version that is current no longer, with the hashes that its files have now.

    Raises:
        UncaseError: ``version-gone``.
    """
    folder = f"{lake.root}/{asset}/{domain}/versions/{version_id}"
    if not lake.fs.exists(folder):
        raise UncaseError(
            "version-gone",
            f"Version {version_id} of {domain} was dropped: only the newest {kept} are kept.",
            "Raise UNCASE_KEEP_VERSIONS for the future, and name a version that is there.",
        )
    names = [path.removeprefix(f"{folder}/") for path in sorted(lake.fs.find(folder))]
    return Version(version_id, folder, {name: lake.digest(f"{folder}/{name}") for name in names}, lake)


def _refused(code: str, what: str) -> UncaseError:
    return UncaseError(
        code, what, "Train a supervised adapter with these settings first, or start from the base."
    )
