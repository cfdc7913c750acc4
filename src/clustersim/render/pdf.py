"""A briefing as PDF, set by Typst."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from clustersim.figures import style
from clustersim.messages import current_language
from clustersim.render.layout import Cell, column_widths, numeric_columns
from clustersim.reports.blocks import Block, Document, Frame, PageBreak, Table, plain
from clustersim.storage.provenance import Stamp

TEMPLATE = "brief.typ"
CELL = Cell(letter=1.36, padding=2.4)


def pdf(document: Document, frame: Frame, stamp: Stamp, pack: Path) -> bytes:
    """The document as a PDF with tagged headings, tables and figures.

    Args:
        pack: folder with the PDF of each figure in `figures/`.
    """
    data = json.dumps(_data(document, frame, stamp), ensure_ascii=False)
    made: bytes = typst.compile(  # type: ignore[misc]  # its stubs do not name the kinds of input
        resources.files("clustersim.render").joinpath(TEMPLATE).read_bytes(),
        root=str(pack),
        font_paths=[style.font_file().parent],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
    )
    return made


def _data(document: Document, frame: Frame, stamp: Stamp) -> dict[str, Any]:
    return {
        "title": document.title,
        "subtitle": [asdict(piece) for piece in document.subtitle],
        "description": plain(document.subtitle),
        "language": current_language(),
        "font": style.font_family(),
        "stamp": stamp.text(),
        **asdict(frame),
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = {"kind": type(block).__name__.lower()}
    if isinstance(block, PageBreak):
        return kind
    if isinstance(block, Table):
        return {**kind, **asdict(block), "numeric": numeric_columns(block), "widths": column_widths(block, CELL)}
    return {**kind, **asdict(block)}
