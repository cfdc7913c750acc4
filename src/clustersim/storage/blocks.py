"""Blocks of seeds: `seeds-000000-000099/` holds one Parquet file a table, for seeds 0 to 99.

A folder of that name is complete: it gets its name only when all of its files are on the disk. Blocks may
overlap, where two processes cut the seeds differently: a seed is read from the first block that has it.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustersim.errors import Problem, StorageError
from clustersim.storage import atomic

if TYPE_CHECKING:
    import pandas as pd

SEED = "seed"

type Span = tuple[int, int]

_NAME = re.compile(r"seeds-(\d{6,})-(\d{6,})")


def stored(folder: Path) -> list[Span]:
    """(first seed, last seed) of every block in a folder, in order."""
    if not folder.is_dir():
        return []
    matches = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted((int(match[1]), int(match[2])) for match in matches if match)


def missing(seeds: range, done: Sequence[Span], size: int) -> list[range]:
    """The seeds that no block holds, cut at every `size`-th seed from the first.

    The cuts do not depend on what is stored, so that two processes on one folder ask for the same blocks.
    """
    cuts = []
    for gap in _gaps(seeds, done):
        start = gap.start
        while start < gap.stop:
            stop = min(gap.stop, start + size - (start - seeds.start) % size)
            cuts.append(range(start, stop))
            start = stop
    return cuts


def _gaps(seeds: range, done: Sequence[Span]) -> Iterator[range]:
    start = seeds.start
    for first, last in [*done, (seeds.stop, seeds.stop)]:
        if start < min(first, seeds.stop):
            yield range(start, min(first, seeds.stop))
        start = max(start, last + 1)


def write(folder: Path, seeds: range, tables: Mapping[str, pd.DataFrame]) -> None:
    """Stores the tables of consecutive seeds. If the block is there already, the first one stays.

    Args:
        tables: table -> frame with the integer column `seed`.

    Raises:
        StorageError: the block cannot be written; nothing of it is left.
    """
    _check(seeds, tables)
    temporary = atomic.temporary_in(folder)
    try:
        with atomic.writing(folder):
            temporary.mkdir(parents=True)
            for name, frame in tables.items():
                atomic.write_synced(temporary / f"{name}.parquet", parquet(frame))
            atomic.sync_folder(temporary)
            _publish(temporary, folder / f"seeds-{seeds.start:06d}-{seeds.stop - 1:06d}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _check(seeds: range, tables: Mapping[str, pd.DataFrame]) -> None:
    if seeds.step != 1 or not seeds or seeds.start < 0:
        raise ValueError(f"a block holds consecutive seeds, given {seeds}")
    for name, frame in tables.items():
        if SEED not in frame or not frame[SEED].between(seeds.start, seeds.stop - 1).all():
            raise ValueError(f"table {name}: column {SEED} must lie within {seeds}")


def _publish(temporary: Path, target: Path) -> None:
    try:
        temporary.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was first
            raise
    atomic.sync_folder(target.parent)


def parquet(frame: pd.DataFrame) -> bytes:
    """A frame without its index as a Parquet file, compressed with zstd."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    return sink.getvalue()


def read(folder: Path, table: str, columns: Sequence[str] | None = None, seeds: range | None = None) -> pd.DataFrame:
    """A table of all blocks, in the order of seeds and, within a seed, as written.

    Args:
        columns: those wanted, None for all.
        seeds: those wanted, None for all. Seeds that no block holds are left out.

    Raises:
        StorageError: no block holds any of the seeds, or a file cannot be read.
    """
    wanted = None if columns is None else list(dict.fromkeys([SEED, *columns]))
    parts = [
        _read_part(folder / f"seeds-{first:06d}-{last:06d}" / f"{table}.parquet", wanted, part)
        for (first, last), part in _cover(stored(folder), seeds)
    ]
    whole = together(parts, folder)
    if not whole[SEED].is_monotonic_increasing:
        whole = whole.sort_values(SEED, kind="stable", ignore_index=True)
    return whole if columns is None else whole[list(columns)]


def together(parts: Sequence[Any], folder: Path) -> pd.DataFrame:
    """Tables of Arrow one below the other.

    Raises:
        StorageError: there are none in the folder.
    """
    import pyarrow as pa

    if not parts:
        raise StorageError(Problem("storage.no_blocks", {"folder": str(folder)}))
    # The columns of an empty frame have no types worth keeping.
    filled = [part for part in parts if part.num_rows] or parts[:1]
    whole: pd.DataFrame = pa.concat_tables(filled, promote_options="permissive").unify_dictionaries().to_pandas()
    return whole


def _cover(blocks: Sequence[Span], seeds: range | None) -> Iterator[tuple[Span, range]]:
    """Each block with the seeds to read from it, every seed once."""
    start, stop = (0, sys.maxsize) if seeds is None else (seeds.start, seeds.stop)
    for first, last in blocks:
        part = range(max(start, first), min(last + 1, stop))
        if part:
            yield (first, last), part
        start = max(start, last + 1)


def _read_part(path: Path, columns: list[str] | None, seeds: range) -> Any:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with atomic.reading(path), pq.ParquetFile(path) as file:
        table = file.read(columns=columns).replace_schema_metadata(None)
    return table.filter((pc.field(SEED) >= seeds.start) & (pc.field(SEED) < seeds.stop))
