"""Widths of the columns of a table on a page, and which of them hold numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clustersim.reports.blocks import Line, Table, plain

# What no line break cuts: a Chinese character, or what stands between spaces and such characters; with its brackets.
_WORD = re.compile(r"[（“《]*(?:[^\s\u2e80-\uffff]+|[\u2e80-\uffff])[）”》，。；、：]*")
_NUMBER = re.compile(r"[-+−±]?\d|-$")


WIDTH = 160.0  # millimetres of text on an A4 page
WIDE = 0x2E80  # from here on characters are as wide as two letters
LEAST_CHINESE = 8  # letters that a column of Chinese holds at least
LONGEST = 60  # letters of a cell that are given a line of their own
SAFE = 1.15  # the letters of a single word may be this much wider than letters are in the mean, as bold ones and codes


@dataclass(frozen=True)
class Cell:
    """Millimetres: of a letter of a table's size, and beside the words of a cell."""

    letter: float
    padding: float

    def width(self, letters: float) -> float:
        return self.padding + self.letter * letters


def column_widths(table: Table, cell: Cell) -> list[float]:
    """Width of each column in millimetres.

    No column is narrower than its longest word, unless the words alone are wider than the page. Numbers get a line of
    their own first, as far as there is room; then other cells, in proportion to what the longest of each column lacks,
    then headers.
    """
    columns = list(zip(*table.full_rows, strict=True)) or [()] * len(table.header)
    headed = [(head, *column) for head, column in zip(table.header, columns, strict=True)]
    words = [cell.width(SAFE * _longest(column, _longest_word)) for column in headed]
    widths = words if sum(words) <= WIDTH else _narrowed(words)
    numbers = [column if is_numeric else () for column, is_numeric in zip(columns, numeric_columns(table), strict=True)]
    for wanted in (numbers, columns, headed):
        widths = _widened(widths, [cell.width(_longest(column, _letters_of_line)) for column in wanted])
    return widths


def _longest(cells: Iterable[Line], letters_of: Callable[[str], int]) -> int:
    return max((letters_of(plain(words)) for words in cells), default=0)


def _letters_of_line(text: str) -> int:
    return min(LONGEST, letters(text))


def _longest_word(text: str) -> int:
    """Chinese may break anywhere, but not behind every character."""
    wide = letters("".join(character for character in text if ord(character) >= WIDE))
    return max(min(wide, LEAST_CHINESE), *(letters(word) for word in _WORD.findall(text)), 0)


def _widened(widths: list[float], wanted: list[float]) -> list[float]:
    lacking = [max(0.0, want - width) for want, width in zip(wanted, widths, strict=True)]
    given = min(1.0, max(0.0, WIDTH - sum(widths)) / (sum(lacking) or 1.0))
    return [width + given * lack for width, lack in zip(widths, lacking, strict=True)]


def _narrowed(wanted: list[float]) -> list[float]:
    """Columns that are wider than their share of the page give way; the others keep what they need."""
    room, wide = WIDTH, set(range(len(wanted)))
    while kept := {number for number in wide if wanted[number] <= room / len(wide)}:
        room -= sum(wanted[number] for number in kept)
        wide -= kept
    whole = sum(wanted[number] for number in wide)
    return [wanted[number] * (room / whole if number in wide else 1.0) for number in range(len(wanted))]


def letters(text: str) -> int:
    """Width in letters; a Chinese character counts as two."""
    return sum(1 if ord(character) < WIDE else 2 for character in text)


def numeric_columns(table: Table) -> list[bool]:
    """Columns whose cells all begin with a number, or hold none; they are aligned at the right."""
    columns = list(zip(*table.full_rows, strict=True)) or [()] * len(table.header)
    return [bool(column) and all(_NUMBER.match(plain(cell)) for cell in column if plain(cell)) for column in columns]
