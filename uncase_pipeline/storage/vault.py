"""Keys, and the encryption of Parquet files. Knows nothing of what is in them.

Parquet modular encryption, as pyarrow ships it: every column chunk and the footer are AES-GCM encrypted under
data keys, which are wrapped by the master key here. The master key comes from the environment or from a file
created with mode 0600 on first use.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import Settings

_KEY_BYTES = 32
_NONCE_BYTES = 12
_MASTER = "vault"


class Vault:
    """Holds the master key; wraps data keys and derives purpose keys from it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise UncaseError(
                "bad-vault-key",
                f"The vault key has {len(key)} bytes and needs {_KEY_BYTES}.",
                "Give UNCASE_VAULT_KEY the base64 of 32 random bytes.",
            )
        self._key = key
        self._factory = pe.CryptoFactory(lambda _config: _Wrapper(self))
        self._connection = pe.KmsConnectionConfig()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Take the key from ``UNCASE_VAULT_KEY``, else from the key file, else create that file.

        Raises:
            UncaseError: ``bad-vault-key``; ``missing-vault-key`` where there is a lake but no key file.
        """
        if settings.vault_key is not None:
            return cls(_decode(settings.vault_key.get_secret_value(), "UNCASE_VAULT_KEY"))
        path = settings.vault_key_file or settings.home / "vault.key"
        if path.exists():
            return cls(_decode(path.read_text(), str(path)))
        marker = settings.home / "vault.fingerprint"
        if marker.exists():
            raise UncaseError(
                "missing-vault-key",
                f"The key file {path} is gone, and there are conversations encrypted under it.",
                "Restore it from your backup, or set UNCASE_VAULT_KEY.",
            )
        vault = cls(_create(path))
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(vault.fingerprint)
        return vault

    @property
    def fingerprint(self) -> str:
        """Names the key without giving it away: half a hash under a purpose of its own."""
        return self.derive("fingerprint").hex()[:32]

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose (``subject-id``, ``memorization``), HMAC-SHA-256 of its name."""
        return hmac.new(self._key, f"uncase:{purpose}".encode(), hashlib.sha256).digest()

    def writing(self, schema: pa.Schema) -> Any:
        """Return what ``ParquetWriter(encryption_properties=…)`` takes, for every column of the schema."""
        columns = _leaf_columns(schema)
        configuration = pe.EncryptionConfiguration(
            footer_key=_MASTER, column_keys={_MASTER: columns}, encryption_algorithm="AES_GCM_V1"
        )
        return self._factory.file_encryption_properties(self._connection, configuration)

    def reading(self) -> Any:
        """Return what ``ParquetFile(decryption_properties=…)`` takes."""
        return self._factory.file_decryption_properties(self._connection)

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a data key under the master key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + AESGCM(self.derive("wrap")).encrypt(nonce, key, None))

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key.

        Raises:
            UncaseError: ``wrong-vault-key``.
        """
        token = base64.b64decode(wrapped)
        try:
            return AESGCM(self.derive("wrap")).decrypt(token[:_NONCE_BYTES], token[_NONCE_BYTES:], None)
        except InvalidTag:
            raise UncaseError(
                "wrong-vault-key",
                "The vault key does not open this file.",
                "Use the key that it was written with (UNCASE_VAULT_KEY or UNCASE_VAULT_KEY_FILE).",
            ) from None


class _Wrapper(pe.KmsClient):  # type: ignore[misc]
    """What pyarrow asks for a key service."""

    def __init__(self, vault: Vault) -> None:
        super().__init__()
        self._vault = vault

    def wrap_key(self, key_bytes: bytes, _master_key_identifier: str) -> bytes:
        return self._vault.wrap(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, _master_key_identifier: str) -> bytes:
        return self._vault.unwrap(wrapped_key)


def _leaf_columns(schema: pa.Schema) -> Sequence[str]:
    sink = pa.BufferOutputStream()
    pq.ParquetWriter(sink, schema).close()
    parquet = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [parquet.column(index).path for index in range(len(parquet))]


def _decode(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise UncaseError(
            "bad-vault-key", f"{where} is not base64.", "Give it the base64 of 32 random bytes."
        ) from None


def _create(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _decode(path.read_text(), str(path))
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
    return key
