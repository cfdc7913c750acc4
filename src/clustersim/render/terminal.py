"""Paragraphs, entries and plain tables for a terminal: wrapped to its width, in whole lines elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clustersim.messages import text

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


def plain_table(title: str) -> Table:
    """An empty table in the package's style."""
    return Table(title=title, title_justify="left", title_style="bold", box=RULED, padding=(0, 1, 0, 0))


def say(words: str) -> None:
    """Lines of words. On a terminal a long bullet or indented line goes on below its own beginning."""
    console = Console(highlight=False)
    for line in words.split("\n"):
        indent = len(line) - len(line.lstrip())
        _line(line, indent + (len(BULLET) if line.lstrip().startswith(BULLET) else STEP if indent else 0), console)


def show(entries: Iterable[Entry]) -> None:
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


def amount(size: float) -> str:
    """Bytes in MB or GB."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{max(1.0, size / 1e6):,.0f} MB"


def duration(seconds: float) -> str:
    """About how long, in the largest unit that gives more than one."""
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return text(f"cli.check.{unit}", number=f"{seconds / length:,.0f}")
    return text("cli.check.seconds", number=f"{max(2.0, seconds):,.0f}")
