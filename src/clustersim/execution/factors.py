"""What a study varies: a number of the scenario, or several that move together, with its range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.scenario.facts import source_of
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter, Scalar

ANY_ARM = "*"


@dataclass(frozen=True)
class Factor:
    """A number that a study varies.

    Attributes:
        name: its key path in the scenario; `*` in place of an arm stands for every arm that has the label.
        paths: the key paths that get its value.
        low, high: ends of its range; whole numbers if `whole`.
        levels: the only values it takes, in place of a range.
        default: its value in the scenario, None where it has none or several.
        together: whether points that differ in it can be simulated in one world.
    """

    name: str
    paths: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0
    levels: tuple[Scalar, ...] = ()
    whole: bool = False
    default: Scalar | None = None
    together: bool = False

    def at(self, unit: Array) -> list[Scalar]:
        """Its values at places in [0, 1]: a range in proportion, whole numbers and levels in equal parts."""
        if self.levels:
            return [self.levels[place] for place in _equal_parts(unit, len(self.levels))]
        if self.whole:
            low, high = int(self.low), int(self.high)
            return [low + place for place in _equal_parts(unit, high - low + 1)]
        return [float(value) for value in self.low + np.asarray(unit) * (self.high - self.low)]

    def ends(self) -> tuple[Scalar, ...]:
        """The values at which a scenario must be allowed for the factor to be."""
        return self.levels or tuple(self.at(np.array([0.0, 1.0])))


def _equal_parts(unit: Array, parts: int) -> list[int]:
    return np.minimum((np.asarray(unit) * parts).astype(int), parts - 1).tolist()


@dataclass(frozen=True)
class Place:
    """A registered number at a key path of a scenario: its entry in the registry, its value and its source."""

    path: str
    parameter: Parameter
    value: Any
    source: str


def places(scenario: Scenario) -> dict[str, Place]:
    """Every registered number and choice of the model and of the arms, by key path."""
    groups = [("parameters", scenario.parameters, MODEL_PARAMETERS)] + [
        (f"policies.{policy.name}.{use.label}", use.values, instruments.parameters(use.instrument))
        for policy in scenario.policies
        for use in policy.instruments
    ]
    return {
        f"{path}.{name}": _place(f"{path}.{name}", parameter, getattr(values, name), scenario.sources)
        for path, values, parameters in groups
        for name, parameter in parameters.items()
    }


def _place(path: str, parameter: Parameter, value: Any, author: Mapping[str, str]) -> Place:
    return Place(path, parameter, value, source_of(parameter, value, author.get(path)))


def matching(known: Mapping[str, Place], name: str) -> tuple[Place, ...]:
    """The registered numbers that a factor's name stands for."""
    if name in known:
        return (known[name],)
    return tuple(place for path, place in known.items() if _without_arm(path) == name and name != path)


def registered(name: str, found: Sequence[Place], span: tuple[float, float] | None = None) -> Factor:
    """A factor of one registered number, or of the same one in several arms, over a span or its plausible range.

    Raises:
        ValueError: the registry has no range for it and none is given.
    """
    parameter = found[0].parameter
    span = span or parameter.plausible
    if span is None:
        raise ValueError(f"{name} has no range in the registry")
    values = {place.value for place in found}
    return Factor(
        name=name,
        paths=tuple(place.path for place in found),
        low=span[0],
        high=span[1],
        whole=parameter.kind == "integer",
        default=values.pop() if len(values) == 1 else None,
        together=is_column(name, parameter),
    )


def is_column(name: str, parameter: Parameter) -> bool:
    """Whether points of one world may differ in it; months and counts of an instrument decide what happens when."""
    return parameter.kind == "number" or (name.startswith("parameters.") and parameter.kind == "integer")


def uncertain(scenario: Scenario, statuses: Sequence[str]) -> list[Factor]:
    """A factor for each registered number with a range that rests on one of some statuses.

    Doses are left out: a policy decides on them.
    The same number of the same label with the same value in several arms is one factor: what is not known of it is not
    known in all.
    An instrument's number that is 0 is left out: it is a part that the policy does not have, and with it the policy
    would be another one.
    """
    groups: dict[tuple[str, Any, Parameter], list[Place]] = {}
    for place in places(scenario).values():
        of_policy = place.path.startswith("policies.")
        left_out = of_policy and (place.parameter.role == "dose" or place.value == 0)
        wanted = place.source.split(":")[0] in statuses and not left_out
        if wanted and place.parameter.is_numeric and place.parameter.plausible is not None:
            groups.setdefault((_without_arm(place.path), place.value, place.parameter), []).append(place)
    return [registered(_name(found, scenario), found) for found in groups.values()]


def _without_arm(path: str) -> str:
    parts = path.split(".")
    return path if parts[0] == "parameters" else ".".join([parts[0], ANY_ARM, *parts[2:]])


def _name(found: Sequence[Place], scenario: Scenario) -> str:
    """With `*` where the factor moves the number in every arm that has it, else the path of the first."""
    shared = _without_arm(found[0].path)
    return shared if len(matching(places(scenario), shared)) == len(found) else found[0].path
