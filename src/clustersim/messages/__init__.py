"""The message catalogue: every sentence and label that a user meets, in Chinese and English.

The TOML files beside this module are one catalogue, cut by subject. A table with the keys `en` and `zh` is an entry.
An entry is looked for in the file named like the first part of its key, then in all files: `--help` reads only
`cli.toml`.
"""

from __future__ import annotations

import functools
import locale
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

type Entries = dict[str, dict[str, str]]

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")
LANGUAGE_VARIABLES = ("CLUSTERSIM_LANG", "LC_ALL", "LANG")


@functools.cache
def catalogue() -> Entries:
    """Key -> language -> text. A key is the dotted name of its table.

    Raises:
        ValueError: two files hold the same key.
    """
    entries: Entries = {}
    for file in sorted(FOLDER.glob("*.toml")):
        found = _subject(file.stem)
        if twice := found.keys() & entries.keys():
            raise ValueError(f"{file.name}: {min(twice)} is in the catalogue twice")
        entries |= found
    return entries


@functools.cache
def _subject(name: str) -> Entries:
    """The entries of one file; none if the file does not exist."""
    file = FOLDER / f"{name}.toml"
    return dict(_flatten("", tomllib.loads(file.read_text(encoding="utf-8")))) if file.is_file() else {}


def _flatten(prefix: str, table: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    if set(table) <= set(LANGUAGES) and table:
        return [(prefix, table)]
    return [entry for name, below in table.items() for entry in _flatten(f"{prefix}.{name}" if prefix else name, below)]


def default_language() -> str:
    """The language of the user's environment or system if the catalogue has it, else English."""
    named = next((os.environ[name] for name in LANGUAGE_VARIABLES if os.environ.get(name)), None)
    named = (named or locale.getlocale()[0] or "en").lower()
    return "zh" if named.startswith(("zh", "chinese")) else "en"  # Windows says Chinese (Simplified)_China


_SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)


def current_language() -> str:
    """The language of the moment: that of `speaking`, otherwise the user's."""
    return _SPOKEN.get() or default_language()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is said in this language, one of `LANGUAGES`. The command line and the API open it."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def text(key: str, /, **fields: Any) -> str:
    """The sentence `key` in the language of the moment, its placeholders filled.

    Raises:
        KeyError: the catalogue has no such entry, or `fields` misses one of its placeholders.
    """
    entry = _subject(key.partition(".")[0]).get(key) or catalogue()[key]
    return entry[current_language()].format(**fields)


def has(key: str) -> bool:
    return key in catalogue()
