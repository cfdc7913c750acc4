"""A briefing as a Word document: real headings, captions, tables, alternative texts, fonts for both scripts."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from clustersim.brief import office
from clustersim.brief.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    Picture,
    Table,
)
from clustersim.brief.layout import Cell, Layout, column_widths, numeric_columns
from clustersim.storage.provenance import Stamp

A4, MARGIN, TEXT_WIDTH = (Mm(210), Mm(297)), Mm(25), Mm(160)
BODY, SMALL, TINY = Pt(9.5), Pt(8.5), Pt(8)
LINE = 1.3  # of the size of the letters; exactly, since fonts of other systems stand higher
GREY = RGBColor(0x59, 0x59, 0x59)
# Latin and East Asian fonts of body and headings, by language: those that Word has on every system of the language.
FONTS = {
    "en": (("Arial", "SimSun"), ("Arial", "SimHei")),
    "zh": (("Times New Roman", "SimSun"), ("Arial", "SimHei")),
}
CODE = "Consolas"
CELL = Cell(letter=1.5, padding=4.2)
LOCALES = {"en": ("en-GB", "zh-CN"), "zh": ("en-US", "zh-CN")}
BORDERS = (
    "<w:tblBorders {ns}><w:top w:val='single' w:sz='6' w:color='000000'/><w:bottom w:val='single' w:sz='6' "
    "w:color='000000'/><w:insideH w:val='single' w:sz='2' w:color='BFBFBF'/></w:tblBorders>"
)


def word(document: Document, stamp: Stamp, pack: Path) -> bytes:
    """The document as DOCX.

    Args:
        pack: folder with the PNG of each figure in `figures/`.
    """
    layout = Layout.of(document, stamp)
    made = docx.Document()
    _set_page(made, layout)
    _set_styles(made, document.language)
    _set_properties(made, document)
    _add_title(made, document)
    for before, block in pairwise([None, *document.blocks]):
        if block is not None and not isinstance(block, PageBreak):
            _add(made, block, isinstance(before, PageBreak), layout, pack)
    office.put(made.part.package, stamp.text())
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def _add(made: WordDocument, block: Block, on_new_page: bool, layout: Layout, pack: Path) -> None:
    count = len(made.paragraphs)
    _ADD[type(block)](made, block, layout, pack)
    if on_new_page:
        made.paragraphs[count].paragraph_format.page_break_before = True


def _set_page(made: WordDocument, layout: Layout) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = A4
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Mm(18), Mm(18)
    section.footer_distance = Mm(9)
    foot = section.footer.paragraphs[0]
    foot.style = made.styles["Footer"]
    before, between, after = layout.page
    foot.add_run(f"{layout.made_by}    {before}")
    _add_field(foot, "PAGE")
    foot.add_run(between)
    _add_field(foot, "NUMPAGES")
    foot.add_run(after)


def _set_styles(made: WordDocument, language: str) -> None:
    body, heads = FONTS[language]
    styles = made.styles
    styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, fonts, size in (
        ("Normal", body, BODY),
        ("Title", heads, Pt(17)),
        ("Subtitle", body, SMALL),
        ("Heading 1", heads, Pt(12)),
        ("Heading 2", heads, Pt(11)),
        ("Heading 3", heads, Pt(10.5)),
        ("Caption", body, SMALL),
        ("List Bullet", body, BODY),
        ("Note", body, SMALL),
        ("Footer", body, TINY),
    ):
        style = styles[name]
        _set_fonts(style.element.get_or_add_rPr(), fonts)
        style.font.size, style.font.italic = size, False
        style.font.color.rgb = GREY if name in ("Subtitle", "Footer") else RGBColor(0, 0, 0)
        style.font.bold = name.startswith("Heading") or name == "Title"
    styles.add_style("Picture", WD_STYLE_TYPE.PARAGRAPH)
    for name, after in (("Normal", 4), ("List Bullet", 2), ("Note", 4), ("Caption", 6), ("Subtitle", 4)):
        shape = styles[name].paragraph_format
        shape.space_before, shape.space_after = Pt(0), Pt(after)
        shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        shape.line_spacing = Pt(styles[name].font.size.pt * LINE)
    for name, before in (("Heading 1", 7), ("Heading 2", 6), ("Heading 3", 6), ("Title", 0)):
        shape = styles[name].paragraph_format
        shape.space_before, shape.space_after = Pt(before), Pt(3)
    for spacing in list(styles["Subtitle"].element.iter(qn("w:spacing"))):
        if spacing.get(qn("w:val")):  # between letters
            spacing.getparent().remove(spacing)
    for properties in styles.element.iter(qn("w:lang")):
        latin, east_asian = LOCALES[language]
        properties.set(qn("w:val"), latin)
        properties.set(qn("w:eastAsia"), east_asian)


def _set_fonts(properties: Any, fonts: tuple[str, str]) -> None:
    """Of a style or a run: Latin and East Asian; fonts of the theme, which would win, are taken out."""
    latin, east_asian = fonts
    found = properties.get_or_add_rFonts()
    for name in list(found.attrib):
        del found.attrib[name]
    for name, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        found.set(qn(f"w:{name}"), font)


def _set_properties(made: WordDocument, document: Document) -> None:
    properties = made.core_properties
    properties.title, properties.subject = document.title[:255], document.subtitle[:255]
    properties.author, properties.comments = "clustersim", ""
    properties.language = LOCALES[document.language][document.language == "zh"]


def _add_title(made: WordDocument, document: Document) -> None:
    border = made.styles["Title"].element.find(f".//{qn('w:pBdr')}")
    if border is not None:
        border.getparent().remove(border)
    made.add_paragraph(document.title, style="Title")
    made.add_paragraph(document.subtitle, style="Subtitle")


def _add_heading(made: WordDocument, block: Heading, _layout: Layout, _pack: Path) -> None:
    _add_line(made.add_paragraph(style=f"Heading {block.level}"), block.line)


def _add_paragraph(made: WordDocument, block: Paragraph, _layout: Layout, _pack: Path) -> None:
    _add_line(made.add_paragraph(style="Note" if block.small else "Normal"), block.line)


def _add_bullets(made: WordDocument, block: Bullets, _layout: Layout, _pack: Path) -> None:
    for item in block.items:
        _add_line(made.add_paragraph(style="List Bullet"), item)


def _add_picture(made: WordDocument, block: Picture, layout: Layout, pack: Path) -> None:
    holder = made.add_paragraph(style="Picture")
    holder.paragraph_format.keep_with_next = True
    shape = holder.add_run().add_picture(str(pack / "figures" / f"{block.name}.png"), width=TEXT_WIDTH)
    about = shape._inline.docPr  # python-docx has no name for the alternative text
    about.set("descr", block.told)
    about.set("title", block.name)
    _add_caption(made, layout.figure, "Figure", block.caption, layout)


def _add_caption(made: WordDocument, name: str, sequence: str, words: Line, layout: Layout) -> WordParagraph:
    """A caption that Word numbers and can list."""
    caption = made.add_paragraph(style="Caption")
    caption.add_run(f"{name} ")
    _add_field(caption, f"SEQ {sequence} \\* ARABIC", str(_count(made, sequence)))
    caption.add_run(layout.separator)
    _add_line(caption, words)
    return caption


def _count(made: WordDocument, sequence: str) -> int:
    fields = made.element.body.iter(qn("w:instrText"))
    return 1 + sum(f"SEQ {sequence} " in (field.text or "") for field in fields)


def _add_table(made: WordDocument, block: Table, layout: Layout, _pack: Path) -> None:
    caption = _add_caption(made, layout.table, "Table", block.caption, layout)
    caption.paragraph_format.keep_with_next = True
    table = made.add_table(rows=0, cols=len(block.header))
    table._tbl.tblPr.append(parse_xml(BORDERS.format(ns=nsdecls("w"))))
    table.autofit = False
    for column, width in zip(table.columns, column_widths(block, CELL), strict=True):
        column.width = Mm(width)
    numeric = numeric_columns(block)
    _add_row(table, block.header, numeric, header=True)
    for row in block.rows:
        _add_row(table, row, numeric)
    made.add_paragraph(style="Note")


def _add_row(table: Any, cells: Sequence[Line], numeric: Sequence[bool], *, header: bool = False) -> None:
    """A row that no page break cuts; a header stands again on every page."""
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, words, is_numeric in zip(row.cells, cells, numeric, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.line_spacing = Pt(TINY.pt * LINE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_numeric else WD_ALIGN_PARAGRAPH.LEFT
        for run in _add_line(paragraph, words, breakable=True):
            run.font.size = TINY
            run.font.bold = header or run.font.bold


def _add_line(paragraph: WordParagraph, words: Line, *, breakable: bool = False) -> list[Run]:
    """Runs of a line. `breakable`: long names may break behind their dots and underscores."""
    runs = []
    for piece in words:
        text = piece.text
        if breakable:
            text = text.replace("_", "_\u200b")
        if breakable and piece.code:
            text = text.replace(".", ".\u200b")
        run = paragraph.add_run(text)
        run.bold = True if piece.strong or piece.emphasised else None
        if piece.code:
            _set_fonts(run._r.get_or_add_rPr(), (CODE, "SimSun"))
        runs.append(run)
    return runs


def _add_field(paragraph: WordParagraph, instruction: str, shown: str = "1") -> None:
    """A field that Word computes; `shown` until it does."""
    for kind, text in (("begin", None), (None, instruction), ("separate", None), ("t", shown), ("end", None)):
        run = paragraph.add_run()
        if kind == "t":
            run.text = text or ""
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)


_ADD: dict[type[Block], Callable[[WordDocument, Any, Layout, Path], None]] = {
    Heading: _add_heading,
    Paragraph: _add_paragraph,
    Bullets: _add_bullets,
    Picture: _add_picture,
    Table: _add_table,
}
