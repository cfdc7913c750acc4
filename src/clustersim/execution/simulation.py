"""Runs of a scenario, and batches of them: every point with every seed, checked."""

from __future__ import annotations

from collections.abc import Sequence

from clustersim.engines import Engine, batch
from clustersim.engines.bases import Bases
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

        return refuse_not_finite(run.simulate(bases_of(scenario, seeds), recorded))
    return simulate_batch(bases_of(scenario, seeds), recorded, certified, clock)


def bases_of(scenario: Scenario, seeds: Sequence[int]) -> Bases:
    """The runs of a scenario on some seeds."""
    return Bases.crossed([scenario], seeds)


def simulate_batch(bases: Bases, recorded: int = 0, certified: bool = True, clock: Clock = OFF) -> Block:
    """All arms of the runs of a block.

    Args:
        recorded: of the first so many bases pairing events and waiting spells are kept.
        certified: whether the last base is simulated once more on its own; see `certificate`.
        clock: measures building the population, each step of burn-in and horizon, the certificate, and collecting.

    Raises:
        ValueError: the points need worlds of their own.
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    scenario, arms = bases.scenario, batch.stacked_policies(bases)
    with clock.timed("population"):
        start = batch.world_of(bases)
    _time(start, clock)
    with clock.timed("burn_in"):
        batch.burn_in(start)
    with clock.timed("horizon"):
        world = batch.branched(start, len(arms))
        world.clock = clock
        recorder = batch.run_policies(world, scenario, arms, recorded)
    _count(scenario, start.bases, len(arms), clock)
    with clock.timed("certificate"):
        refuse_early_effects(scenario, arms, bases.seed_of_each().tolist(), recorder)
        if certified:
            certify(bases, len(bases) - 1, world, recorder)
    with clock.timed("collecting"):
        return refuse_not_finite(collect(world, recorder, scenario, [arm.name for arm in arms], bases))


def _time(world: World, clock: Clock) -> None:
    """Has the steps of a world, and the drawing of its numbers, measured."""
    if clock.runs:
        world.clock, world.draws = clock, TimedDraws(world.draws, clock)


def _count(scenario: Scenario, runs: int, arms: int, clock: Clock) -> None:
    """Counts runs before they branch and firm-months: one firm of one run in one month."""
    firms, months = scenario.population.firms, scenario.time
    clock.count(runs=runs, burn_in=runs * firms * months.burn_in, horizon=runs * arms * firms * months.horizon)
