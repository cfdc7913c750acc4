"""Numbered blocks of a study: `block-000012.parquet`, one table each, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustersim.errors import Problem, StorageError
from clustersim.storage import atomic
from clustersim.storage.blocks import parquet

if TYPE_CHECKING:
    import pandas as pd

_NAME = re.compile(r"block-(\d{6,})\.parquet")


def stored(folder: Path) -> set[int]:
    """Numbers of the blocks in a folder."""
    if not folder.is_dir():
        return set()
    matches = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return {int(match[1]) for match in matches if match}


def path_of(folder: Path, number: int) -> Path:
    return folder / f"block-{number:06d}.parquet"


def write(folder: Path, number: int, frame: pd.DataFrame) -> None:
    """Stores a block. Two processes that are at the same one write the same bytes.

    Raises:
        StorageError: it cannot be written; nothing of it is left.
    """
    atomic.write_bytes(path_of(folder, number), parquet(frame))


def read(folder: Path, numbers: Sequence[int]) -> pd.DataFrame:
    """Blocks one below the other.

    Raises:
        StorageError: there are none, or one cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for number in numbers:
        path = path_of(folder, number)
        with atomic.reading(path):
            tables.append(pq.read_table(path))
    if not tables:
        raise StorageError(Problem("storage.no_blocks", {"folder": str(folder)}))
    frame: pd.DataFrame = pa.concat_tables(tables).unify_dictionaries().to_pandas()
    return frame
