"""Scenarios: from YAML text to a validated `model.Scenario`, and back to words.

The readers are imported when they are used, so that the model itself can be had without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustersim.errors import Problem
    from clustersim.scenario.document import Document
    from clustersim.scenario.facts import Fact, Publication
    from clustersim.scenario.model import Scenario

__all__ = [
    "checked",
    "describe",
    "evidence",
    "json_schema",
    "literature",
    "load",
    "loads",
    "numbers",
    "preset_names",
    "read",
    "warnings",
    "with_changes",
]


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
    from clustersim.scenario.reading import parse, read_text

    return parse(read_text(Path(path)), str(path), Path(path).parent)


def checked(document: Document) -> Scenario:
    """The scenario of a document.

    Raises:
        InputError: with everything that is wrong, each with file, line, column and key path.
    """
    from clustersim.scenario.resolve import resolve

    return resolve(document)


def loads(text: str, name: str = "<text>", folder: Path = Path()) -> Scenario:
    """The scenario of a YAML text.

    Args:
        name: what to call the text in messages.
        folder: what paths in it, such as that of a roster, are relative to.

    Raises:
        InputError: with everything that is wrong.
    """
    from clustersim.scenario.reading import parse

    return checked(parse(text, name, folder))


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A copy of a scenario with other values at some key paths, checked like the first one.

    Args:
        changes: key path -> value, such as `parameters.friction`, `population.firms`,
            `policies.cluster_committee.matchmaking.introductions` (a label of a preset may be named although
            the document does not spell it out) or `events.0.month` (lists count from 0).

    Raises:
        InputError: a path leads nowhere, or the changed scenario is wrong.
    """
    from clustersim.scenario.changes import with_changes as changed

    return changed(scenario, changes)


def warnings(scenario: Scenario) -> list[Problem]:
    """What is allowed but should be looked at: implausible values, and what never happens."""
    from clustersim.scenario.plausibility import warnings as found

    return found(scenario)


def describe(scenario: Scenario) -> str:
    """The scenario said back in words, with the status of each number that is off its default."""
    from clustersim.scenario.words import describe as described

    return described(scenario)


def numbers(scenario: Scenario) -> list[tuple[str, str, str, str]]:
    """Key path, value, unit and source of every number and choice of the model and the policies."""
    from clustersim.scenario.words import numbers as listed

    return listed(scenario)


def json_schema() -> dict[str, Any]:
    """A JSON schema (draft 2020-12) of the YAML file, from which editors complete and check."""
    from clustersim.scenario.editor_schema import json_schema as schema

    return schema()


def preset_names() -> tuple[str, ...]:
    """The policies that ship with the package, no_alliance first."""
    from clustersim.scenario.presets import preset_names as names

    return names()


def evidence() -> tuple[Fact, ...]:
    """What the sources report."""
    from clustersim.scenario.facts import evidence as facts

    return facts()


def literature() -> tuple[Publication, ...]:
    """Published numbers that parameters refer to."""
    from clustersim.scenario.facts import literature as publications

    return publications()
