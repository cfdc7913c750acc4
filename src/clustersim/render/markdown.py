"""A report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from clustersim.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    Picture,
    Preformatted,
    Table,
    Words,
    line,
)

# What Markdown would take for markup, of words that are none.
_MARKUP = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|<(?=[\w/!?])|&(?=#?\w+;)|\[(?=[^\]]*\]\()")


def markdown(document: Document) -> str:
    """The text of a file: title, subtitle, blocks; pictures are those of the folder `figures` beside it."""
    title = f"# {_MARKUP.sub(_escape, document.title)}"
    return "\n\n".join([title, inline(document.subtitle), *_blocks(document.blocks)]) + "\n"


def inline(words: Line) -> str:
    """A line with its marks."""
    looks = groupby(words, lambda piece: "*" * (2 * piece.strong + piece.emphasised))
    return "".join(f"{mark}{''.join(map(_piece, pieces))}{mark}" for mark, pieces in looks)


def _piece(piece: Words) -> str:
    return f"`{piece.text}`" if piece.code else _MARKUP.sub(_escape, piece.text)


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _blocks(blocks: Iterable[Block]) -> list[str]:
    """A caption that says what the heading above says is left out."""
    texts: list[str] = []
    above: Line = ()
    for block in blocks:
        if isinstance(block, Table) and block.caption not in ((), above):
            texts.append(f"**{inline(block.caption)}**")
        above = block.line if isinstance(block, Heading) else above
        texts.append(_SHOWN[type(block)](block))
    return [text for text in texts if text]


def _table(table: Table) -> str:
    width = len(table.header)
    rule = (line("---"),) * width
    return "\n".join(_row([*row, *[()] * (width - len(row))]) for row in (table.header, rule, *table.rows))


def _row(cells: Iterable[Line]) -> str:
    return "| " + " | ".join(inline(cell).replace("|", r"\|") for cell in cells) + " |"


_SHOWN: dict[type, Callable[[Any], str]] = {
    Heading: lambda block: f"{'#' * (1 + block.level)} {inline(block.line)}",
    Paragraph: lambda block: inline(block.line),
    Bullets: lambda block: "\n".join(f"- {inline(item)}" for item in block.items),
    Preformatted: lambda block: f"```text\n{block.text}\n```",
    Table: _table,
    Picture: lambda block: f"![{block.alt_text}](figures/{block.name}.png)",
    PageBreak: lambda _: "",
}
