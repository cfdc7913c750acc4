"""From a scenario to stored runs: block after block of seeds, until there are enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from clustersim.analysis.estimates import effects, headline_values
from clustersim.engines import Engine
from clustersim.execution import results_folder
from clustersim.execution.budget import with_budget
from clustersim.execution.executor import LOCAL, Executor, make_blocks, refuse_impossible_jobs
from clustersim.execution.progress import OnProgress, Progress, unseen
from clustersim.execution.size import refuse_impossible
from clustersim.execution.work import RunWork
from clustersim.measures import headline
from clustersim.scenario.model import Precision, Scenario
from clustersim.spec.timing import OFF, Clock
from clustersim.storage.folder import RunFolder
from clustersim.storage.manifest import run_id

CLUSTER_BLOCKS = 16  # at least, of a run on a cluster whose size is not known here
FIRST_SEEDS = 20  # of a run that adds seeds until it is precise


def store(
    scenario: Scenario,
    root: Path,
    seeds: int | None = None,
    progress: OnProgress = unseen,
    engine: Engine = "batch",
    executor: Executor = LOCAL,
    asked: dict[str, Any] | None = None,
    clock: Clock = OFF,
) -> tuple[RunFolder, int]:
    """Simulate what is not stored yet, and store it. Returns the folder and the number of seeds of the run.

    Args:
        root: the folder that holds all results.
        seeds: number of seeds, 0 .. seeds - 1; None as the scenario says.
        executor: who makes the blocks. asked: see `results_folder.begin`.
        clock: measures the blocks that this process makes with the batch engine.

    Raises:
        InputError: the run is impossible. StorageError: it cannot be written. CertificateError: see `simulate`.
    """
    ready = with_budget(scenario)
    wanted = first_seeds(scenario, seeds)
    size = refuse_impossible(ready, wanted, engine)
    refuse_impossible_jobs(executor.jobs, size.memory)
    folder = folder_of(scenario, root, engine)
    results_folder.begin(folder, scenario, identity(scenario, engine), asked)
    while True:
        _fill(RunWork(folder, ready, engine, (), clock), wanted, size.block, progress, executor)
        if scenario.precision is None or seeds is not None or wanted >= scenario.precision.cap:
            return folder, wanted
        with clock.timed("estimates"):
            further = seeds_wanted(folder, ready, scenario.precision, wanted)
        if further <= wanted:
            return folder, wanted
        wanted = further


def _fill(work: RunWork, wanted: int, block: int, progress: OnProgress, executor: Executor) -> None:
    missing = tuple(work.folder.missing(range(wanted), _shared(wanted, block, executor)))
    done = wanted - sum(len(span) for span in missing)
    progress(Progress(done, wanted))
    work = replace(work, spans=missing)
    for number in make_blocks(work, work.folder.path, range(len(missing)), executor, missing):
        done += len(missing[number])
        progress(Progress(done, wanted))


def _shared(wanted: int, block: int, executor: Executor) -> int:
    """Seeds in a block, so that every process, or worker of a cluster, gets some."""
    parts = CLUSTER_BLOCKS if executor.dask else executor.jobs
    return max(1, min(block, -(-wanted // parts)))


def identity(scenario: Scenario, engine: Engine = "batch") -> dict[str, Any]:
    """All that the numbers of a seed depend on."""
    return results_folder.identity(scenario, engine=engine)


def folder_of(scenario: Scenario, root: Path, engine: Engine = "batch") -> RunFolder:
    return RunFolder(root, scenario.name, run_id(identity(scenario, engine)))


def first_seeds(scenario: Scenario, seeds: int | None) -> int:
    """Seeds to begin with: those that were asked for; with a wanted precision few, and then as many as it takes."""
    if seeds is not None:
        return seeds
    return scenario.seeds if scenario.precision is None else min(FIRST_SEEDS, scenario.precision.cap)


def seeds_wanted(folder: RunFolder, scenario: Scenario, precision: Precision, done: int) -> int:
    """Seeds until every headline interval is narrow enough, from the spread of those that are done, up to the cap.

    Intervals shrink with the square root of the seeds; a fifth is added, and at most four times as many run at once.
    """
    values = headline_values(folder.read("series", seeds=range(done)), parameters=scenario.parameters)
    too_wide = excess(effects(values, headline(), parameters=scenario.parameters), precision)
    if not too_wide > 1.0:
        return done
    return min(precision.cap, max(done + 1, min(4 * done, int(1.2 * done * too_wide**2) + 1)))


def excess(found: pd.DataFrame, precision: Precision) -> float:
    """Half-width of the widest headline interval over the wanted one; NaN where there is no policy."""
    found = found[found["headline"]]
    wanted = found["effect_unit"].map({"points": precision.pairing}).fillna(precision.output)
    return float(((found["high"] - found["low"]) / 2.0 / wanted).max())
