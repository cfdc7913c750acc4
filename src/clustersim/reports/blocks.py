"""A briefing as blocks: headings, paragraphs, tables and pictures, whatever they are set with.

Words are Markdown. Of it, the briefing uses strong, emphasised and code words in a line, and headings, bullets and
tables; the sections of `report.md` are such text, so that a table is told once and set three times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

_MARKUP = re.compile(r"[\\`*_\[\]<>#~|&]")


def _reader() -> MarkdownIt:
    """Emphasis is told by asterisks alone, since underscores stand in the names of users."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.at("emphasis", _by_asterisk)
    return reader


def _by_asterisk(state: StateInline, silent: bool) -> bool:
    return state.src[state.pos] == "*" and emphasis.tokenize(state, silent)


_READER = _reader()


@dataclass(frozen=True)
class Words:
    """A piece of a line in one look."""

    text: str
    strong: bool = False
    emphasised: bool = False
    code: bool = False


type Line = tuple[Words, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of a level, from 1 on; the title of the document is none."""

    line: Line
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """`small`: a note below a table or figure."""

    line: Line
    small: bool = False


@dataclass(frozen=True)
class Bullets:
    items: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """Cells in lines below a header; the caption stands above and is numbered by what sets it.

    A row of one cell in a wider table spans all columns: it heads the rows below it.
    """

    caption: Line
    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]

    def spans(self, row: tuple[Line, ...]) -> bool:
        return len(row) == 1 < len(self.header)

    @property
    def full_rows(self) -> list[tuple[Line, ...]]:
        return [row for row in self.rows if not self.spans(row)]


@dataclass(frozen=True)
class Picture:
    """A figure of the pack.

    Attributes:
        name: of its files.
        caption: below it. told: what is to be seen, for those who do not see it.
    """

    name: str
    caption: Line
    told: str


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


type Block = Heading | Paragraph | Bullets | Table | Picture | PageBreak


@dataclass(frozen=True)
class Document:
    """A briefing: what stands on its first page above everything else, and its blocks."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]

    @property
    def pictures(self) -> list[Picture]:
        return [block for block in self.blocks if isinstance(block, Picture)]


def line(text: str) -> Line:
    """Words of one line of Markdown."""
    [token] = _READER.parseInline(text)
    return _line(token)


def escaped(text: str) -> str:
    """Words of a user as Markdown that shows just these words."""
    return _MARKUP.sub(r"\\\g<0>", text)


def plain(words: Line) -> str:
    return "".join(piece.text for piece in words)


def blocks_of(texts: Iterable[str]) -> list[Block]:
    """Blocks of Markdown. A table is called as the last heading before it; pictures and code blocks are left out.

    Headings of the text are one level lower here, since the briefing has its own above them.
    """
    found: list[Block] = []
    for text in texts:
        if not text.startswith(("![", "```")):
            found += _blocks(_READER.parse(text), _last_heading(found))
    return found


def _last_heading(blocks: Sequence[Block]) -> Line:
    return next((block.line for block in reversed(blocks) if isinstance(block, Heading)), ())


def _blocks(tokens: Sequence[Token], called: Line) -> list[Block]:
    found: list[Block] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        end = _end(tokens, place)
        inside = tokens[place + 1 : end]
        match token.type:
            case "heading_open":
                called = _line(inside[0])
                found.append(Heading(called, int(token.tag[1:])))
            case "paragraph_open":
                found.append(Paragraph(_line(inside[0])))
            case "bullet_list_open":
                found.append(Bullets(tuple(_line(one) for one in inside if one.type == "inline")))
            case "table_open":
                found.append(_table(inside, called))
        place = end + 1
    return found


def _end(tokens: Sequence[Token], place: int) -> int:
    """Place of the token that closes the one at `place`."""
    depth = 0
    for number in range(place, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1


def _table(tokens: Sequence[Token], caption: Line) -> Table:
    rows: list[list[Line]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_line(token))
    header, *rest = rows
    return Table(caption, tuple(header), tuple(tuple(row) for row in rest))


def _line(token: Token) -> Line:
    pieces: list[Words] = []
    strong = emphasised = 0
    for child in token.children or ():
        match child.type:
            case "strong_open" | "strong_close":
                strong += child.nesting
            case "em_open" | "em_close":
                emphasised += child.nesting
            case "text" | "code_inline":
                is_code = child.type == "code_inline"
                pieces.append(Words(child.content, bool(strong), bool(emphasised), is_code))
            case "softbreak" | "hardbreak":
                pieces.append(Words(" "))
    return tuple(pieces)
