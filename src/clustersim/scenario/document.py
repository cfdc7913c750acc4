"""A scenario as written: plain data that knows where each key stood, and what is wrong with it so far."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustersim.errors import InputError, Problem

type KeyPath = tuple[str | int, ...]

MANY_NAMES = 20  # of so many or fewer names all are shown
SHOWN_NAMES = 6
SHOWN_CHARACTERS = 80


@dataclass
class Document:
    """A YAML file as read, and everything found wrong with it so far.

    Attributes:
        data: plain dicts, lists and scalars.
        file: what to call it in messages, None for data that came from no file.
        folder: what paths in it are relative to.
        marks: key path -> line and column, from 1; the root is ().
    """

    data: dict[str, Any]
    file: str | None = None
    folder: Path = Path()
    marks: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: KeyPath, key: str, **fields: Any) -> None:
        """Notes a problem at a key path, or at its nearest ancestor that stands in the file."""
        line, column = self._position(path)
        self.problems.append(Problem(f"scenario.{key}", fields, self.file, line, column, dotted(path) or None))

    def report_unknown(self, path: KeyPath, kind: str, given: Any, known: Iterable[str]) -> None:
        """Notes that `given` is none of the known names of a kind, a key below `scenario.unknown`."""
        names = sorted(known)
        self.report(
            path,
            f"unknown.{kind}",
            given=shown(given),
            nearest=nearest(given, names),
            allowed=listed(given, names),
        )

    def refuse(self) -> None:
        """Raises InputError with all problems, in the order of the file, if there are any."""
        if self.problems:
            raise InputError(sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))

    def _position(self, path: KeyPath) -> tuple[int | None, int | None]:
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (None, None))


def dotted(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)


def shown(value: Any) -> str:
    """A value as YAML would write it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def number_text(number: float) -> str:
    """A number without a needless fraction or exponent: 1, 0.95, 10000000."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else f"{number:.6g}"


def nearest(given: Any, names: list[str]) -> str:
    """The known name that is most like the given one, however unlike; an en dash where nothing is known."""
    return next(iter(_like(given, names, 1)), "–")


def listed(given: Any, names: list[str]) -> str:
    """The known names, or those that are most like the given one where they are many."""
    if len(names) <= MANY_NAMES:
        return ", ".join(names) or "–"
    return ", ".join(_like(given, names, SHOWN_NAMES)) + ", …"


def _like(given: Any, names: list[str], count: int) -> list[str]:
    by_lower = {name.lower(): name for name in reversed(names)}
    found = difflib.get_close_matches(str(given).lower(), by_lower, n=count, cutoff=0.0)
    return [by_lower[lower] for lower in found]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings as one; where both hold a mapping, these merge too, else the second one wins."""
    both = dict(below)
    for key, value in above.items():
        known = both.get(key)
        nested = isinstance(known, Mapping) and isinstance(value, Mapping)
        both[key] = merged(known, value) if nested else value  # type: ignore[arg-type]
    return both
