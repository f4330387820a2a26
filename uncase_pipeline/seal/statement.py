"""in-toto statements (v1) in DSSE envelopes, signed and opened. Knows nothing of what a predicate says."""

from dataclasses import dataclass
from typing import Any

import orjson
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.ids import canonical_json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of which files.

    Attributes:
        subjects: SHA-256 per file name, relative to the folder that the certificate lies in.
        predicate_type: URI of the kind of statement.
        predicate: The statement itself. ``rows`` (``count`` and ``root``) lets a copy in another container
            be verified; ``passed`` false keeps every consumer out.
    """

    subjects: dict[str, str]
    predicate_type: str
    predicate: dict[str, Any]

    def payload(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "subject": [{"name": name, "digest": {"sha256": d}} for name, d in self.subjects.items()],
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )


def sign(statement: Statement, signer: CryptoSigner) -> bytes:
    """Return the JSON of the signed envelope."""
    envelope = Envelope(statement.payload(), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return orjson.dumps(envelope.to_dict(), option=orjson.OPT_INDENT_2)


def open_envelope(certificate: bytes, key: SSlibKey) -> Statement:
    """Verify the signature, then read the statement.

    Raises:
        UncaseError: ``bad-certificate`` where it is no such envelope; ``bad-signature`` where this key did
            not sign these bytes.
    """
    try:
        envelope = Envelope.from_dict(orjson.loads(certificate))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, FormatError):
        raise _bad("is not a DSSE envelope") from None
    try:
        envelope.verify([key], threshold=1)
    except VerificationError:
        raise UncaseError(
            "bad-signature",
            "The certificate was not signed by this key, or was changed after it was signed.",
            "Check the public key against the one that its issuer publishes.",
        ) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _bad("holds no in-toto statement")
    return _read(envelope.payload)


def _read(payload: bytes) -> Statement:
    try:
        document = orjson.loads(payload)
        subjects = {entry["name"]: entry["digest"]["sha256"] for entry in document["subject"]}
        if document["_type"] == STATEMENT_TYPE and len(subjects) == len(document["subject"]):
            return Statement(subjects, document["predicateType"], document["predicate"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise _bad("holds no in-toto statement")


def _bad(what: str) -> UncaseError:
    return UncaseError(
        "bad-certificate", f"The certificate {what}.", "Give the certificate.json of a version."
    )
