"""The Merkle tree of RFC 6962, section 2.1, over leaves that stream by. Knows nothing of what they are.

Leaves and nodes are hashed under different prefixes, so no node can pass for a leaf, and an odd leaf is
promoted, never doubled: ``[a, b, c]`` and ``[a, b, c, c]`` have different roots.
"""

import hashlib

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return ``SHA-256(0x00 || leaf)``."""
    return hashlib.sha256(_LEAF + leaf).digest()


class MerkleTree:
    """Holds one hash per perfect subtree: memory grows with the logarithm of the leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the next leaf."""
        self.append_hash(leaf_hash(leaf))

    def append_hash(self, node: bytes) -> None:
        """Add the next leaf by its hash."""
        full = self.size
        while full & 1:
            node = _join(self._peaks.pop(), node)
            full >>= 1
        self._peaks.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of the leaves so far; of none, the hash of the empty string."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = _join(peak, node)
        return node


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
