"""Runs of a scenario, and batches of them: every point with every seed, certified."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustersim.engines import Engine, batch
from clustersim.engines.collect import collect
from clustersim.experiment.certificate import certify, refuse_not_finite
from clustersim.scenario.model import Scenario
from clustersim.spec.results import Block

RECORDED_SEEDS = 5  # pairing events and waiting spells are kept of the first ones


def simulate(scenario: Scenario, seeds: Sequence[int], certified: bool = True, engine: Engine = "batch") -> Block:
    """The runs of some seeds, all arms of the scenario as they stand (see `budget.with_budget`).

    Args:
        seeds: below 2**63, so that tables can hold them.
        certified: whether a batch is checked; see `certificate`. The reference engine has neither blocks nor branches.

    Raises:
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    recorded = sum(seed < RECORDED_SEEDS for seed in seeds)
    if engine == "reference":
        from clustersim.engines.reference import run  # Mesa is slow to import

        arms = batch.stacked_policies([scenario], len(seeds))
        return refuse_not_finite(run.simulate(scenario, arms, seeds, recorded))
    return simulate_batch([scenario], seeds, recorded, certified)


def simulate_batch(
    points: Sequence[Scenario], seeds: Sequence[int], recorded: int = 0, certified: bool = True
) -> Block:
    """All arms of some points that differ in numbers only.

    Args:
        seeds: see `simulate`.
        recorded: of the first so many seeds of the first point pairing events and waiting spells are kept.
        certified: whether the last seed of the last point is simulated once more on its own; see `certificate`.

    Raises:
        ValueError: the points need worlds of their own.
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    arms = batch.stacked_policies(points, len(seeds))
    start = batch.world_of(points, seeds)
    batch.burn_in(start)
    world = batch.branched(start, len(arms))
    recorder = batch.run_policies(world, points[0], arms, recorded)
    if certified:
        seed_of_base = np.tile(np.asarray(seeds), len(points)).tolist()
        certify(points[-1], seed_of_base, len(seed_of_base) - 1, world, recorder)
    return refuse_not_finite(collect(world, recorder, points[0], [arm.name for arm in arms], seeds))
