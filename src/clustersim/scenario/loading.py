"""From a YAML file or text to a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clustersim.scenario.changes import with_changes
from clustersim.scenario.document import Document
from clustersim.scenario.model import Scenario
from clustersim.scenario.reading import parse, read_text
from clustersim.scenario.resolve import resolve


def load(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario of a YAML file, with other values at some key paths (see `with_changes`).

    Raises:
        InputError: with everything that is wrong, each with file, line, column and key path.
    """
    scenario = checked(read(path))
    return with_changes(scenario, overrides) if overrides else scenario


def read(path: str | Path) -> Document:
    """What stands in the YAML file of a scenario or a study.

    Raises:
        InputError: it cannot be read or is not YAML.
    """
    return parse(read_text(Path(path)), str(path), Path(path).parent)


def checked(document: Document) -> Scenario:
    """The scenario of a document.

    Raises:
        InputError: with everything that is wrong, each with file, line, column and key path.
    """
    return resolve(document)


def loads(text: str, name: str = "<text>", folder: Path = Path()) -> Scenario:
    """The scenario of a YAML text.

    Args:
        name: what to call the text in messages.
        folder: what paths in it, such as that of a roster, are relative to.

    Raises:
        InputError: with everything that is wrong.
    """
    return checked(parse(text, name, folder))
