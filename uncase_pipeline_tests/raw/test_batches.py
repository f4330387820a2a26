"""The fast ways make what the careful ones make: same conversations, same ids, same rejections."""

import csv
import gc
import io
import tempfile
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncase_pipeline.raw import source as sources
from uncase_pipeline.raw.digests import digests
from uncase_pipeline.raw.formats import csv_blocks
from uncase_pipeline.raw.reader import read_batches
from uncase_pipeline.records.arrow import Pack, from_batches, to_batches
from uncase_pipeline.records.native import dumps
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline_tests.builders import conversation
from uncase_pipeline_tests.raw.conftest import OPTIONS, Result, read_all

TEXTS = [
    "hola",
    'dijo "sí"',
    "uno, dos; tres",
    "dos\nlíneas",
    "",
    "a\tb",
    "😀",
    '"',
    "\u2028",
    "\r\nwin",
    " ",
]
FAULTS = [b'"', b'"x', b"\x00", b"\xff", b"\n", b",", b"\r", b'""', b"\xe2\x82", b'",', b"}", b"sep="]
HEADERS = [
    ["conversation_id", "turn", "role", "content", "timestamp"],
    ["ticket", "order", "sender_type", "message", "created_at"],
    ["chat_id", "x", "rol", "texto", "fecha"],
    ["session", "turn", "author", "text", "date"],
]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2", "c3", ""]),
        st.sampled_from(["1", "2", "10", "x", ""]),
        st.sampled_from(["cliente", "asesor", " agent ", "system", "Ana", ""]),
        st.sampled_from(TEXTS),
        st.sampled_from(["2024-03-01 10:00:00", "01/03/2024 10:02", "2024-03-02T09:00:00", "", "nope"]),
    ),
    max_size=12,
)
FOLDER = tempfile.TemporaryDirectory()
DAMAGE = st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from(FAULTS)), max_size=2)


def damaged(data: bytes, damage: list[tuple[int, bytes]]) -> bytes:
    for at, fault in damage:
        cut = at % (len(data) + 1)
        data = data[:cut] + fault + data[cut:]
    return data


def packed(path: Path) -> Result:
    """Read a file into record batches, and take them apart again."""
    pack, batches, aside = Pack(), [], []
    for item in read_batches(path, OPTIONS, pack):
        (aside if isinstance(item, Rejection) else batches).append(item)
    return list(from_batches([*batches, pack.take()])), aside


def comparable(result: Result) -> tuple[list[bytes], list[str]]:
    kept, aside = result
    return sorted(map(dumps, kept)), sorted(map(str, aside))


def written(name: str, data: bytes) -> Path:
    path = Path(FOLDER.name) / name
    path.write_bytes(data)
    return path


def table(rows: list[tuple[str, ...]], header: list[str], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([header, *rows])
    return text.getvalue().encode()


@settings(deadline=None, max_examples=150)
@given(ROWS, st.sampled_from(HEADERS), st.sampled_from(",;\t"), DAMAGE, st.sampled_from([48, 1 << 20]))
def test_a_table_gives_the_same_by_arrow_record_by_record_and_in_batches(
    rows, header, delimiter, damage, block
) -> None:
    path = written("a.csv", damaged(table(rows, header, delimiter), damage))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BLOCK", block)
        fast, in_batches = comparable(read_all(path)), comparable(packed(path))
        patch.setattr(csv_blocks._Clean, "end", lambda _self, _data: None)
        careful = comparable(read_all(path))
    assert fast == careful == in_batches


TURNS = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "developer", "x", None, 3]) | st.just("user"),
            "content": st.sampled_from([*TEXTS, None, ["a"], 3]) | st.just("hola"),
        },
        optional={"name": st.just("Ana")},
    ),
    max_size=4,
)
RECORDS = st.lists(
    TURNS.map(lambda turns: {"messages": turns})
    | TURNS.map(lambda turns: {"messages": turns, "id": "7"})
    | TURNS.map(lambda turns: {"conversations": [{"from": t["role"], "value": t["content"]} for t in turns]}),
    max_size=6,
)


@settings(deadline=None, max_examples=150)
@given(RECORDS, DAMAGE)
def test_json_lines_give_the_same_in_batches(records, damage) -> None:
    path = written("a.jsonl", damaged(b"\n".join(map(orjson.dumps, records)), damage))
    assert comparable(packed(path)) == comparable(read_all(path))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["Ana", "Tienda"]), st.sampled_from(TEXTS))),
    DAMAGE,
)
def test_a_chat_gives_the_same_in_batches(said, damage) -> None:
    lines = (f"{1 + hour // 24}/3/24, {hour % 24}:05 - {author}: {text}\n" for hour, author, text in said)
    path = written("chat.txt", damaged("".join(lines).encode(), damage))
    assert comparable(packed(path)) == comparable(read_all(path))


def test_plain_tables_and_plain_lines_need_no_object_for_each_turn(tmp_path: Path) -> None:
    row = ("c1", "1", "cliente", "hola", "2024-03-01 10:00:00")
    line = {"messages": [{"role": "user", "content": "hola"}]}
    for name, data in (("a.csv", table([row], HEADERS[0], ",")), ("a.jsonl", orjson.dumps(line) + b"\n")):
        (tmp_path / name).write_bytes(data)
        pack = Pack()
        (batch,) = read_batches(tmp_path / name, OPTIONS, pack)
        assert isinstance(batch, pa.RecordBatch)
        assert not len(pack)


def test_one_bad_record_among_thousands_is_set_aside_alone(tmp_path: Path) -> None:
    rows = [(f"c{n // 2}", str(n), ("cliente", "asesor")[n % 2], f"m{n}", "") for n in range(40_000)]
    lines = table(rows, HEADERS[0], ",").splitlines(keepends=True)
    lines[30_001] = lines[30_001].replace(b"m30000", b'm30000"x",y,z')
    path = tmp_path / "a.csv"
    path.write_bytes(b"".join(lines))
    kept, aside = packed(path)
    assert [(item.reason, item.where.split()[-1]) for item in aside] == [("wrong-number-of-columns", "30000")]
    assert sum(len(item.messages) for item in kept) == 39_999


def test_what_differs_in_a_cell_or_in_where_it_ends_differs_in_its_digest() -> None:
    talks = [
        conversation("u: ab", "a: c"),
        conversation("u: a", "a: bc"),
        conversation("u: ab"),
        conversation("u: ab", "u: c"),
    ]
    for talk in talks:
        talk.conversation_id = "c"
    (batch,) = to_batches(talks)
    found = [digest for _, digest in digests(batch)]
    assert len(set(found)) == len(talks)
    assert [digest for _, digest in digests(batch.slice(2))] == found[2:]
    assert [turns for turns, _ in digests(batch)] == [2, 2, 1, 2]


def test_reading_leaves_the_collector_of_garbage_as_it_was(tmp_path: Path):
    path = tmp_path / "chat.txt"
    path.write_text("13/3/24, 9:05 - Ana: hola\n13/3/24, 9:06 - Luis: buenas\n" * 3)
    before = gc.get_threshold()
    items = read_batches(path, OPTIONS, Pack())
    next(items, None)
    items.close()
    assert gc.get_threshold() == before
