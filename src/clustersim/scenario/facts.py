"""The evidence and the literature that ship with the package: what sources report, and published numbers."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

from clustersim.scenario.reading import load_plain
from clustersim.spec.parameters import ASSUMPTION, Parameter

EVIDENCE, LITERATURE = "evidence", "literature"
OWN = "own "  # before what an author has measured or looked up


@dataclass(frozen=True)
class Source:
    """A source article."""

    id: str
    outlet: str
    date: str
    place: str
    about: str


@dataclass(frozen=True)
class Fact:
    """What a source reports. kind: structure, mechanism or outcome. An outcome was observed beside a policy; no
    source has a control group."""

    id: str
    kind: str
    source: str
    value: Any = None
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Publication:
    """A published number. status: `found` (read at the address) or `recalled` (to be checked before citing)."""

    id: str
    status: str
    ref: str
    finding: str
    design: str = ""


@functools.cache
def sources() -> tuple[Source, ...]:
    return tuple(
        Source(name, **{key: str(value) for key, value in entry.items()})
        for name, entry in _data("evidence.yaml")["sources"].items()
    )


@functools.cache
def evidence() -> tuple[Fact, ...]:
    """What the sources report."""
    return tuple(Fact(**entry) for entry in _data("evidence.yaml")["facts"])


@functools.cache
def literature() -> tuple[Publication, ...]:
    """Published numbers that parameters refer to."""
    return tuple(Publication(**entry) for entry in _data("literature.yaml"))


def _data(name: str) -> Any:
    return load_plain((resources.files("clustersim") / "data" / name).read_text(encoding="utf-8"))


@functools.cache
def short_source_names() -> frozenset[str]:
    """What may stand in `sources` of a scenario: ids of facts and publications, and `assumption`."""
    return frozenset({ASSUMPTION} | {fact.id for fact in evidence()} | {entry.id for entry in literature()})


@functools.cache
def source_names() -> frozenset[str]:
    """The same, and the ids with their kind before them."""
    return short_source_names() | {full_name(name) for name in short_source_names()}


def full_name(source: str) -> str:
    """`evidence: <id>`, `literature: <id>` or `assumption`, as the parameter registry writes it, or `own: <words>`. Of
    several ids, `<id>, <id>`, the first that is no assumption says which."""
    if source.startswith(OWN):
        return f"own: {source.removeprefix(OWN).strip()}"
    if source == ASSUMPTION or ": " in source:
        return source
    first = next(name for name in source.split(", ") if name != ASSUMPTION)
    kind = EVIDENCE if first in {fact.id for fact in evidence()} else LITERATURE
    return f"{kind}: {source}"


def source_of(parameter: Parameter, value: Any, author: str | None = None) -> str:
    """Where a value comes from: its author's word, else the registry's where that covers the value.

    The registry's evidence, fit or choice is about the default; its literature is about the plausible range. A
    value beyond what the registry's source covers is an assumption.
    """
    if author is not None:
        return full_name(author)
    if value == parameter.default or parameter.status == ASSUMPTION:
        return parameter.source
    return parameter.source if parameter.status == LITERATURE and is_plausible(parameter, value) else ASSUMPTION


def is_plausible(parameter: Parameter, value: Any) -> bool:
    """Whether a value lies in the plausible range. A default is plausible, and so is what has no range."""
    if parameter.plausible is None or value == parameter.default:
        return True
    low, high = parameter.plausible
    return bool(low <= value <= high)
