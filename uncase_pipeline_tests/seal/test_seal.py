import base64
import stat
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.arrow import CONVERSATIONS, to_batches
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.native import dumps
from uncase_pipeline.seal.keys import signing_key
from uncase_pipeline.seal.lock import require_valid, seal_stage
from uncase_pipeline.seal.rows import count_rows, leaf, leaves_of_batches
from uncase_pipeline.seal.verify import Verdict, verify_files
from uncase_pipeline.settings import Settings
from uncase_pipeline.storage.lake import Lake, Version
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.conftest import VAULT_KEY

ROWS = [conversation(f"u: ¿Cuánto cuesta el modelo {n}?", f"a: Cuesta {n} mil pesos.") for n in range(1, 8)]


def publish(lake: Lake, settings: Settings, rows: list[Conversation], *, passed: bool = True) -> Version:
    with lake.stage("certified_conversations", "automotive.sales") as stage:
        with stage.writer("conversations.parquet", CONVERSATIONS) as writer:
            for batch in to_batches(rows):
                writer.write_batch(batch)
        found = count_rows(leaves_of_batches(stage.batches("conversations.parquet")))
        seal_stage(stage, "urn:test", {"passed": passed, "rows": found.document()}, settings)
        return stage.publish()


@pytest.fixture
def version(lake: Lake, house: Settings) -> Version:
    return publish(lake, house, ROWS)


def verify(version: Version, dataset: Path | None = None) -> Verdict:
    folder = Path(version.folder)
    return verify_files(folder / "certificate.json", dataset or folder / "conversations.parquet")


def jsonl(path: Path, rows: list[bytes]) -> Path:
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    return path


def test_what_was_certified_verifies_as_a_file_a_folder_and_a_jsonl_copy(
    version: Version, tmp_path: Path
) -> None:
    copy = jsonl(tmp_path / "copy.jsonl", [leaf(row) for row in ROWS])
    for dataset in (None, Path(version.folder), copy):
        assert verify(version, dataset) == Verdict(
            True, [], verify(version).statement, verify(version).key_id
        )


def test_one_changed_byte_anywhere_in_the_parquet_file_fails(version: Version, tmp_path: Path) -> None:
    original = (Path(version.folder) / "conversations.parquet").read_bytes()
    for place in range(0, len(original), 97):
        changed = bytearray(original)
        changed[place] ^= 1
        dataset = tmp_path / "conversations.parquet"
        dataset.write_bytes(bytes(changed))
        assert not verify(version, dataset).ok


def test_one_changed_byte_anywhere_in_a_jsonl_copy_fails(version: Version, tmp_path: Path) -> None:
    original = b"".join(leaf(row) + b"\n" for row in ROWS)
    dataset = tmp_path / "copy.jsonl"
    for place in range(0, len(original), 37):
        changed = bytearray(original)
        changed[place] ^= 1
        dataset.write_bytes(bytes(changed))
        assert not verify(version, dataset).ok
    for other in (original[:-1], original + b"\n", original.replace(b'","', b'", "', 1), b""):
        dataset.write_bytes(other)
        assert not verify(version, dataset).ok


def test_added_dropped_reordered_and_doubled_rows_fail(version: Version, tmp_path: Path) -> None:
    rows = [leaf(row) for row in ROWS]
    for other in (
        rows[:-1],
        rows[1:],
        [*rows, rows[0]],
        [*rows, rows[-1]],
        rows[::-1],
        [rows[1], rows[0], *rows[2:]],
    ):
        verdict = verify(version, jsonl(tmp_path / "other.jsonl", other))
        assert not verdict.ok and verdict.differences


def test_the_same_rows_in_other_parquet_bytes_fail(version: Version, tmp_path: Path) -> None:
    dataset = tmp_path / "conversations.parquet"
    pq.write_table(pq.read_table(Path(version.folder) / "conversations.parquet"), dataset, compression="none")
    assert verify(version, dataset).differences == [
        "The bytes of conversations.parquet are not those that were certified."
    ]


def test_a_folder_with_a_file_more_less_or_changed_fails(version: Version) -> None:
    folder = Path(version.folder)
    (folder / "extra.txt").write_text("x")
    assert verify(version, folder).differences == ["extra.txt was not certified."]
    (folder / "extra.txt").unlink()
    (folder / "conversations.parquet").unlink()
    assert verify(version, folder).differences == ["conversations.parquet is missing."]


def test_a_changed_certificate_and_a_foreign_key_fail(
    version: Version, house: Settings, tmp_path: Path
) -> None:
    certificate = Path(version.folder) / "certificate.json"
    envelope = orjson.loads(certificate.read_bytes())
    envelope["payload"] = "AAAA" + envelope["payload"][4:]
    foreign = signing_key(house.model_copy(update={"signing_key_file": tmp_path / "foreign.key"}))
    assert not verify_files(
        certificate, certificate.with_name("conversations.parquet"), foreign.public_key
    ).ok
    certificate.write_bytes(orjson.dumps(envelope))
    assert not verify(version).ok


def test_the_lock_opens_what_was_certified_and_refuses_one_changed_byte(
    version: Version, house: Settings
) -> None:
    assert require_valid(version, house).predicate["rows"]["count"] == len(ROWS)
    path = Path(version.folder) / "conversations.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(UncaseError) as refusal:
        require_valid(version, house)
    assert refusal.value.code == "certificate-mismatch"


def test_the_lock_refuses_a_missing_certificate_and_a_failed_one(lake: Lake, house: Settings) -> None:
    version = publish(lake, house, ROWS, passed=False)
    with pytest.raises(UncaseError) as refusal:
        require_valid(version, house)
    assert refusal.value.code == "certificate-mismatch"
    (Path(version.folder) / "certificate.json").unlink()
    with pytest.raises(UncaseError) as refusal:
        require_valid(version, house)
    assert refusal.value.code == "missing-certificate"


def test_the_lock_trusts_the_key_of_the_house_and_not_the_one_beside_the_certificate(
    lake: Lake, house: Settings, tmp_path: Path
) -> None:
    thief = house.model_copy(update={"signing_key_file": tmp_path / "thief.key"})
    version = publish(lake, thief, ROWS)
    assert verify(version).ok
    with pytest.raises(UncaseError) as refusal:
        require_valid(version, house)
    assert refusal.value.code == "certificate-mismatch"


def test_the_signing_key_is_private_and_its_own(version: Version, house: Settings) -> None:
    path = house.home / "signing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    signing = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(signing, Ed25519PrivateKey)
    assert base64.b64encode(signing.private_bytes_raw()).decode() != VAULT_KEY
    assert load_pem_public_key((Path(version.folder) / "certificate.pub").read_bytes())


def test_the_leaf_is_the_native_line() -> None:
    assert leaf(ROWS[0]) == dumps(ROWS[0])
