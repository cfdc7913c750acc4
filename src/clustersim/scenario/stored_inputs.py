"""A scenario read back from what a results folder keeps of it: its document, and copies of the tables it names."""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from clustersim.scenario.document import Document
from clustersim.scenario.model import Scenario
from clustersim.scenario.resolve import resolve

TABLES = ("roster", "links")  # keys of `population` that name a file


def tables_of(scenario: Scenario) -> dict[str, Path]:
    """Path of the copy below a folder -> file, of the tables that a scenario is read from."""
    base = _base(scenario.document)
    return {
        posixpath.normpath(posixpath.join(base, path)): scenario.folder / given
        for given, path in _named(scenario.document)
    }


def read_stored(document: Mapping[str, Any], folder: Path) -> Scenario:
    """The scenario of a document whose tables have been copied below a folder.

    Raises:
        InputError: a copy is missing or wrong.
    """
    place = folder / _base(document)
    if folder.is_dir():
        place.mkdir(parents=True, exist_ok=True)  # a way up from a folder that is not there leads nowhere
    return resolve(Document(copy.deepcopy(dict(document)), folder=place))


def _named(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each table as the document names it, and as a manifest does: of absolute paths only the name of the file."""
    population: Any = document.get("population") or {}
    given = [str(population[key]) for key in TABLES if key in population]
    return [(path, _kept(path)) for path in given]


def _kept(path: str) -> str:
    absolute = any(flavour(path).is_absolute() for flavour in (PurePosixPath, PureWindowsPath))
    return Path(path).name if absolute else Path(path).as_posix()


def _base(document: Mapping[str, Any]) -> str:
    """Where below the folder the document is read from: so deep that its way up to its tables stays inside."""
    up = max((path.split("/").count("..") for _, path in _named(document)), default=0)
    return "/".join(["at"] * up)
