"""Tables of pages. In a written page, what stands between `<!-- table NAME -->` and `<!-- end -->` is replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

DOCS = Path(__file__).parent
TABLE = re.compile(r"(<!-- table (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(page: str, tables: Mapping[str, str]) -> None:
    """Put tables into their places of a page.

    Raises:
        ValueError: a table has no place in the page.
    """
    file = DOCS / page
    text = file.read_text(encoding="utf-8")
    if missing := tables.keys() - names(text):
        raise ValueError(f"{page} has no place for {sorted(missing)}")
    file.write_text(
        TABLE.sub(lambda found: found[1] + tables.get(found[2], _inside(found[0])) + "\n" + found[3], text),
        encoding="utf-8",
        newline="\n",
    )


def names(text: str) -> set[str]:
    """Tables that a page has a place for."""
    return {found[2] for found in TABLE.finditer(text)}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(row(line) for line in (header, ["---"] * len(header), *rows))


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def joined(parts: Sequence[str]) -> str:
    """A page of its parts."""
    return "\n\n".join(parts) + "\n"


def _inside(found: str) -> str:
    return "\n".join(found.split("\n")[1:-1])
