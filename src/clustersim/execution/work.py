"""One block of a run or a study: simulated, and written to its folder whole or not at all."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from clustersim.engines import Engine
from clustersim.engines.bases import Bases
from clustersim.execution.budget import with_budget
from clustersim.execution.job import Job, Task
from clustersim.execution.observed import compare_observed
from clustersim.execution.outcome_table import outcome_table
from clustersim.execution.results_folder import job_in, manifest_of, refuse_changed, scenario_of
from clustersim.execution.simulation import simulate, simulate_batch
from clustersim.execution.size import is_certified, size_of
from clustersim.execution.tables import tables_of
from clustersim.scenario.model import Scenario
from clustersim.spec.timing import OFF, Clock
from clustersim.storage.folder import ResultFolder, RunFolder, StudyFolder


class Work(Protocol):
    """A folder whose blocks can be made, each on its own and in any order."""

    def carry_out(self, block: int) -> None:
        """Make a block and store it, unless it is stored."""


@dataclass(frozen=True)
class RunWork:
    """The blocks of a run: consecutive seeds. A block is named by its place in `spans`. `clock` measures them."""

    folder: RunFolder
    scenario: Scenario
    engine: Engine
    spans: Sequence[range]
    clock: Clock = OFF

    def carry_out(self, block: int) -> None:
        seeds = self.spans[block]
        size = size_of(self.scenario, 1)
        certified = is_certified(size.arms * size.rows, len(seeds), block)
        made = simulate(self.scenario, list(seeds), certified, self.engine, self.clock)
        with self.clock.timed("storing"):
            self.folder.write_block(seeds, tables_of(made))


@dataclass(frozen=True)
class StudyWork:
    """The blocks of a study: points with seeds."""

    folder: StudyFolder
    job: Job

    def carry_out(self, block: int) -> None:
        if block not in self.folder.blocks_done():
            self.folder.write_block(block, self.made(block))

    def made(self, block: int) -> pd.DataFrame:
        """The table of a block, simulated now."""
        task = self.job.tasks[block]
        return _observed(self.job, task) if self.job.kind == "observed" else _outcomes(self.job, task)


def _outcomes(job: Job, task: Task) -> pd.DataFrame:
    points = [job.point(number) for number in task.points]
    # Of coalitions the grand one is held against the arm's own run, which is certified.
    bases = len(task.points) * len(task.seeds)
    certified = is_certified(job.rows_of_a_seed, bases, task.number) and not job.players
    simulated = simulate_batch(Bases.crossed(points, task.seeds), certified=certified)
    return outcome_table(simulated, points, task.points, job.outcomes)


def _observed(job: Job, task: Task) -> pd.DataFrame:
    """What the model gives for each wanted entry of `observed`, at each point."""
    rows = []
    for number in task.points:
        scenario = job.point(number)
        asked = replace(scenario, observed=tuple(scenario.observed[place] for place in job.entries))
        for place, found in zip(job.entries, compare_observed(asked, job.seeds), strict=True):
            spread = {"standard_error": found.standard_error, "size": found.size}
            rows.append({"point": number, "entry": place, "mean": found.mean, **spread})
    return pd.DataFrame(rows)


@functools.lru_cache(maxsize=4)
def work_of(path: Path, spans: tuple[range, ...] = ()) -> Work:
    """The work of a folder, for a worker that knows nothing else.

    Args:
        spans: the blocks of seeds, of a run.

    Raises:
        InputError: the folder was begun by another version, or has been changed.
    """
    folder = ResultFolder.at(path)
    manifest = manifest_of(folder)
    refuse_changed(folder, manifest)
    if "job" in manifest.identity:
        return StudyWork(StudyFolder.at(path), job_in(folder, manifest))
    scenario = with_budget(scenario_of(folder, manifest))
    return RunWork(RunFolder.at(path), scenario, manifest.identity["engine"], spans)
