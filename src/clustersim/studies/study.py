"""A checked study: what `reading` makes of a YAML file, and what the verbs carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from clustersim.execution.factors import Factor
from clustersim.measures import MEASURES, Measure
from clustersim.scenario.model import Scenario

type Verb = Literal["sweep", "sensitivity", "map", "calibrate"]
VERBS: tuple[Verb, ...] = ("sweep", "sensitivity", "map", "calibrate")


@dataclass(frozen=True)
class Design:
    """Which points a study simulates.

    Attributes:
        method: grid, lhs, sobol, morris or pawn. size: base points, trajectories or points; of a grid no number.
        steps: of a grid, of each factor.
    """

    method: str
    size: int = 0
    steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Aim:
    """A target of a calibration: an entry of the scenario's section `observed`, and how near the model must come.

    Attributes:
        place: in the section, from 0. error: standard error of the value, None where `tolerance`, the half-width of an
            interval in which any value will do, is given.
    """

    place: int
    name: str
    value: float
    error: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True)
class Study:
    """A scenario, what of it varies, and what is looked at.

    Attributes:
        scenario: with the study's changes. arms: policy arms that are simulated beside no alliance.
        outcomes: names of measures, the main one first. seeds: 0 .. seeds - 1, the same at every point.
        aims, first, held: of a calibration: the targets, where its search begins, and the factors that stay there.
        digits, check_seeds, draws: of a calibration: digits of the fit, the seeds with which it is simulated in the
            end, and the draws from the posterior at which effects are computed again.
        document: the YAML as read, for the manifest.
    """

    verb: Verb
    name: str
    title: dict[str, str]
    scenario: Scenario
    factors: tuple[Factor, ...]
    design: Design
    arms: tuple[str, ...]
    outcomes: tuple[str, ...]
    seeds: int
    aims: tuple[Aim, ...] = ()
    first: dict[str, float] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    digits: int = 2
    check_seeds: int = 40
    draws: int = 64
    document: dict[str, Any] = field(default_factory=dict)

    def measure(self) -> Measure:
        """The main outcome."""
        return MEASURES[self.outcomes[0]]
