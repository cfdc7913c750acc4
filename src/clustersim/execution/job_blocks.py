"""From a job to its stored blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from clustersim.errors import InputError, Problem
from clustersim.execution import results_folder
from clustersim.execution.executor import LOCAL, Executor, make_blocks
from clustersim.execution.job import Job
from clustersim.execution.progress import OnProgress, Progress, unseen
from clustersim.execution.size import (
    BYTES_A_NUMBER,
    BYTES_A_ROW,
    BYTES_A_SEED,
    CERTIFIED_EVERY,
    COPIES,
    MONTH_SECONDS,
    SERIES,
    SHARE_OF_MEMORY,
    gigabytes,
)
from clustersim.execution.work import StudyWork
from clustersim.storage.folder import StudyFolder
from clustersim.storage.manifest import run_id

POINTS_CHECKED = 1000  # a few milliseconds each
NANOSECONDS = 550.0  # a firm-month; less than of a run, which keeps more tables


@dataclass(frozen=True)
class Needs:
    """What a study needs: runs, blocks, bytes of memory in a worker, seconds on one core, bytes on the disk."""

    points: int
    runs: int
    blocks: int
    memory: float
    seconds: float
    disk: float


def needs(job: Job) -> Needs:
    """What carrying out a job takes, about."""
    tasks = job.tasks
    points = [job.point(number) for number in job.extremes]
    first = max(points, key=lambda point: point.time.burn_in + point.time.horizon)
    bases = len(job.points) * job.seeds
    both, arms = first.time.burn_in + first.time.horizon, len(first.policies)
    rows = job.rows_of_a_seed / arms
    months = bases * (first.time.burn_in + arms * first.time.horizon)
    calls = len(tasks) * both * (1.0 + 1.0 / CERTIFIED_EVERY)
    series = first.time.horizon * SERIES * BYTES_A_NUMBER * COPIES
    largest = max(len(task.points) * len(task.seeds) for task in tasks)
    return Needs(
        points=len(job.points),
        runs=bases * arms,
        blocks=len(tasks),
        memory=largest * (job.rows_of_a_seed * BYTES_A_ROW["batch"] + arms * series + BYTES_A_SEED),
        seconds=months * rows * NANOSECONDS * 1e-9 + calls * MONTH_SECONDS,
        disk=bases * arms * (len(job.outcomes) + 2) * 8.0,
    )


def refuse_impossible(job: Job, jobs: int = 1) -> Needs:
    """What a job needs.

    Raises:
        InputError: its largest block, in each of so many processes, takes more memory than is free now; or one of its
            extreme points is not allowed.
    """
    found = needs(job)
    free = psutil.virtual_memory().available
    if jobs * found.memory > SHARE_OF_MEMORY * free:
        fields = {"need": gigabytes(found.memory), "free": gigabytes(free), "jobs": jobs}
        raise InputError(Problem("study.memory", fields))
    return found


def refuse_points(job: Job) -> None:
    """Refuses values that are allowed one by one and not together, before hours have been spent on other points.

    Raises:
        InputError: a point of the job, or of the first many of it, is not allowed.
    """
    for number in range(min(len(job.points), POINTS_CHECKED)):
        job.point(number)


def folder_of(job: Job, name: str, root: Path, document: Mapping[str, Any]) -> StudyFolder:
    """Where a study is stored: named after all that its numbers and its words depend on."""
    return StudyFolder(root, name, run_id(identity(job, document)))


def identity(job: Job, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a study depends on.

    Args:
        document: the study as its author wrote it.
    """
    return results_folder.identity(job.scenario, job=job.recipe(), study=dict(document))


def carry_out(
    job: Job,
    folder: StudyFolder,
    document: Mapping[str, Any],
    executor: Executor = LOCAL,
    progress: OnProgress = unseen,
) -> bool:
    """Simulate and store the blocks that are not there yet. Returns whether all are there in the end.

    Raises:
        InputError: the study is impossible. StorageError: a block cannot be written. CertificateError: see
            `simulation.simulate_batch`.
    """
    refuse_impossible(job, executor.jobs)
    if not folder.blocks_done():
        refuse_points(job)
    results_folder.begin(folder, job.scenario, identity(job, document))
    blocks = range(len(job.tasks))
    what = "assumptions" if document.get("study") == "assumptions" else "study"
    done = folder.blocks_done()
    missing = executor.mine([block for block in blocks if block not in done])
    wanted = len(executor.mine(blocks))
    count = wanted - len(missing)
    progress(Progress(count, wanted, what))
    for _ in make_blocks(StudyWork(folder, job), folder.path, missing, executor):
        count += 1
        progress(Progress(count, wanted, what))
    return len(folder.blocks_done()) == len(blocks)


def carry_out_below(
    job: Job, name: str, root: Path, document: Mapping[str, Any], executor: Executor, progress: OnProgress
) -> StudyFolder:
    """Simulates what is missing of a job in a folder below that of the run or study that it belongs to: all of it,
    whatever shard is asked for of that."""
    folder = folder_of(job, name, root, document)
    is_whole = carry_out(job, folder, document, replace(executor, shard=(1, 1)), progress)
    assert is_whole
    return folder


def finish(folder: StudyFolder, seeds: int) -> None:
    """Writes the manifest of a study that is done."""
    folder.finish(results_folder.manifest_of(folder), [(0, seeds - 1)], seeds)
