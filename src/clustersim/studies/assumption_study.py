"""What is simulated for the assumption range of a run: points over the ranges of all numbers that are not evidence."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.engines.arms import arms_of, reserve_rows
from clustersim.errors import InputError
from clustersim.execution import job_blocks
from clustersim.execution.budget import with_budget
from clustersim.execution.executor import LOCAL, Executor
from clustersim.execution.factors import Factor, uncertain
from clustersim.execution.job import Job
from clustersim.execution.progress import OnProgress, unseen
from clustersim.execution.size import BLOCK_ROWS
from clustersim.measures import headline
from clustersim.scenario import with_changes
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.spec.parameters import Scalar
from clustersim.storage.folder import RunFolder
from clustersim.studies.designs import latin_hypercube

STATUSES = ("assumption", "literature", "fitted")  # what a number may rest on and still be uncertain
POINTS = 64
FEWEST_POINTS = 8  # below, 5% and 95% would say nothing
WORLDS = 8  # months and counts of instruments take so many combinations: each needs a world of its own


def default_points(scenario: Scenario, seeds: int) -> int:
    """As many points as fill a block, or as there are seeds, at most 64: the range costs about as much as the run."""
    ready = with_budget(scenario)
    rows = len(arms_of(ready)) * (ready.population.firms + reserve_rows([ready]))
    return min(POINTS, max(seeds, BLOCK_ROWS["batch"] // rows))


def assumption_job(scenario: Scenario, points: int, seeds: int) -> Job | None:
    """The points of the range, on the first ceil(seeds / 64) seeds; None where nothing is uncertain or has an effect.

    Numbers that one world can hold vary from point to point, months and counts of instruments from world to world.
    Points that no scenario can be are left out: where staff alone cost more than the sum that all arms are to have. If
    hardly any are left so, arms are run at their own cost only.
    """
    if points < 1:
        return None
    job = _job(scenario, points, seeds)
    if job is not None and len(job.points) < min(points, FEWEST_POINTS) and scenario.budget != "own":
        job = _job(with_changes(scenario, {"budget": "own"}), points, seeds)
    return job


def _job(scenario: Scenario, points: int, seeds: int) -> Job | None:
    factors = uncertain(scenario, STATUSES)
    arms = tuple(policy.name for policy in with_budget(scenario).policies if policy.name != NO_ALLIANCE)
    if not factors or not arms:
        return None
    job = Job(
        scenario=scenario,
        kind="outcomes",
        factors=tuple(factors),
        points=_split_plot(factors, points),
        arms=arms,
        outcomes=tuple(measure.name for measure in headline()),
        seeds=math.ceil(seeds / POINTS),
    )
    possible = tuple(values for number, values in enumerate(job.points) if _is_possible(job, number))
    return replace(job, points=possible) if possible else None


def _is_possible(job: Job, point: int) -> bool:
    try:
        job.point(point)
    except InputError:
        return False
    return True


def _split_plot(factors: list[Factor], points: int) -> tuple[tuple[Scalar, ...], ...]:
    """A Latin hypercube over points for some factors, and one over worlds for the others."""
    worlds = min(WORLDS, points)
    fine = latin_hypercube(points, len(factors))
    coarse = latin_hypercube(worlds, len(factors))[np.arange(points) % worlds]
    columns = [factor.at((fine if factor.together else coarse)[:, number]) for number, factor in enumerate(factors)]
    return tuple(zip(*columns, strict=True))


def assumption_range(
    scenario: Scenario,
    folder: RunFolder,
    points: int,
    seeds: int,
    executor: Executor = LOCAL,
    progress: OnProgress = unseen,
) -> AssumptionRange | None:
    """Simulates what is missing of a run's assumption range, in a folder below the run's; None where there is none."""
    job = assumption_job(scenario, points, seeds)
    if job is None:
        return None
    document = {"study": "assumptions", "points": points, "of": folder.run_id}
    below = job_blocks.carry_out_below(job, "assumptions", folder.path, document, executor, progress)
    job_blocks.finish(below, job.seeds)
    return AssumptionRange(job, below.read(), points)
