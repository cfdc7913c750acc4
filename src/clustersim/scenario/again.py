"""A scenario read again from what a results folder keeps of it: its document, and copies of the tables it names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clustersim.scenario.document import Document
from clustersim.scenario.model import Scenario
from clustersim.scenario.resolve import resolve

TABLES = ("roster", "links")  # keys of `population` that name a file


def tables_of(scenario: Scenario) -> dict[str, Path]:
    """Name of the copy -> file, of the tables that a scenario is read from."""
    population: Any = scenario.document.get("population") or {}
    named = {key: scenario.folder / population[key] for key in TABLES if key in population}
    return {_copy_name(key, path): path for key, path in named.items()}


def read_again(document: Mapping[str, Any], folder: Path) -> Scenario:
    """The scenario of a document whose tables have been copied to a folder.

    Raises:
        InputError: a copy is missing or wrong.
    """
    moved = copy.deepcopy(dict(document))
    population = moved.get("population") or {}
    for key in TABLES:
        if key in population:
            population[key] = _copy_name(key, Path(population[key]))
    found = resolve(Document(moved, folder=folder))
    return resolve(Document(dict(document), folder=folder), found.population.roster)


def _copy_name(key: str, path: Path) -> str:
    return f"{key}{path.suffix}"
