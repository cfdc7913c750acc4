"""A briefing as a Word document: real headings, captions, tables, alternative texts, fonts for both scripts."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from clustersim.render import office
from clustersim.render.layout import WIDTH, Cell, column_widths, numeric_columns
from clustersim.render.word_frame import LINE, TINY, add_field, set_fonts, set_frame
from clustersim.reports.blocks import (
    Block,
    Bullets,
    Document,
    Frame,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    Picture,
    Preformatted,
    Table,
    Words,
)
from clustersim.storage.provenance import Stamp

CODE = "Consolas"
CELL = Cell(letter=1.5, padding=4.2)
BORDERS = (
    "<w:tblBorders {ns}><w:top w:val='single' w:sz='6' w:color='000000'/><w:bottom w:val='single' w:sz='6' "
    "w:color='000000'/><w:insideH w:val='single' w:sz='2' w:color='BFBFBF'/></w:tblBorders>"
)


def word(document: Document, frame: Frame, stamp: Stamp, pack: Path) -> bytes:
    """The document as DOCX.

    Args:
        pack: folder with the PNG of each figure in `figures/`.
    """
    made = docx.Document()
    set_frame(made, document, frame)
    _add_title(made, document)
    for before, block in pairwise([None, *document.blocks]):
        if block is not None and not isinstance(block, PageBreak):
            _add(made, block, isinstance(before, PageBreak), frame, pack)
    office.put(made.part.package, stamp.text())
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def _add(made: WordDocument, block: Block, on_new_page: bool, frame: Frame, pack: Path) -> None:
    count = len(made.paragraphs)
    _ADD[type(block)](made, block, frame, pack)
    if on_new_page:
        made.paragraphs[count].paragraph_format.page_break_before = True


def _add_title(made: WordDocument, document: Document) -> None:
    border = made.styles["Title"].element.find(f".//{qn('w:pBdr')}")
    if border is not None:
        border.getparent().remove(border)
    made.add_paragraph(document.title, style="Title")
    _add_line(made.add_paragraph(style="Subtitle"), document.subtitle)


def _add_heading(made: WordDocument, block: Heading, _frame: Frame, _pack: Path) -> None:
    _add_line(made.add_paragraph(style=f"Heading {block.level}"), block.line)


def _add_paragraph(made: WordDocument, block: Paragraph, _frame: Frame, _pack: Path) -> None:
    _add_line(made.add_paragraph(style="Normal"), block.line)


def _add_bullets(made: WordDocument, block: Bullets, _frame: Frame, _pack: Path) -> None:
    for item in block.items:
        _add_line(made.add_paragraph(style="List Bullet"), item)


def _add_preformatted(made: WordDocument, block: Preformatted, _frame: Frame, _pack: Path) -> None:
    for row in block.text.splitlines():
        _add_line(made.add_paragraph(style="Normal"), (Words(row, code=True),))


def _add_picture(made: WordDocument, block: Picture, frame: Frame, pack: Path) -> None:
    holder = made.add_paragraph(style="Picture")
    holder.paragraph_format.keep_with_next = True
    shape = holder.add_run().add_picture(str(pack / "figures" / f"{block.name}.png"), width=Mm(WIDTH))
    about = shape._inline.docPr  # python-docx has no name for the alternative text
    about.set("descr", block.alt_text)
    about.set("title", block.name)
    _add_caption(made, frame.figure, "Figure", block.caption, frame)


def _add_caption(made: WordDocument, name: str, sequence: str, words: Line, frame: Frame) -> WordParagraph:
    """A caption that Word numbers and can list."""
    caption = made.add_paragraph(style="Caption")
    caption.add_run(f"{name} ")
    add_field(caption, f"SEQ {sequence} \\* ARABIC", str(_count(made, sequence)))
    caption.add_run(frame.separator)
    _add_line(caption, words)
    return caption


def _count(made: WordDocument, sequence: str) -> int:
    fields = made.element.body.iter(qn("w:instrText"))
    return 1 + sum(f"SEQ {sequence} " in (field.text or "") for field in fields)


def _add_table(made: WordDocument, block: Table, frame: Frame, _pack: Path) -> None:
    caption = _add_caption(made, frame.table, "Table", block.caption, frame)
    caption.paragraph_format.keep_with_next = True
    table = made.add_table(rows=0, cols=len(block.header))
    table.autofit = False
    borders = parse_xml(BORDERS.format(ns=nsdecls("w")))
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    for column, width in zip(table.columns, column_widths(block, CELL), strict=True):
        column.width = Mm(width)
    numeric = numeric_columns(block)
    _add_row(table, block.header, numeric, header=True)
    for place, row in enumerate(block.rows):
        added = _add_row(table, row, numeric)
        if place == 0 or place == len(block.rows) - 2 or block.spans(row):
            _keep_with_next(added)  # neither the first row nor the last one alone on a page
    made.add_paragraph(style="Note")


def _add_row(table: Any, cells: Sequence[Line], numeric: Sequence[bool], *, header: bool = False) -> Any:
    """A row that no page break cuts; a header stands again on every page."""
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, words, is_numeric in zip(_cells(row, len(cells)), cells, numeric, strict=False):
        _fill(cell.paragraphs[0], words, numeric=is_numeric, header=header)
    return row


def _cells(row: Any, number: int) -> Sequence[Any]:
    """The cells of a row; a single one where one spans the row."""
    found = row.cells
    return [found[0].merge(found[-1])] if number == 1 else found


def _fill(paragraph: WordParagraph, words: Line, *, numeric: bool, header: bool) -> None:
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.line_spacing = Pt(TINY.pt * LINE)
    paragraph.paragraph_format.keep_with_next = True if header else None
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if numeric else WD_ALIGN_PARAGRAPH.LEFT
    for run in _add_line(paragraph, words):
        run.font.size = TINY
        run.font.bold = header or run.font.bold


def _keep_with_next(row: Any) -> None:
    for cell in row.cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _add_line(paragraph: WordParagraph, words: Line) -> list[Run]:
    runs = []
    for piece in words:
        run = paragraph.add_run(piece.text)
        run.bold = True if piece.strong or piece.emphasised else None
        if piece.code:
            set_fonts(run._r.get_or_add_rPr(), (CODE, "SimSun"))
        runs.append(run)
    return runs


_ADD: dict[type[Block], Callable[[WordDocument, Any, Frame, Path], None]] = {
    Heading: _add_heading,
    Paragraph: _add_paragraph,
    Bullets: _add_bullets,
    Preformatted: _add_preformatted,
    Picture: _add_picture,
    Table: _add_table,
}
