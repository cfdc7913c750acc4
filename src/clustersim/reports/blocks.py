"""What a report consists of: headings, paragraphs, bullets, tables and pictures, whatever shows them.

A line of words is written with three marks: `**strong**`, `*emphasised*` and `` `code` ``. Nothing else is markup, and
behind a backslash a mark is none; see `escaped`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import itemgetter

_PIECE = re.compile(r"\\(?P<escaped>[\\`*])|`(?P<code>[^`]*)`|(?P<mark>\*\*?)|(?P<text>[^\\`*]+|.)", re.DOTALL)
_MARK = re.compile(r"[\\`*]")


@dataclass(frozen=True)
class Words:
    """A piece of a line in one look. `tone`: `good`, `bad` or `open` for a verdict, shown where there are colours."""

    text: str
    strong: bool = False
    emphasised: bool = False
    code: bool = False
    tone: str = ""


type Line = tuple[Words, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of a level, from 1 on; the title of the document has none."""

    line: Line
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of one line."""

    line: Line


@dataclass(frozen=True)
class Bullets:
    """A list without numbers."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class Preformatted:
    """Lines that stand as they are, in letters of one width."""

    text: str


@dataclass(frozen=True)
class Table:
    """Cells below a header.

    A row heads the rows below it where it has a single cell, which spans all columns, or a strong first cell.
    """

    caption: Line
    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]

    def spans(self, row: tuple[Line, ...]) -> bool:
        return len(row) == 1 < len(self.header)

    def heads(self, row: tuple[Line, ...]) -> bool:
        return self.spans(row) or (bool(row[0]) and all(piece.strong for piece in row[0]))

    @property
    def full_rows(self) -> list[tuple[Line, ...]]:
        return [row for row in self.rows if not self.heads(row)]


@dataclass(frozen=True)
class Picture:
    """A figure: the name of its file, the caption below it, and what it shows for those who do not see it."""

    name: str
    caption: Line
    alt_text: str


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


type Block = Heading | Paragraph | Bullets | Preformatted | Table | Picture | PageBreak


@dataclass(frozen=True)
class Document:
    """A report: title and the line below it, then blocks."""

    title: str
    subtitle: Line
    blocks: tuple[Block, ...]

    @property
    def pictures(self) -> list[Picture]:
        return [block for block in self.blocks if isinstance(block, Picture)]

    @property
    def first_page(self) -> list[Block]:
        """The blocks before the first page break."""
        return list(takewhile(lambda block: not isinstance(block, PageBreak), self.blocks))


@dataclass(frozen=True)
class Frame:
    """Words that stand on every page of a document, or at every figure and table.

    Attributes:
        page: what stands before the number of the page, between it and the number of pages, and behind that.
        figure, table: names before their numbers. separator: behind them.
    """

    made_by: str
    page: tuple[str, str, str]
    figure: str
    table: str
    separator: str


def line(text: str | Line) -> Line:
    """The words of a text with marks; those of a line are as they are."""
    if not isinstance(text, str):
        return text
    looks = groupby(_pieces(text), itemgetter(0))
    return tuple(Words("".join(words for _, words in pieces), *look) for look, pieces in looks)


def _pieces(text: str) -> Iterator[tuple[tuple[bool, bool, bool], str]]:
    """Strong, emphasised, code; and the words that look so."""
    look = {"**": False, "*": False}
    for found in _PIECE.finditer(text):
        if mark := found["mark"]:
            look[mark] = not look[mark]
        else:
            words = found["code"] or found["escaped"] or found["text"] or ""
            yield (look["**"], look["*"], found["code"] is not None), words


def escaped(words: str) -> str:
    """Words of a user as text with marks that shows just these words."""
    return _MARK.sub(r"\\\g<0>", words)


def plain(words: Line) -> str:
    """A line without its marks."""
    return "".join(piece.text for piece in words)


def as_text(words: Line) -> str:
    """A line where all letters look the same: code in backticks."""
    return "".join(f"`{piece.text}`" if piece.code else piece.text for piece in words)


def heading(words: str, level: int = 1) -> Heading:
    return Heading(line(words), level)


def paragraph(words: str) -> Paragraph:
    return Paragraph(line(words))


def bullets(items: Iterable[str]) -> Bullets:
    return Bullets(tuple(line(item) for item in items))


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str | Line]]) -> Table:
    """A table of texts with marks.

    Args:
        rows: each as long as the header, or with a single cell.
    """
    lines = tuple(tuple(line(cell) for cell in row) for row in rows)
    return Table(line(caption), tuple(line(name) for name in header), lines)
