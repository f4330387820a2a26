"""The provider registry: names, limits and keys, the keys encrypted with Fernet. Calls nobody.

Its key is its own: neither the vault's nor any signing key. ``rotate`` makes a new one; MultiFernet reads the
older ones until every entry is written anew, so a crash at any point leaves a registry that opens.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Registered:
    """One registered provider.

    Attributes:
        name: What stands before the slash in a model.
        kind: One of ``providers.KINDS``.
        token: Its API key, encrypted.
        models: Models that it is known to serve, for ``provider test`` and for people.
    """

    name: str
    kind: str
    api_base: str | None = None
    token: str | None = None
    models: tuple[str, ...] = ()
    weight: float = 1.0
    max_in_flight: int | None = None
    requests_per_minute: float | None = None
    price_in_per_million: float | None = None
    price_out_per_million: float | None = None


class Registry:
    """The registered providers of this machine."""

    def __init__(self, folder: Path, keys: SecretStr | None) -> None:
        self._path = folder / "providers.json"
        self._key_path = folder / "providers.key"
        self._given_keys = keys
        self._entries = self._read()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the registry that the settings name; there may be none yet."""
        return cls(settings.home, settings.providers_key)

    def find(self, name: str) -> Registered | None:
        """Return a provider, None where none has this name."""
        return self._entries.get(name)

    def all(self) -> list[Registered]:
        """Return every provider, by name."""
        return [self._entries[name] for name in sorted(self._entries)]

    def add(self, entry: Registered, key: SecretStr | None) -> None:
        """Add or replace a provider, with its key encrypted."""
        token = self._fernet().encrypt(key.get_secret_value().encode()).decode() if key else None
        self._entries[entry.name] = Registered(**{**asdict(entry), "token": token})
        self._write()

    def remove(self, name: str) -> None:
        """Forget a provider and its key.

        Raises:
            UncaseError: ``unknown-provider``.
        """
        if self._entries.pop(name, None) is None:
            raise UncaseError(
                "unknown-provider", f"No provider {name!r} is registered.", "See `uncase provider list`."
            )
        self._write()

    def key_of(self, entry: Registered) -> SecretStr:
        """Decrypt a provider's key.

        Raises:
            UncaseError: ``wrong-providers-key``.
        """
        try:
            return SecretStr(self._fernet().decrypt((entry.token or "").encode()).decode())
        except InvalidToken:
            raise UncaseError(
                "wrong-providers-key",
                f"The stored key of the provider {entry.name} can't be decrypted.",
                "Restore providers.key or UNCASE_PROVIDERS_KEY, or add the provider anew.",
            ) from None

    def rotate(self) -> int:
        """Encrypt every stored key under a new Fernet key and forget the old ones.

        With ``UNCASE_PROVIDERS_KEY`` set, the first key given there is the new one and nothing is generated.

        Returns:
            How many keys were encrypted anew.
        """
        if self._given_keys is None:
            self._write_keys([Fernet.generate_key().decode(), *self._keys()])
        fernet = self._fernet()
        rotated = 0
        for entry in self.all():
            if entry.token:
                self.key_of(entry)
                token = fernet.rotate(entry.token.encode()).decode()
                self._entries[entry.name] = Registered(**{**asdict(entry), "token": token})
                rotated += 1
        self._write()
        if self._given_keys is None:
            self._write_keys(self._keys()[:1])
        return rotated

    def _fernet(self) -> MultiFernet:
        keys = self._keys()
        if not keys:
            keys = [Fernet.generate_key().decode()]
            self._write_keys(keys)
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise UncaseError(
                "bad-providers-key",
                "The key of the provider registry is not a Fernet key.",
                "Give UNCASE_PROVIDERS_KEY the output of cryptography's Fernet.generate_key().",
            ) from None

    def _keys(self) -> list[str]:
        if self._given_keys is not None:
            text = self._given_keys.get_secret_value()
        else:
            text = self._key_path.read_text() if self._key_path.exists() else ""
        return [key for key in text.replace(",", "\n").split() if key]

    def _read(self) -> dict[str, Registered]:
        if not self._path.exists():
            return {}
        try:
            rows: list[dict[str, Any]] = json.loads(self._path.read_bytes())["providers"]
            return {row["name"]: Registered(**{**row, "models": tuple(row["models"])}) for row in rows}
        except (ValueError, KeyError, TypeError):
            raise UncaseError(
                "bad-registry",
                f"{self._path} is not a provider registry.",
                "Restore it from a backup, or move it away and add the providers anew.",
            ) from None

    def _write(self) -> None:
        document = {"version": 1, "providers": [asdict(entry) for entry in self.all()]}
        _replace(self._path, json.dumps(document, indent=1) + "\n")

    def _write_keys(self, keys: list[str]) -> None:
        _replace(self._key_path, "\n".join(keys) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a private file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
