"""Records of a table that lie together, column by column. Knows no file and no meaning."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uncase_pipeline.records.rejection import Rejection

_ROWS = 1_000
Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class Block:
    """Some records in a row.

    Attributes:
        numbers: Of the records in their file.
        cells: By the position of the column; only the columns that were asked for.
    """

    numbers: Numbers
    cells: Mapping[int, pa.StringArray]

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield number and cells of each record, where all columns were asked for."""
        columns = (column.to_pylist() for column in self.cells.values())
        return zip(self.numbers.tolist(), zip(*columns, strict=True), strict=True)

    def part(self, start: int, end: int) -> "Block":
        """Return the records from ``start`` up to ``end``."""
        cells = {position: column.slice(start, end - start) for position, column in self.cells.items()}
        return Block(self.numbers[start:end], cells)

    def picked(self, wanted: npt.NDArray[np.bool_]) -> "Block":
        """Return the records that are wanted."""
        mask = pa.array(wanted)
        return Block(self.numbers[wanted], {at: column.filter(mask) for at, column in self.cells.items()})


Blocks = Callable[[Sequence[int] | None], Iterator[Block | Rejection]]
"""Opens the table from its first record; takes the positions of the columns that are wanted, None for all."""
Row = tuple[int, list[str]]


def joined(blocks: list[Block]) -> Block:
    """Return several blocks as one, with the columns that all of them have: those read with care have every one."""
    if len(blocks) == 1:
        return blocks[0]
    common = [at for at in blocks[0].cells if all(at in block.cells for block in blocks)]
    return Block(
        np.concatenate([block.numbers for block in blocks]),
        {at: pa.concat_arrays([block.cells[at] for block in blocks]) for at in common},
    )


def packed(
    rows: Iterable[Row | Rejection], wanted: Sequence[int] | None = None
) -> Iterator[Block | Rejection]:
    """Put rows into blocks of the wanted columns; what was set aside stays where it was."""
    held: list[Row] = []
    for row in rows:
        if not isinstance(row, Rejection):
            held.append(row)
        if held and (isinstance(row, Rejection) or len(held) == _ROWS):
            yield _block(held, wanted)
            held = []
        if isinstance(row, Rejection):
            yield row
    if held:
        yield _block(held, wanted)


def _block(rows: list[Row], wanted: Sequence[int] | None) -> Block:
    columns = list(zip(*(cells for _, cells in rows), strict=True))
    return Block(
        np.array([number for number, _ in rows], dtype=np.int64),
        {
            at: pa.array(columns[at], pa.string())
            for at in (range(len(columns)) if wanted is None else wanted)
        },
    )
