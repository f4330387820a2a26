"""The second lock: who writes a version seals it, and who reads it opens the seal first. Knows no layer."""

from typing import Any

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.seal.keys import public_pem, signing_key
from uncase_pipeline.seal.statement import Statement, open_envelope, sign
from uncase_pipeline.seal.verify import CERTIFICATE_FILE, PUBLIC_KEY_FILE
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Stage, Version


def seal_stage(stage: Stage, predicate_type: str, predicate: dict[str, Any], settings: Settings) -> Statement:
    """Sign what is staged: every file written so far becomes a subject. Call it last.

    Writes ``certificate.json`` and, for whoever verifies it, ``certificate.pub``.
    """
    statement = Statement(stage.files(), predicate_type, predicate)
    signer = signing_key(settings)
    with stage.open(CERTIFICATE_FILE) as file:
        file.write(sign(statement, signer))
    with stage.open(PUBLIC_KEY_FILE) as file:
        file.write(public_pem(signer.public_key))
    return statement


def require_valid(version: Version, settings: Settings) -> Statement:
    """Open a sealed version, or refuse.

    The key is the one of this house, never the one that lies beside the certificate.

    Raises:
        UncaseError: ``missing-certificate``; ``certificate-mismatch`` where the signature, a byte of a file
            or the verdict does not hold.
    """
    try:
        certificate = version.lake.fs.cat_file(version.path(CERTIFICATE_FILE))
    except FileNotFoundError:
        raise UncaseError(
            "missing-certificate",
            f"Version {version.id} has no certificate.",
            "Materialize certified_conversations again.",
        ) from None
    try:
        statement = open_envelope(certificate, signing_key(settings).public_key)
    except UncaseError as error:
        raise _mismatch(version, error.message) from None
    for name, digest in statement.subjects.items():
        path = version.path(name)
        if not version.lake.fs.exists(path):
            raise _mismatch(version, f"{name} is missing.")
        if version.lake.digest(path) != digest:
            raise _mismatch(version, f"{name} was changed after it was certified.")
    if not statement.predicate.get("passed"):
        raise _mismatch(version, "Its certificate says that it did not pass.")
    return statement


def _mismatch(version: Version, what: str) -> UncaseError:
    return UncaseError(
        "certificate-mismatch",
        f"Version {version.id} is not what was certified. {what}",
        "Find out who changed it, then materialize certified_conversations again.",
    )
