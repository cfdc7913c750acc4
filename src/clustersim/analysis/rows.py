"""Rows of frames, and frames by some of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

type Row = Any  # a named tuple of the frame's columns


def rows_of(frame: pd.DataFrame) -> list[Row]:
    return list(frame.itertuples())


def by_arm(frame: pd.DataFrame) -> list[tuple[str, dict[str, Row]]]:
    """Each arm with its rows by measure."""
    return [(str(arm), {row.measure: row for row in rows_of(rows)}) for arm, rows in frame.groupby("arm", sort=False)]


def nested(frame: pd.DataFrame, outer: str, inner: str) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Parts of the frame by two columns, both in the order of their first appearance."""
    for first, part in frame.groupby(outer, sort=False):
        for second, rows in part.groupby(inner, sort=False):
            yield str(first), str(second), rows


def headline_rows(effects: pd.DataFrame) -> list[Row]:
    return rows_of(effects[effects["headline"].astype(bool)])
