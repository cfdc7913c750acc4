"""Blocks and entries for a terminal: wrapped to its width, in whole lines elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import rich.table
from rich.box import Box
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from clustersim.render.layout import numeric_columns
from clustersim.reports.blocks import (
    Block,
    Bullets,
    Heading,
    Line,
    Paragraph,
    Preformatted,
    Table,
    as_text,
    plain,
)

COLOURS = {"good": "green", "bad": "red", "open": "yellow"}  # of the tones of words
FIRST_WIDTH, OTHER_WIDTH = 14, 12  # columns of words hold so many letters at least: "no practical" stands in one line
INDENT = 2
BULLET = "- "
STEP = 4

# A space beside a Chinese character is no place to break a line at: Chinese text may break anywhere.
_LOOSE_SPACE = re.compile("(?<=[\u3000-\u9fff\uff00-\uffef]) | (?=[\u3000-\u9fff\uff00-\uffef])")
_KEPT_SPACE = "\ue000"

# A rule below the head and nothing else, of characters that every console has.
RULED = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


@dataclass(frozen=True)
class Entry:
    """One thing of a catalogue: its name, short facts beside it, and what it means below."""

    name: str
    facts: str
    meaning: str


def show(blocks: Iterable[Block]) -> None:
    """Blocks without pictures, one below the other."""
    for block in blocks:
        match block:
            case Table():
                Console(highlight=False).print(terminal_table(block))
            case Heading(words) | Paragraph(words):
                say(as_text(words))
            case Bullets(items):
                say("\n".join(f"{BULLET}{as_text(item)}" for item in items))
            case Preformatted(words):
                say(words)


def terminal_table(block: Table) -> rich.table.Table:
    """A table with its caption above; numbers are not wrapped, rows below a heading are indented."""
    shown = rich.table.Table(title=plain(block.caption), title_justify="left", title_style="bold", box=RULED)
    shown.padding = (0, 1, 0, 0)
    for place, (head, is_numeric) in enumerate(zip(block.header, numeric_columns(block), strict=True)):
        if is_numeric:
            shown.add_column(plain(head), justify="right", no_wrap=True)
        else:
            shown.add_column(plain(head), overflow="fold", min_width=OTHER_WIDTH if place else FIRST_WIDTH)
    has_headings = any(map(block.heads, block.rows))
    for number, (first, *others) in enumerate(block.rows):
        is_heading = block.heads((first, *others))
        if is_heading and number:
            shown.add_section()
        indent = INDENT if has_headings and not is_heading else 0
        shown.add_row(Padding(_look(first), (0, 0, 0, indent)), *map(_look, others))
    return shown


def _look(words: Line) -> Text:
    pieces = [(piece.text, "bold" if piece.strong else COLOURS.get(piece.tone, "")) for piece in words]
    return Text.assemble(*pieces)


def say(words: str) -> None:
    """Lines of words. On a terminal a long bullet or indented line goes on below its own beginning."""
    console = Console(highlight=False)
    for line in words.split("\n"):
        indent = len(line) - len(line.lstrip())
        _line(line, indent + (len(BULLET) if line.lstrip().startswith(BULLET) else STEP if indent else 0), console)


def show_entries(entries: Iterable[Entry]) -> None:
    """Entries of a catalogue."""
    console = Console(highlight=False)
    for entry in entries:
        _line(f"{entry.name}  {entry.facts}".rstrip(), STEP, console, bold=len(entry.name))
        if entry.meaning:
            _line(f"{' ' * STEP}{entry.meaning}", STEP, console)


def _line(line: str, hang: int, console: Console, bold: int = 0) -> None:
    """A line whose later pieces begin `hang` columns from the left; its first `bold` characters in bold."""
    pieces = _wrapped(line, hang, console) if console.is_terminal else [line]
    first = Text(pieces[0])
    first.stylize("bold", 0, bold)
    for piece in (first, *map(Text, pieces[1:])):
        console.print(piece, soft_wrap=True)


def _wrapped(line: str, hang: int, console: Console) -> list[str]:
    kept = Text(_LOOSE_SPACE.sub(_KEPT_SPACE, line.lstrip()))
    indent = " " * (len(line) - len(line.lstrip()))
    first, *rest = kept.wrap(console, console.width - len(indent)) or [Text("")]
    pieces = [indent + first.plain]
    if rest:
        left = Text(kept.plain[len(first.plain) :].lstrip(f" {_KEPT_SPACE}"))
        pieces += [" " * hang + piece.plain for piece in left.wrap(console, console.width - hang)]
    return [piece.replace(_KEPT_SPACE, " ").rstrip() for piece in pieces]
