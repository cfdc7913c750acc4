"""The frame of a Word document: page, styles, fonts for both scripts, properties."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from clustersim.messages import current_language
from clustersim.render.layout import letters
from clustersim.reports.blocks import Block, Bullets, Document, Frame, Heading, Paragraph, plain

A4, MARGIN = (Mm(210), Mm(297)), Mm(25)
SMALL, TINY = Pt(8.5), Pt(8)
GREY = RGBColor(0x59, 0x59, 0x59)
# Latin and East Asian fonts of body and headings, by language: those that Word has on every system of the language.
FONTS = {
    "en": (("Arial", "SimSun"), ("Arial", "SimHei")),
    "zh": (("Times New Roman", "SimSun"), ("Arial", "SimHei")),
}
LINE = 1.3  # of the size of the letters; exactly, since fonts of other systems stand higher
AFTER = {"Normal": 4, "List Bullet": 2, "Note": 4, "Caption": 6, "Subtitle": 4}  # points below a paragraph
LARGEST, SMALLEST = 9.5, 8.0  # points of the letters of the first page
FULL = 4100  # letters that fill the first page at the largest size
LOCALES = {"en": ("en-GB", "zh-CN"), "zh": ("en-US", "zh-CN")}


def set_frame(made: WordDocument, document: Document, frame: Frame) -> None:
    """All of a document but its words."""
    _set_page(made, frame)
    _set_styles(made, Pt(body_size(document)))
    _set_properties(made, document)


def _set_page(made: WordDocument, frame: Frame) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = A4
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Mm(18), Mm(18)
    section.footer_distance = Mm(9)
    foot = section.footer.paragraphs[0]
    foot.style = made.styles["Footer"]
    before, between, after = frame.page
    foot.add_run(f"{frame.made_by}    {before}")
    add_field(foot, "PAGE")
    foot.add_run(between)
    add_field(foot, "NUMPAGES")
    foot.add_run(after)


def _set_styles(made: WordDocument, size: Pt) -> None:
    body, heads = FONTS[current_language()]
    styles = made.styles
    styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, fonts, height in (
        ("Normal", body, size),
        ("Title", heads, Pt(17)),
        ("Subtitle", body, SMALL),
        ("Heading 1", heads, Pt(12)),
        ("Heading 2", heads, Pt(11)),
        ("Heading 3", heads, Pt(10.5)),
        ("Caption", body, SMALL),
        ("List Bullet", body, size),
        ("Note", body, min(SMALL, size)),
        ("Footer", body, TINY),
    ):
        style = styles[name]
        set_fonts(style.element.get_or_add_rPr(), fonts)
        style.font.size, style.font.italic = height, False
        style.font.color.rgb = GREY if name in ("Subtitle", "Footer") else RGBColor(0, 0, 0)
        style.font.bold = name.startswith("Heading") or name == "Title"
    styles.add_style("Picture", WD_STYLE_TYPE.PARAGRAPH)
    for name, after in AFTER.items():
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
        latin, east_asian = LOCALES[current_language()]
        properties.set(qn("w:val"), latin)
        properties.set(qn("w:eastAsia"), east_asian)


def set_fonts(properties: Any, fonts: tuple[str, str]) -> None:
    """Of a style or a run: Latin and East Asian; fonts of the theme, which would win, are taken out."""
    latin, east_asian = fonts
    found = properties.get_or_add_rFonts()
    for name in list(found.attrib):
        del found.attrib[name]
    for name, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        found.set(qn(f"w:{name}"), font)


def body_size(document: Document) -> float:
    """Points, so that the first page is likely to be one page: letters take room with the square of their size.

    Word sets its pages itself, with the fonts of each machine, so this is an estimate; Typst measures for the PDF.
    """
    count = sum(map(_letters, document.first_page))
    return max(SMALLEST, min(LARGEST, round(4 * LARGEST * (FULL / max(count, 1)) ** 0.5) / 4))


def _letters(block: Block) -> int:
    """With the rest of the last line of each paragraph, about half a line."""
    match block:
        case Heading(words) | Paragraph(words):
            return letters(plain(words)) + 50
        case Bullets(items):
            return sum(letters(plain(item)) + 50 for item in items)
    return 0


def _set_properties(made: WordDocument, document: Document) -> None:
    properties = made.core_properties
    properties.title, properties.subject = document.title[:255], plain(document.subtitle)[:255]
    properties.author, properties.comments = "clustersim", ""
    properties.language = LOCALES[current_language()][current_language() == "zh"]


def add_field(paragraph: WordParagraph, instruction: str, shown: str = "1") -> None:
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
