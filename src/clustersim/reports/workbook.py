"""The tables of a briefing as people read them: sheets whose columns and entries are named in their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import pandas as pd

from clustersim.messages import has, text
from clustersim.reports import wording

LONGEST_NAME = 31  # characters of the name of a sheet
LEAST_OF_LABEL = 9  # of these, what the name of a run keeps beside what the sheet holds
# Column -> table of the catalogue that its entries are named in.
NAMED = {
    "verdict": "verdict",
    "unit": "measure_unit",
    "effect_unit": "measure_unit",
    "resource": "resource",
    "dimension": "dimension",
    "channel": "channel",
    "stage": "figure.funnel.stage",
}
ARMS = ("arm", "against", "winner", "second", "other")
LEFT_OUT = ("kind", "headline")  # columns
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "-------")


@dataclass(frozen=True)
class ResultTable:
    """A table of a pack. `kind`: what it holds, `effects`; `of`: which run or study, where there are several."""

    kind: str
    of: str
    frame: pd.DataFrame

    @property
    def file(self) -> str:
        return f"{self.of}_{self.kind}" if self.of else self.kind


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: words above its table, if any; texts, numbers, truth values or nothing in its cells."""

    title: str
    header: list[str]
    rows: list[list[Any]]
    intro: str = ""


def workbook(tables: Sequence[ResultTable], title: str, code: str) -> list[Sheet]:
    """A sheet that says what the others are, then a sheet for each table.

    Args:
        title: of the briefing. code: version of the code that made the numbers.
    """
    names = sheet_names(tables)
    contents = [[name, _content(table.kind)] for name, table in zip(names, tables, strict=True)]
    header = [text(f"brief.sheet.{name}") for name in ("sheet", "content")]
    intro = text("brief.sheet.intro", title=title, version=code)
    about = Sheet(text("brief.sheet.about"), header, contents, intro)
    return [about, *(_sheet(name, table) for name, table in zip(names, tables, strict=True))]


def _content(kind: str) -> str:
    key = f"brief.content.{kind}"
    return text(key) if has(key) else ""


def sheet_names(tables: Sequence[ResultTable]) -> list[str]:
    """Names that Excel takes: what each sheet holds and of what, where there are several; no two alike."""
    names: list[str] = []
    taken = {text("brief.sheet.about").lower()}
    for table in tables:
        tries = (_sheet_name(table, mark) for mark in chain([""], (f" {number}" for number in count(2))))
        names.append(next(name for name in tries if name.lower() not in taken))
        taken.add(names[-1].lower())
    return names


def _sheet_name(table: ResultTable, mark: str) -> str:
    """Cut to length: of a long label the beginning is kept, of the kind what leaves room for that."""
    key = f"brief.sheet_name.{table.kind}"
    kind = text(key) if has(key) else table.kind.replace("_", " ")
    room = LONGEST_NAME - len(mark)
    label = f" {table.of}"[: max(LEAST_OF_LABEL, room - len(kind))] if table.of else ""
    return (kind[: room - len(label)] + label.rstrip() + mark).translate(_NOT_IN_NAMES)


def _sheet(title: str, table: ResultTable) -> Sheet:
    told = table.frame.drop(columns=[name for name in LEFT_OUT if name in table.frame])
    if {"dimension", "group"} <= set(told):
        named = [_group(*pair) for pair in zip(told["dimension"], told["group"], strict=True)]
        told = told.assign(group=pd.Series(named, told.index, dtype=object))
    rows = [
        [_cell(str(name), value) for name, value in zip(told, row, strict=True)] for row in told.itertuples(index=False)
    ]
    return Sheet(title, [column_name(table.kind, str(name)) for name in told], rows)


def column_name(kind: str, name: str) -> str:
    """In the language where the catalogue has it; of a factor its key path, of an arm's effect the arm.

    Columns of a kind of table that mean something else than in the others have a name of their own.
    """
    key = next((key for key in (f"column.{kind}.{name}", f"column.{name}") if has(key)), None)
    return text(key) if key else name


def _group(dimension: str, group: Any) -> Any:
    """Sizes and members are named in the language; tiers, sites and chains have names of the user's."""
    kind = "size_class" if dimension == "size_class" else "group"
    return group if dimension in ("tier", "site", "chain") else wording.named(kind, str(group))


def _cell(column: str, value: Any) -> Any:
    """A value as the sheet holds it: names in the language, numbers as they are, nothing for what is no number."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, int) or value is None else _named(column, str(value))


def _named(column: str, value: str) -> str:
    if column in ARMS:
        return wording.arm_name(value)
    if column in ("measure", "outcome") and has(f"measure.{value}.title"):
        return wording.measure_title(value)
    return wording.named(NAMED[column], value) if column in NAMED else value
