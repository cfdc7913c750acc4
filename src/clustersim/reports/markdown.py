"""Headings, tables and cells of report.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

from clustersim.analysis.rows import by_arm, nested, rows_of
from clustersim.messages import text
from clustersim.reports.blocks import Block, Bullets, Heading, Line, Paragraph, Table, Words

__all__ = ["by_arm", "nested", "rows_of"]


def heading(name: str) -> str:
    return f"## {text(f'report.{name}')}"


def note(name: str) -> str:
    return text(f"report.{name}_note")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is words and whose cells hold no line breaks."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _reader() -> MarkdownIt:
    """Emphasis is told by asterisks alone, since underscores stand in the names of users."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.at("emphasis", _by_asterisk)
    return reader


def _by_asterisk(state: StateInline, silent: bool) -> bool:
    return state.src[state.pos] == "*" and emphasis.tokenize(state, silent)


_READER = _reader()


def blocks_of(texts: Iterable[str]) -> list[Block]:
    """Of studies whose sections are Markdown still: a table is called as the last heading before it."""
    found: list[Block] = []
    for one in texts:
        found += _blocks(_READER.parse(one), _last_heading(found))
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
                found.append(Heading(called, int(token.tag[1:]) - 1))
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
