"""How large the letters of a Word document may be for its first page to be one page.

Word sets its pages itself, on every machine with its own fonts, so the height is an estimate on the safe side: Typst,
which sets the PDF, measures it.
"""

from __future__ import annotations

import math
from itertools import takewhile

from clustersim.render.layout import WIDTH, letters
from clustersim.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Preformatted,
    Table,
    plain,
)

SIZES = (9.5, 9.25, 9.0, 8.75, 8.5, 8.25, 8.0)  # points
LINE = 1.3  # of the size of the letters; exactly, since fonts of other systems stand higher
AFTER = {"Normal": 4, "List Bullet": 2, "Note": 4, "Caption": 6, "Subtitle": 4}  # points below a paragraph
HEADING = 28.0  # points of a heading with its spaces
TITLE = 40.0  # points of title and subtitle, where each has one line
PAGE = 297.0 - 2 * 18.0  # millimetres between the margins
POINT = 25.4 / 72.0  # millimetres
LETTER, CHARACTER = 0.44, 1.0  # width by size: of a letter of Arial in the mean, of a Chinese character
LOST = 3  # letters of a line that stay empty since words are not cut
INDENT = 6.4  # millimetres of a bullet
SPARE = 0.97  # of the page that the estimate may fill


def body_size(document: Document) -> float:
    """The largest size in points at which the first page is one; the smallest where none is small enough."""
    room = SPARE * PAGE / POINT
    return next((size for size in SIZES if height(document, size) <= room), SIZES[-1])


def height(document: Document, size: float) -> float:
    """Points that title, subtitle and the blocks before the first page break need. No first page holds pictures."""
    before = takewhile(lambda block: not isinstance(block, PageBreak), document.blocks)
    return TITLE + sum(_height(block, size) for block in before)


def _height(block: Block, size: float) -> float:
    match block:
        case Heading():
            return HEADING
        case Paragraph(words):
            return _paragraph(plain(words), size, WIDTH) + AFTER["Normal"]
        case Bullets(items):
            return sum(_paragraph(plain(item), size, WIDTH - INDENT) + AFTER["List Bullet"] for item in items)
        case Table(rows=rows):
            return HEADING + (len(rows) + 1) * size * LINE
        case Preformatted(text):
            return len(text.splitlines()) * size * LINE
        case Picture() | PageBreak():
            return 0.0


def _paragraph(words: str, size: float, width: float) -> float:
    wide = letters(words) - len(words)  # Chinese characters
    needed = LETTER * (len(words) - wide) + CHARACTER * wide
    a_line = width / (size * POINT) - LETTER * LOST
    return math.ceil(needed / a_line) * size * LINE
