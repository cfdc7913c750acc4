"""What the Word document and the PDF have in common: words of captions and of the page's foot, columns of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clustersim.brief.blocks import Document, Table, plain
from clustersim.messages import text
from clustersim.storage.provenance import Stamp

_NUMBER = re.compile(r"[-+−±]?\d|-$")


@dataclass(frozen=True)
class Layout:
    """Words that stand on every page or at every figure.

    Attributes:
        page: what stands before the number of the page, between it and the number of pages, and behind that.
        figure, table: names before their numbers. separator: behind them.
    """

    made_by: str
    page: tuple[str, str, str]
    figure: str
    table: str
    separator: str

    @classmethod
    def of(cls, document: Document, stamp: Stamp) -> Layout:
        language = document.language
        mark = "\0"
        before, between, after = text("brief.page", language, page=mark, pages=mark).split(mark)
        source = stamp.sources[0]
        made_by = text("brief.made_by", language, version=source.code, run=source.run)
        names = (text(f"brief.{name}", language) for name in ("figure", "table", "caption_separator"))
        return cls(made_by, (before, between, after), *names)


WIDTH = 160.0  # millimetres of text on an A4 page
LONGEST = 60  # letters of a cell that are given a line of their own


@dataclass(frozen=True)
class Cell:
    """Millimetres: of a letter of a table's size, and beside the words of a cell."""

    letter: float
    padding: float


def column_widths(table: Table, cell: Cell) -> list[float]:
    """Width of each column in millimetres: what its longest cell needs; where that is too much, wide ones give way."""
    lines = [table.header, *table.rows]
    wanted = [
        cell.padding + cell.letter * min(LONGEST, max(letters(plain(line[number])) for line in lines))
        for number in range(len(table.header))
    ]
    widths = list(wanted)
    room, open_columns = WIDTH, set(range(len(wanted)))
    while open_columns and sum(wanted[number] for number in open_columns) > room:
        fair = room / len(open_columns)
        kept = {number for number in open_columns if wanted[number] <= fair}
        if not kept:
            whole = sum(wanted[number] for number in open_columns)
            for number in open_columns:
                widths[number] = wanted[number] * room / whole
            break
        room -= sum(wanted[number] for number in kept)
        open_columns -= kept
    return widths


def letters(text: str) -> int:
    """Width in letters; a Chinese character counts as two."""
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)


def numeric_columns(table: Table) -> list[bool]:
    """Columns whose cells all begin with a number, or hold none; they are aligned at the right."""
    columns = zip(*table.rows, strict=True)
    return [all(_NUMBER.match(plain(cell)) for cell in column if plain(cell)) for column in columns]
