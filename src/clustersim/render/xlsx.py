"""Sheets as an XLSX workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from clustersim.render.layout import letters
from clustersim.render.stamps import NAME
from clustersim.reports.workbook import Sheet
from clustersim.storage.provenance import Stamp

WIDEST = 44  # characters of a column
LOOKED_AT = 200  # rows, for the width of a column


def xlsx(sheets: Sequence[Sheet], stamp: Stamp) -> bytes:
    """The workbook, with its stamp as a custom property."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    book.custom_doc_props.append(StringProperty(name=NAME, value=stamp.text()))  # type: ignore[attr-defined]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill(into: Worksheet, sheet: Sheet) -> None:
    above = [[sheet.intro], []] if sheet.intro else []
    for row in [*above, sheet.header, *sheet.rows]:
        into.append(row)
    first = 1 + len(above)
    for cell in into[first]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    into.freeze_panes = f"A{first + 1}"
    for number, column in enumerate(into.iter_cols(min_row=first, max_row=first + LOOKED_AT), start=1):
        longest = max(_letters(cell.value) for cell in column)
        into.column_dimensions[get_column_letter(number)].width = min(WIDEST, longest + 2)
    _keep_texts(into)


def _keep_texts(sheet: Worksheet) -> None:
    """openpyxl takes a text that begins with = for a formula."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"


def _letters(value: Any) -> int:
    return letters(f"{value:.6g}" if isinstance(value, float) else str(value or ""))
