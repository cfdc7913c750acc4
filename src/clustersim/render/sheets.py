"""The tables of a briefing: CSV as programs read it, one workbook as people do, in their language."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from clustersim.messages import has, text
from clustersim.render import office
from clustersim.render.layout import letters
from clustersim.reports import wording
from clustersim.storage.provenance import Stamp

LONGEST_NAME = 31  # characters of the name of a sheet
LEAST_OF_LABEL = 9  # of these, what the name of a run keeps beside what the sheet holds
WIDEST = 44  # characters of a column
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
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "-------")


@dataclass(frozen=True)
class Sheet:
    """A table of a pack. `kind`: what it holds, `effects`; `of`: which run or study, where there are several."""

    kind: str
    of: str
    frame: pd.DataFrame

    @property
    def file(self) -> str:
        return f"{self.of}_{self.kind}" if self.of else self.kind


def csv(frame: pd.DataFrame) -> bytes:
    """A table without its index; with a byte order mark, without which Excel on Chinese Windows misreads it."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def workbook(tables: Sequence[Sheet], intro: str, stamp: Stamp) -> bytes:
    """XLSX: a sheet that says what the others are, then a sheet for each table."""
    book = Workbook()
    about = book.active
    assert isinstance(about, Worksheet)
    about.title = text("brief.sheet.about")
    about.append([intro])
    about.append([])
    about.append([text(f"brief.sheet.{name}") for name in ("sheet", "content")])
    for table, title in zip(tables, sheet_names(tables), strict=True):
        sheet = book.create_sheet(title)
        key = f"brief.content.{table.kind}"
        about.append([sheet.title, text(key) if has(key) else ""])
        _fill(sheet, table)
    about["A3"].font = about["B3"].font = Font(bold=True)
    about.column_dimensions["A"].width = 30
    for sheet in book.worksheets:
        _keep_texts(sheet)
    book.custom_doc_props.append(StringProperty(name=office.NAME, value=stamp.text()))  # type: ignore[attr-defined]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet_names(tables: Sequence[Sheet]) -> list[str]:
    """Names that Excel takes: what each sheet holds and of what, where there are several; no two alike."""
    names: list[str] = []
    taken = {text("brief.sheet.about").lower()}
    for table in tables:
        tries = (_sheet_name(table, mark) for mark in chain([""], (f" {number}" for number in count(2))))
        names.append(next(name for name in tries if name.lower() not in taken))
        taken.add(names[-1].lower())
    return names


def _sheet_name(table: Sheet, mark: str) -> str:
    """Cut to length: of a long label the beginning is kept, of the kind what leaves room for that."""
    key = f"brief.sheet_name.{table.kind}"
    kind = text(key) if has(key) else table.kind.replace("_", " ")
    room = LONGEST_NAME - len(mark)
    label = f" {table.of}"[: max(LEAST_OF_LABEL, room - len(kind))] if table.of else ""
    return (kind[: room - len(label)] + label.rstrip() + mark).translate(_NOT_IN_NAMES)


def _fill(sheet: Worksheet, table: Sheet) -> None:
    told = table.frame.drop(columns=[name for name in ("kind", "headline") if name in table.frame])
    if {"dimension", "group"} <= set(told):
        named = [_group(*pair) for pair in zip(told["dimension"], told["group"], strict=True)]
        told = told.assign(group=pd.Series(named, told.index, dtype=object))
    sheet.append([column_name(table.kind, str(name)) for name in told])
    for row in told.itertuples(index=False):
        sheet.append([_cell(str(name), value) for name, value in zip(told, row, strict=True)])
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns, start=1):
        longest = max(_letters(cell.value) for cell in column[:200])
        sheet.column_dimensions[get_column_letter(number)].width = min(WIDEST, longest + 2)


def _keep_texts(sheet: Worksheet) -> None:
    """openpyxl takes a text that begins with = for a formula."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"


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
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, int) or value is None:
        return value
    return _named(column, str(value))


def _named(column: str, value: str) -> str:
    if column in ("arm", "against", "winner", "second", "other"):
        return wording.arm_name(value)
    if column in ("measure", "outcome") and has(f"measure.{value}.title"):
        return wording.measure_title(value)
    return wording.named(NAMED[column], value) if column in NAMED else value


def _letters(value: Any) -> int:
    return letters(f"{value:.6g}" if isinstance(value, float) else str(value or ""))
