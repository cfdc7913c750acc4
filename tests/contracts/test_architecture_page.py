"""docs/architecture.md names the rooms of the floors, in their order, and files that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "clustersim"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FLOORS = ROOT / "tests" / "architecture" / "test_floors.py"


def floors() -> list[tuple[str, ...]]:
    """The table of the architecture test, without the modules of the package itself."""
    [found] = [
        node.value
        for node in ast.parse(FLOORS.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FLOORS"
    ]
    return [tuple(name for name in rooms if name not in ("__main__", "")) for rooms in ast.literal_eval(found)]


def test_the_page_has_the_table_of_the_floors() -> None:
    told = re.findall(r"^\| (\d) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert told == [(str(floor), room) for floor, rooms in enumerate(floors()) for room in rooms]


def test_the_files_that_the_page_names_exist() -> None:
    """A file without a room is in the room of the one before it."""
    named, room = set[str](), ""
    for name in re.findall(r"`([\w/]+\.(?:py|toml))`", PAGE):
        room = name.rpartition("/")[0] or room
        named.add(name if "/" in name else f"{room}/{name}")
    assert len(named) > 20
    missing = [name for name in sorted(named) if not (PACKAGE / name).exists() and not (ROOT / name).exists()]
    assert not missing
