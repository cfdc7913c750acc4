"""The message catalogue: every sentence and label that a user meets, in Chinese and English.

The TOML files beside this module are one catalogue, cut by subject. A table with the keys `en` and `zh` is an entry.
"""

from __future__ import annotations

import functools
import locale
import os
import tomllib
from importlib import resources
from typing import Any

LANGUAGES = ("en", "zh")
LANGUAGE_VARIABLES = ("CLUSTERSIM_LANG", "LC_ALL", "LANG")


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> text. A key is the dotted name of its table.

    Raises:
        ValueError: two files hold the same key.
    """
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        for key, entry in _flatten("", tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in entries:
                raise ValueError(f"{file.name}: {key} stands twice in the catalogue")
            entries[key] = entry
    return entries


def _flatten(prefix: str, table: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    if set(table) <= set(LANGUAGES) and table:
        return [(prefix, table)]
    return [entry for name, below in table.items() for entry in _flatten(f"{prefix}.{name}" if prefix else name, below)]


def default_language() -> str:
    """The language of the user's environment or system if the catalogue has it, else English."""
    named = next((os.environ[name] for name in LANGUAGE_VARIABLES if os.environ.get(name)), None)
    named = (named or locale.getlocale()[0] or "en").lower()
    return "zh" if named.startswith(("zh", "chinese")) else "en"  # Windows says Chinese (Simplified)_China


def text(key: str, language: str | None = None, /, **fields: Any) -> str:
    """The sentence `key` in a language (default: the user's), its gaps filled.

    Raises:
        KeyError: the catalogue has no such sentence or the sentence a gap that `fields` does not fill.
    """
    return catalogue()[key][language or default_language()].format(**fields)


def has(key: str) -> bool:
    return key in catalogue()
