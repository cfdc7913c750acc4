"""The named policies that ship with the package, as data: `policies/<name>.yaml`.

A file holds `policy`, an arm as an author could write it, and `sources`, key path below the arm -> where its
number comes from.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from clustersim.scenario.model import NO_ALLIANCE
from clustersim.scenario.reading import load_plain


@functools.cache
def preset_names() -> tuple[str, ...]:
    """All presets, no_alliance first, then in alphabetical order."""
    found = {file.name.removesuffix(".yaml") for file in _folder().iterdir() if file.name.endswith(".yaml")}
    return NO_ALLIANCE, *sorted(found - {NO_ALLIANCE})


def preset(name: str) -> dict[str, Any]:
    """The arm of a preset: label -> entry, beside the reserved words. Callers must not write to it."""
    policy: dict[str, Any] = _file(name)["policy"]
    return policy


def preset_sources(name: str) -> dict[str, str]:
    """Key path below the arm, such as `fusion_projects.projects` -> source."""
    sources: dict[str, str] = _file(name)["sources"]
    return sources


@functools.cache
def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = load_plain((_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def _folder() -> Any:
    return resources.files("clustersim") / "policies"
