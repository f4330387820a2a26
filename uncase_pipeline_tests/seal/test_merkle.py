import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.seal.merkle import MerkleTree, leaf_hash

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
# Roots of the first 1..8 leaves, from the test vectors of Certificate Transparency (RFC 6962).
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def root(leaves: list[bytes]) -> str:
    tree = MerkleTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root.hex()


def by_the_book(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 defines it, recursively."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(1, 9))
def test_the_root_is_that_of_the_published_test_vectors(count: int) -> None:
    assert root(LEAVES[:count]) == ROOTS[count - 1]


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_streamed_root_is_the_recursive_one(leaves: list[bytes]) -> None:
    assert root(leaves) == by_the_book(leaves).hex()


def test_a_doubled_last_leaf_changes_the_root() -> None:
    assert root([b"a", b"b", b"c"]) != root([b"a", b"b", b"c", b"c"])


def test_a_node_can_not_pass_for_a_leaf() -> None:
    inner = leaf_hash(b"a") + leaf_hash(b"b")
    assert root([inner]) != root([b"a", b"b"])


def test_every_order_and_every_prefix_has_a_root_of_its_own() -> None:
    roots = [root(LEAVES[:count]) for count in range(9)] + [root(LEAVES[::-1]), root(LEAVES[1:])]
    assert len(set(roots)) == len(roots)
    assert all(one != other for one, other in pairwise(roots))
