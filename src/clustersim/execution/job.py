"""What a study simulates, and how it is cut into blocks. It is written to the study's folder, where every worker,
on whatever machine, reads it; so a folder is all that is needed to go on.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from clustersim import scenario as scenarios
from clustersim.engines.arms import arms_of, reserve_rows
from clustersim.errors import InputError, Problem
from clustersim.execution.budget import with_budget
from clustersim.execution.factors import Factor
from clustersim.instruments import organisation_building
from clustersim.measures import MEASURES
from clustersim.scenario.model import NO_ALLIANCE, Policy, Scenario
from clustersim.spec.parameters import Scalar
from clustersim.spec.results import EQUAL_MONEY

type Kind = Literal["outcomes", "observed"]

# Firm-rows of a block: enough for the engine to be fast, few enough for a block to take seconds. It does not depend on
# the machine, for blocks must be the same wherever they are made.
BLOCK_ROWS = 50_000
COALITION_ROWS = 300_000  # hundreds of arms with few firms each: a month costs some time for every arm
ROWS_HANG_ON = (".entries",)  # numbers of one world, of which the rows kept for entrants are
GATE = organisation_building.__name__.rsplit(".", maxsplit=1)[-1]


@dataclass(frozen=True)
class Task:
    """A block: some points, with some seeds."""

    number: int
    points: tuple[int, ...]
    seeds: range


@dataclass(frozen=True)
class Job:
    """All that the numbers of a study depend on.

    Attributes:
        scenario: as its author wrote it. kind: outcomes of arms, or the scenario's observations.
        factors: what the points give values to. points: a tuple of values each.
        arms: policy arms beside no alliance. outcomes: names of measures.
        players: of an attribution the labels of the one arm's instruments, those that count as one together; every
            set of players is an arm.
        entries: places in the section `observed`.
    """

    scenario: Scenario
    kind: Kind
    factors: tuple[Factor, ...]
    points: tuple[tuple[Scalar, ...], ...]
    arms: tuple[str, ...]
    outcomes: tuple[str, ...]
    seeds: int
    players: tuple[tuple[str, ...], ...] = ()
    entries: tuple[int, ...] = ()

    def point(self, number: int) -> Scenario:
        """The scenario of a point, with the arms that are simulated.

        Raises:
            InputError: the values are not allowed together; the problem names the point.
        """
        changes = {
            path: value
            for factor, value in zip(self.factors, self.points[number], strict=True)
            for path in factor.paths
        }
        try:
            return self._with_arms(scenarios.with_changes(self.scenario, changes) if changes else self.scenario)
        except InputError as error:
            values = ", ".join(f"{path} = {value}" for path, value in changes.items())
            told = Problem("study.point_refused", {"point": number, "values": values})
            raise InputError([told, *error.problems]) from error

    def _with_arms(self, scenario: Scenario) -> Scenario:
        if self.kind == "observed":
            return scenario
        if not any(arm.endswith(EQUAL_MONEY) for arm in self.arms) and scenario.budget == "both":
            scenario = replace(scenario, budget="own")
        ready = with_budget(scenario)
        kept = tuple(policy for policy in ready.policies if policy.name in (NO_ALLIANCE, *self.arms))
        if not any(MEASURES[name].reads == "shock" for name in self.outcomes):
            ready = replace(ready, events=tuple(replace(event, shock=False) for event in ready.events))
        if self.players:
            kept = (kept[0], *coalition_arms(kept[1], self.players))
        return replace(ready, policies=kept)

    @functools.cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The blocks, in order. They depend on nothing but the job."""
        base_rows = self.rows_of_a_seed
        block = COALITION_ROWS if self.players else BLOCK_ROWS
        # A sample of observations is of all seeds at once.
        seeds = self.seeds if self.kind == "observed" else max(1, min(self.seeds, block // base_rows))
        points = max(1, block // (base_rows * seeds)) if seeds == self.seeds else 1
        spans = [range(start, min(start + seeds, self.seeds)) for start in range(0, self.seeds, seeds)]
        chunks = [
            tuple(group[start : start + points]) for group in self.worlds for start in range(0, len(group), points)
        ]
        pairs = itertools.product(chunks, spans)
        return tuple(Task(number, chunk, span) for number, (chunk, span) in enumerate(pairs))

    @functools.cached_property
    def worlds(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of the points that one world can hold, world by world."""
        apart = [number for number, factor in enumerate(self.factors) if not factor.together]
        groups: dict[tuple[Scalar, ...], list[int]] = {}
        for number, values in enumerate(self.points):
            groups.setdefault(tuple(values[place] for place in apart), []).append(number)
        return tuple(tuple(group) for group in groups.values())

    @functools.cached_property
    def rows_of_a_seed(self) -> int:
        """Firm-rows, all arms, at the largest of the points."""
        return max(_rows(self.point(number)) for number in self.extremes)

    @property
    def extremes(self) -> list[int]:
        """Points at which a number that the size of a world may hang on is lowest or highest; the first one."""
        found = {0}
        for place, factor in enumerate(self.factors):
            column = [values[place] for values in self.points]
            counts = not factor.together or factor.name.endswith(ROWS_HANG_ON)
            if counts and all(isinstance(value, (int, float)) for value in column):
                numbers = np.array(column, dtype=np.float64)
                found |= {int(numbers.argmin()), int(numbers.argmax())}
        return sorted(found)

    def design(self) -> pd.DataFrame:
        """A row for each point, a column for each factor."""
        columns = {
            factor.name: [values[number] for values in self.points] for number, factor in enumerate(self.factors)
        }
        return pd.DataFrame({"point": range(len(self.points)), **columns})

    def recipe(self) -> dict[str, Any]:
        """All of the job but its scenario, as plain JSON."""
        return {
            "kind": self.kind,
            "factors": [asdict(factor) for factor in self.factors],
            "points": [list(values) for values in self.points],
            "arms": list(self.arms),
            "outcomes": list(self.outcomes),
            "seeds": self.seeds,
            "players": [list(labels) for labels in self.players],
            "entries": list(self.entries),
        }

    @classmethod
    def from_recipe(cls, scenario: Scenario, recipe: Mapping[str, Any]) -> Job:
        """The job of a scenario and `recipe`."""
        factors = tuple(
            Factor(**{**entry, "paths": tuple(entry["paths"]), "levels": tuple(entry["levels"])})
            for entry in recipe["factors"]
        )
        return cls(
            scenario=scenario,
            kind=recipe["kind"],
            factors=factors,
            points=tuple(tuple(values) for values in recipe["points"]),
            arms=tuple(recipe["arms"]),
            outcomes=tuple(recipe["outcomes"]),
            seeds=recipe["seeds"],
            players=tuple(tuple(labels) for labels in recipe["players"]),
            entries=tuple(recipe["entries"]),
        )


def _rows(scenario: Scenario) -> int:
    return len(arms_of(scenario)) * (scenario.population.firms + reserve_rows([scenario]))


def players_of(policy: Policy) -> tuple[str, ...]:
    """Labels of the instruments among which an effect is shared out; the gate is no player."""
    return tuple(use.label for use in policy.instruments if use.instrument != GATE)


def coalition_arms(policy: Policy, players: Sequence[Sequence[str]]) -> tuple[Policy, ...]:
    """The policy with every set of players, in the order of bit masks; the gate is in all of them."""
    arms = []
    for mask in range(1 << len(players)):
        on = {label for bit, labels in enumerate(players) if mask >> bit & 1 for label in labels}
        kept = tuple(use for use in policy.instruments if use.instrument == GATE or use.label in on)
        arms.append(replace(policy, name=f"{policy.name}#{mask}", instruments=kept))
    return tuple(arms)


def distinct(points: Sequence[tuple[Scalar, ...]]) -> tuple[tuple[tuple[Scalar, ...], ...], list[int]]:
    """Points without repetition, and for each given one its place among them."""
    places: dict[tuple[Scalar, ...], int] = {}
    rows = [places.setdefault(values, len(places)) for values in points]
    return tuple(places), rows
