"""The Ed25519 key that signs certificates, and its public half. Knows nothing of what is signed.

It is a key of its own: who may open the vault need not be who may sign. It is created with mode 0600 under
``settings.home`` on first use; ``UNCASE_SIGNING_KEY_FILE`` names another place.
"""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import CryptoSigner, SSlibKey

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import Settings


def signing_key(settings: Settings) -> CryptoSigner:
    """Return the signer of this house; its key is created on first use.

    Raises:
        UncaseError: ``bad-signing-key`` where the file holds no Ed25519 private key.
    """
    path = settings.signing_key_file or settings.home / "signing.key"
    if not path.exists():
        _create(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UncaseError(
            "bad-signing-key",
            f"{path} holds no Ed25519 private key in PEM without a password.",
            "Restore it from your backup, or remove it to have a new one made.",
        )
    return CryptoSigner(key)


def public_pem(key: SSlibKey) -> bytes:
    """Return the PEM of a public key, as it lies beside each certificate."""
    return _crypto(key).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_public_key(path: Path) -> SSlibKey:
    """Read a public key file.

    Raises:
        UncaseError: ``bad-public-key``.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except FileNotFoundError:
        raise UncaseError(
            "bad-public-key",
            f"There is no public key at {path}.",
            "Name it with --public-key; it is published as certificate.pub.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UncaseError(
            "bad-public-key",
            f"{path} holds no Ed25519 public key in PEM.",
            "Ask whoever issued the certificate for certificate.pub.",
        )
    return SSlibKey.from_crypto(key)


def _crypto(key: SSlibKey) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)  # unlike a rename, never replaces the key that another process has just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
