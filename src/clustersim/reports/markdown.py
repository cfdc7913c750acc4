"""Headings, tables and cells of report.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.wording import Row


def heading(name: str) -> str:
    return f"## {text(f'report.{name}')}"


def note(name: str) -> str:
    return text(f"report.{name}_note")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is words and whose cells hold no line breaks."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def columns(names: Iterable[str]) -> list[str]:
    return [text(f"table.{name}") for name in names]


def measure_with_unit(name: str, unit: str) -> str:
    measure, unit = wording.measure_title(name), wording.unit_name(unit)
    return text("table.difference_in", measure=measure, unit=unit)


def difference(row: Row) -> str:
    """Effect and interval; the unit with it where it is not that of the levels."""
    effect, low, high = wording.effect_numbers(row)
    if row.effect_unit != row.unit:
        effect = wording.quantity(effect, row.effect_unit)
    if not math.isfinite(row.low):
        return effect
    return text("table.with_interval", effect=effect, low=low, high=high)


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


def seeds_of(frame: pd.DataFrame) -> str:
    """`60`, or `58-60` where not all rows have the same number of seeds."""
    least, most = int(frame["seeds"].min()), int(frame["seeds"].max())
    return f"{most:,}" if least == most else f"{least:,}-{most:,}"
