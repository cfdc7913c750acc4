"""Runs of a scenario, and batches of them: every point with every seed, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustersim.engines import Engine, batch
from clustersim.engines.collect import collect
from clustersim.execution.certificate import certify, refuse_early_effects, refuse_not_finite
from clustersim.scenario.model import Scenario
from clustersim.spec.results import RECORDED_SEEDS, Block
from clustersim.spec.timing import OFF, Clock, TimedDraws
from clustersim.spec.world import World


def simulate(
    scenario: Scenario, seeds: Sequence[int], certified: bool = True, engine: Engine = "batch", clock: Clock = OFF
) -> Block:
    """The runs of some seeds, all arms of the scenario as they stand (see `budget.with_budget`).

    Args:
        seeds: below 2**63, so that tables can hold them.
        certified: whether a seed of a batch is simulated again; see `certificate`. The reference engine has neither
            blocks nor branches.
        clock: measures a batch.

    Raises:
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    recorded = sum(seed < RECORDED_SEEDS for seed in seeds)
    if engine == "reference":
        from clustersim.engines.reference import run  # Mesa is slow to import

        arms = batch.stacked_policies([scenario], len(seeds))
        return refuse_not_finite(run.simulate(scenario, arms, seeds, recorded))
    return simulate_batch([scenario], seeds, recorded, certified, clock)


def simulate_batch(
    points: Sequence[Scenario],
    seeds: Sequence[int],
    recorded: int = 0,
    certified: bool = True,
    clock: Clock = OFF,
) -> Block:
    """All arms of some points that differ in numbers only.

    Args:
        seeds: see `simulate`.
        recorded: of the first so many seeds of the first point pairing events and waiting spells are kept.
        certified: whether the last seed of the last point is simulated once more on its own; see `certificate`.
        clock: measures building the population, each step of burn-in and horizon, the certificate, and collecting.

    Raises:
        ValueError: the points need worlds of their own.
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    arms = batch.stacked_policies(points, len(seeds))
    with clock.timed("population"):
        start = batch.world_of(points, seeds)
    _time(start, clock)
    with clock.timed("burn_in"):
        batch.burn_in(start)
    with clock.timed("horizon"):
        world = batch.branched(start, len(arms))
        world.clock = clock
        recorder = batch.run_policies(world, points[0], arms, recorded)
    _count(points[0], start.bases, len(arms), clock)
    with clock.timed("certificate"):
        seed_of_base = np.tile(np.asarray(seeds), len(points)).tolist()
        refuse_early_effects(points[0], arms, seed_of_base, recorder)
        if certified:
            certify(points[-1], seed_of_base, len(seed_of_base) - 1, world, recorder)
    with clock.timed("collecting"):
        return refuse_not_finite(collect(world, recorder, points[0], [arm.name for arm in arms], seeds))


def _time(world: World, clock: Clock) -> None:
    """Has the steps of a world, and the drawing of its numbers, measured."""
    if clock.runs:
        world.clock, world.draws = clock, TimedDraws(world.draws, clock)


def _count(scenario: Scenario, runs: int, arms: int, clock: Clock) -> None:
    """Counts runs before they branch and firm-months: one firm of one run in one month."""
    firms, months = scenario.population.firms, scenario.time
    clock.count(runs=runs, burn_in=runs * firms * months.burn_in, horizon=runs * arms * firms * months.horizon)
