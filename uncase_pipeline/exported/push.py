"""Pushes a published dataset to a Hugging Face hub: off by default, private by default, sealed or not at all."""

from collections.abc import Callable
from pathlib import Path

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.lock import require_valid
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Version

Upload = Callable[[Path, str, bool], str]
"""Takes folder, repository and whether it is private; returns the address."""


def push(
    version: Version,
    repository: str,
    settings: Settings,
    *,
    public: bool = False,
    upload: Upload | None = None,
) -> str:
    """Upload a published dataset, if it may be.

    Args:
        version: A published version of exported_datasets.
        repository: ``owner/name``.
        settings: ``export_push`` has to be on.
        public: Make it public; private without.
        upload: Instead of ``huggingface_hub``, for tests.

    Raises:
        UncaseError: ``push-is-off``; ``missing-certificate`` or ``certificate-mismatch`` where the seal does
            not hold; ``not-on-disk`` where the lake is remote.
    """
    if not settings.export_push:
        raise UncaseError(
            "push-is-off",
            "Pushing datasets is off.",
            "Set UNCASE_EXPORT_PUSH=true where it may leave the house.",
        )
    require_valid(version, settings)
    folder = Path(version.folder)
    if not folder.is_dir():
        raise UncaseError("not-on-disk", "The lake is not on this disk.", "Copy the version here first.")
    return (upload or _upload)(folder, repository, not public)


def _upload(folder: Path, repository: str, private: bool) -> str:
    from huggingface_hub import HfApi

    api = HfApi()
    url = api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
    api.upload_folder(repo_id=repository, repo_type="dataset", folder_path=folder)
    return str(url)
