"""Small worlds for tests: a scenario from a few words, its runs, and every month of them to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from clustersim import scenario
from clustersim.engines import batch
from clustersim.engines.arms import Arm, with_events
from clustersim.engines.bases import Bases
from clustersim.mechanisms import schedule
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario, Time
from clustersim.spec.levers import Levers
from clustersim.spec.month import Log
from clustersim.spec.state import NO_SLOT, OPEN
from clustersim.spec.world import World

type Array = np.ndarray[Any, Any]

POPULATION: dict[str, Any] = {
    "firms": 60,
    "sites": {"East": 0.5, "West": 0.5},
    "chains": {"equipment": {"tiers": 2, "share": 0.6}, "parts": {"tiers": 2, "share": 0.4}},
    "institutions": {"university": 2, "department": 2, "bank": 1},
}
# Doses are per 100 firms; with 30 firms at a site 60 introductions are 18 a round.
MATCHMAKING: dict[str, Any] = {"interval": 1, "introductions": 60, "support": 1.0, "word": 0.0, "survey_share": 1.0}
EVERYTHING: dict[str, Any] = {
    "members": "all",
    "matchmaking": {**MATCHMAKING, "introductions": 20, "support": 0.5, "word": 0.5, "switch": 0.2, "also": "region"},
    "formal_pairing": {"ties": 40},
    "schools": {"instrument": "formal_pairing", "kind": "research", "scope": "site", "ties": 20},
    "fusion_projects": {"projects": 40},
    "services": {"places_added": 5, "duration_factor": 0.5},
    "groups": {"scope": "site", "size": 6, "contact": 0.3, "duration": 60},
    "forum": {"interval": 3},
    "mutual_aid": {"scope": "region"},
    "attraction": {"entries": 7, "additional": 0.9},
}


def make(
    policies: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    events: Sequence[dict[str, Any]] = (),
    months: tuple[int, int] = (24, 12),
    sections: dict[str, Any] | None = None,
    **population: Any,
) -> Scenario:
    """A scenario as a user would write it, with a short burn-in and horizon.

    Args:
        sections: of the document, beside those that have an argument.
    """
    document = {
        "schema": 1,
        "name": "test",
        "time": {"burn_in": months[0], "horizon": max(12, months[1])},
        "population": {**POPULATION, **population},
        "policies": policies or {"no_alliance": {}},
        "parameters": parameters or {},
        "events": list(events),
        **(sections or {}),
    }
    return replace(scenario.loads(json.dumps(document)), time=Time(*months))


def listed(
    folder: Path, firms: Sequence[str], links: Sequence[str] = (), months: tuple[int, int] = (6, 12), **sections: Any
) -> Scenario:
    """A scenario whose firms stand in a roster.

    Args:
        folder: in which the tables are written. firms, links: their lines, with a header.
        sections: of the document; of the population what is not to be as in `POPULATION`.
    """
    people = {**POPULATION, **sections.pop("population", {}), "roster": "firms.csv"}
    del people["firms"]
    (folder / "firms.csv").write_text("\n".join(firms), encoding="utf-8")
    if links:
        people["links"] = "links.csv"
        (folder / "links.csv").write_text("\n".join(links), encoding="utf-8")
    time = {"burn_in": months[0], "horizon": months[1]}
    document = {"schema": 1, "name": "listed", "time": time, "population": people, "policies": {"no_alliance": {}}}
    return scenario.loads(json.dumps({**document, **sections}), folder=folder)


def brokering(**changes: Any) -> dict[str, Any]:
    """One arm in which everyone is a member of a matchmaking programme."""
    return {"brokering": {"members": "all", "matchmaking": {**MATCHMAKING, **changes}}}


@dataclass(frozen=True)
class Finished:
    """A block of runs at its end."""

    scenario: Scenario
    arms: tuple[Arm, ...]
    world: World
    recorder: Recorder

    def total(self, measure: str) -> Array:
        """Sum over the horizon, (arms, bases)."""
        return self.recorder.series[measure].sum(axis=2)

    def effect(self, measure: str, arm: int = 1) -> Array:
        """Percent of the twin, (bases,)."""
        total = self.total(measure)
        return 100.0 * (total[arm] / total[self.arms[arm].twin] - 1.0)

    def pairing_effect(self, arm: int = 1) -> Array:
        """Share of goods slots paired in the last twelve months against the twin, points, (bases,)."""
        last = {name: self.recorder.series[name][..., -12:].sum(axis=2) for name in ("paired_slots", "slots")}
        share = 100.0 * last["paired_slots"] / last["slots"]
        return share[arm] - share[self.arms[arm].twin]


def burned_in(points: Sequence[Scenario], seeds: Sequence[int]) -> World:
    world = batch.world_of(Bases.crossed(points, seeds))
    batch.burn_in(world)
    return world


def branch(start: World, points: Sequence[Scenario]) -> tuple[World, list[Arm]]:
    """The arms of these scenarios, at the end of the burn-in."""
    arms = batch.stacked_policies(Bases.crossed(points, range(start.bases // len(points))))
    world = batch.branched(start, len(arms))
    world.levers = [Levers() for _ in arms]
    return world, arms


def months(points: Sequence[Scenario], seeds: Sequence[int], start: World | None = None) -> Iterator[World]:
    """The world of all arms after each month of the horizon; pairing events of all bases are logged."""
    world, arms = branch(start or burned_in(points, seeds), points)
    world.log = Log(world.bases)
    policies, meets = [arm.policy for arm in arms], with_events(points[0], arms)
    for _ in range(points[0].time.horizon):
        schedule.month(world, policies, points[0].events, meets)
        yield world


def run(scenario: Scenario, seeds: Sequence[int], start: World | None = None) -> Finished:
    return run_points([scenario], seeds, start)


def run_points(points: Sequence[Scenario], seeds: Sequence[int], start: World | None = None) -> Finished:
    world, arms = branch(start or burned_in(points, seeds), points)
    recorder = batch.run_policies(world, points[0], arms)
    return Finished(points[0], tuple(arms), world, recorder)


def pairs(world: World) -> dict[str, Array]:
    """Who is paired with whom, since when and how; columns (arms, slots)."""
    state = world.state
    return {name: getattr(state, name).copy() for name in ("channel", "supplier", "since")}


def contracted_afresh(world: World) -> Array:
    """Volumes of living pairs added up at their suppliers, (arms, bases, rows), from the buyers' side."""
    total = np.zeros(world.state.contracted.shape)
    for arm in range(world.arms):
        for slot in np.flatnonzero(world.state.channel[arm] > OPEN):
            base = world.population.slot_owner[slot] // world.rows
            total[arm, base, world.state.supplier[arm, slot]] += world.population.slot_volume[slot]
    return total


def room_afresh(world: World) -> Array:
    """q A (1 - loss) - (1 - displacement) Dbar, floored to 1/1024, (arms, bases, rows)."""
    state, parameters = world.state, world.parameters
    left = state.capacity * state.productivity * (1.0 - world.environment.loss)
    return np.floor((left - (1.0 - parameters.displacement) * state.smoothed_demand) * 1024.0) / 1024.0


def exists(world: World) -> Array:
    return world.state.channel != NO_SLOT
