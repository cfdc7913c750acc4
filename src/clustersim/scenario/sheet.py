"""Tables that users hand in, CSV in the encodings of offices or XLSX, as cells that know where they stand.

What is wrong with a table is collected in `Sheet.problems`, not raised: all of it is told at once.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustersim.errors import Problem

NOTE_PREFIXES = ("note", "备注")
DELIMITERS = (",", ";", "\t")
ZIP_MAGIC = b"PK\x03\x04"
OLD_OFFICE_MAGIC = b"\xd0\xcf\x11\xe0"
# How alike names told as near are. Two Chinese words of two characters that share one are half alike.
NEAR_LETTERS, NEAR_CHARACTERS = 0.6, 0.5
MOST_SEARCHES = 20  # in a file of thousands of wrong names the search would take minutes
SHOWN_NAMES = 20

type Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Column:
    """A column that a table may have, under its name or an alias. An `ignored` one is accepted, not read."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    ignored: bool = False


@dataclass(frozen=True)
class Cell:
    """`written` is the text without surrounding spaces, `text` the same with full-width forms folded."""

    written: str
    line: int
    header: str

    @property
    def text(self) -> str:
        return normal(self.written)


@dataclass
class Sheet:
    """A table as read. A file that cannot be read is a sheet without columns and rows, with its problem.

    Attributes:
        file: as the user named it.
        content: the bytes of the file.
        columns: known column -> (position, header as written).
        rows: (row number in the sheet counted from 1, cells), rows without any content left out.
    """

    file: str
    content: bytes = b""
    columns: dict[str, tuple[int, str]] = field(default_factory=dict)
    rows: Rows = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def column(self, name: str) -> list[Cell]:
        """A cell a row; empty cells where the sheet has no such column."""
        position, header = self.columns.get(name, (None, name))
        if position is None:
            return [Cell("", line, header) for line, _ in self.rows]
        return [Cell(cells[position] if position < len(cells) else "", line, header) for line, cells in self.rows]

    def complain(self, key: str, line: int | None = None, path: str | None = None, **fields: Any) -> None:
        self.problems.append(Problem(key, fields, file=self.file, line=line, path=path))

    def reject(self, cell: Cell, key: str, **fields: Any) -> None:
        self.complain(key, cell.line, cell.header, given=cell.written, **fields)

    def reject_unknown(self, cell: Cell, key: str, known: Iterable[str]) -> None:
        self.complain_unknown(key, cell.written, list(known), line=cell.line, path=cell.header)

    def complain_unknown(
        self, key: str, given: str, allowed: Sequence[str], aliases: Sequence[str] = (), **place: Any
    ) -> None:
        """An unknown name. The catalogue holds `<key>.near` (with `nearest`) and `<key>.plain`."""
        shown = ", ".join((*allowed[:SHOWN_NAMES], *(["…"] if len(allowed) > SHOWN_NAMES else [])))
        fields = {"given": given, "allowed": shown, **place}
        if len(self.problems) < MOST_SEARCHES and (near := _nearest(given, (*aliases, *allowed))):
            self.complain(f"{key}.near", nearest=near, **fields)
        else:
            self.complain(f"{key}.plain", **fields)


def _nearest(given: str, known: Sequence[str]) -> str | None:
    names = {header_key(name): name for name in known}
    cutoff = NEAR_LETTERS if given.isascii() else NEAR_CHARACTERS
    near = difflib.get_close_matches(header_key(given), names, n=1, cutoff=cutoff)
    return names[near[0]] if near else None


class _UnreadableError(Exception):
    def __init__(self, key: str, line: int | None = None, **fields: Any):
        self.key, self.line, self.fields = key, line, fields


def normal(text: str) -> str:
    """Full-width letters, digits and brackets as their plain forms, no surrounding spaces."""
    return unicodedata.normalize("NFKC", text).strip()


def header_key(text: str) -> str:
    """What headers are compared by: case does not count, nor whether a space, `-` or `_` joins words."""
    return "_".join(normal(text).casefold().replace("-", " ").replace("_", " ").split())


def read_sheet(path: Path, columns: Sequence[Column]) -> Sheet:
    """The table in a file. `Sheet.problems` says what is wrong with the file, its header and its shape."""
    sheet = Sheet(str(path))
    known = {header_key(name): column for column in columns for name in (column.name, *column.aliases)}
    try:
        sheet.content = _content(path)
        rows = _rows(sheet.content, known)
    except _UnreadableError as error:
        sheet.complain(error.key, error.line, **error.fields)
        return sheet
    if not rows:
        sheet.complain("sheet.empty")
        return sheet
    (header_line, header), sheet.rows = rows[0], rows[1:]
    _read_header(sheet, header_line, header, known)
    _require(sheet, header_line, columns)
    _refuse_nameless_cells(sheet, header)
    if not sheet.rows:
        sheet.complain("sheet.no_rows", header_line)
    return sheet


def _read_header(sheet: Sheet, line: int, header: list[str], known: Mapping[str, Column]) -> None:
    for position, written in enumerate(header):
        key = header_key(written)
        if not key or key.startswith(NOTE_PREFIXES):
            continue
        column = known.get(key)
        if column is None:
            columns = dict.fromkeys(known.values())
            names = ["/".join((it.name, *it.aliases[:1])) for it in columns]
            aliases = [name for it in columns for name in (it.name, *it.aliases)]
            sheet.complain_unknown("sheet.unknown_column", written, names, aliases, line=line, path=written)
        elif column.name in sheet.columns:
            first = sheet.columns[column.name][1]
            sheet.complain("sheet.duplicate_column", line, column.name, given=written, first=first)
        elif not column.ignored:
            sheet.columns[column.name] = (position, written)


def _require(sheet: Sheet, line: int, columns: Sequence[Column]) -> None:
    for column in columns:
        if column.required and column.name not in sheet.columns:
            allowed = ", ".join((column.name, *column.aliases))
            sheet.complain("sheet.missing_column", line, column.name, allowed=allowed)


def _refuse_nameless_cells(sheet: Sheet, header: list[str]) -> None:
    """A cell without a header above it: most often a comma in a text that is not in quotes."""
    nameless = {position for position, written in enumerate(header) if not normal(written)}
    for line, cells in sheet.rows:
        stray = [
            text for position, text in enumerate(cells) if text and (position >= len(header) or position in nameless)
        ]
        if stray:
            sheet.complain("sheet.nameless_cell", line, given=stray[0])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _UnreadableError("sheet.not_found") from None
    except OSError as error:
        raise _UnreadableError("sheet.unreadable", reason=error.strerror or str(error)) from error


def _rows(content: bytes, known: Mapping[str, Column]) -> Rows:
    """Rows with content, told by the first bytes, not by the file's name: offices rename files."""
    if content.startswith(OLD_OFFICE_MAGIC):
        raise _UnreadableError("sheet.old_office")
    rows = _xlsx_rows(content) if content.startswith(ZIP_MAGIC) else _csv_rows(_decoded(content), known)
    return [(line, cells) for line, cells in rows if any(cells)]


def _decoded(content: bytes) -> str:
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8", "gb18030"):
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise _UnreadableError("sheet.encoding")


def _csv_rows(text: str, known: Mapping[str, Column]) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, known), strict=True)
    rows: Rows = []
    try:
        for cells in reader:
            rows.append((len(rows) + 1, [cell.strip() for cell in cells]))
    except csv.Error as error:
        raise _UnreadableError("sheet.broken_csv", len(rows) + 1, reason=str(error)) from error
    return rows


def _delimiter(text: str, known: Mapping[str, Column]) -> str:
    """The delimiter under which the header line holds most known columns, then most columns at all."""
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")

    def score(delimiter: str) -> tuple[int, int]:
        names = [header_key(name.strip(' "')) for name in header.split(delimiter)]
        return sum(name in known or name.startswith(NOTE_PREFIXES) for name in names), len(names)

    return max(DELIMITERS, key=score)


def _xlsx_rows(content: bytes) -> Rows:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations that do not matter here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a wrong extent; read-only mode believes it
            return [
                (line, [_cell_text(value) for value in values])
                for line, values in enumerate(sheet.iter_rows(values_only=True), start=1)
            ]
    except Exception as error:  # a damaged file makes openpyxl and its parsers raise whatever they meet
        raise _UnreadableError("sheet.broken_xlsx", reason=str(error)) from error


def _cell_text(value: object) -> str:
    """A spreadsheet knows only one kind of number: 12.0 is what its user sees as 12."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
