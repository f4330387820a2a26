"""The manifest: every file with its hash, and where the rows come from. Knows no row."""

from collections.abc import Mapping

from uncase_pipeline.exported.split import SPLITS
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.seal.statement import Statement
from uncase_pipeline.storage.lake import Version

MANIFEST_FILE = "manifest.json"


def manifest(
    files: Mapping[str, str],
    sizes: Mapping[str, int],
    rows: Mapping[str, int],
    certified: Version,
    statement: Statement,
) -> Json:
    """Return the manifest of a staged dataset.

    Args:
        files: SHA-256 of each file that is staged; the manifest and the seal are not among them.
        sizes: Bytes of each.
        rows: Rows per stem.
        certified: The version that the rows come from.
        statement: What its certificate says.
    """
    return {
        "files": {name: {"sha256": digest, "bytes": sizes[name]} for name, digest in sorted(files.items())},
        "rows": dict(sorted(rows.items())),
        "splits": {split: rows.get(f"data/{split}", 0) for split in SPLITS},
        "source": {
            "asset": "certified_conversations",
            "version": certified.id,
            "files": dict(sorted(statement.subjects.items())),
        },
    }
