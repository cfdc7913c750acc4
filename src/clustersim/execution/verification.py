"""How far a run or a study is, and whether its blocks are what its folder says: some are simulated once more."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from clustersim.errors import InputError, Problem
from clustersim.execution.results_folder import job_in, manifest_of, refuse_changed
from clustersim.execution.simulation import simulate
from clustersim.execution.tables import tables_of
from clustersim.execution.work import RunWork, StudyWork, Work, work_of
from clustersim.storage.blocks import SEED
from clustersim.storage.code_version import code_version
from clustersim.storage.folder import ResultFolder, RunFolder, StudyFolder
from clustersim.storage.manifest import Manifest

SEEDS_AGAIN = 4  # of a block of a run
NO_ROW = "–"

# The name of a block, and of each of its tables the name, what is stored, and what is simulated now.
type Again = Iterator[tuple[str, list[tuple[str, pd.DataFrame, pd.DataFrame]]]]


@dataclass(frozen=True)
class Status:
    """How far a folder is.

    Attributes:
        blocks: that are stored; of a study also `wanted`, None for a run, to which seeds can be added.
        seeds: that are stored, of a run.
        same_version: whether this version of the package began it, and so can go on.
        changed: files that are not what they were when it ended; missing ones too.
    """

    manifest: Manifest
    path: Path
    kind: str
    blocks: int
    wanted: int | None
    seeds: int
    same_version: bool
    changed: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether all that was last asked for is done; a run that was complete may have been asked for more seeds."""
        return self.manifest.status == "complete" and self.manifest.used >= (self.manifest.asked.get("seeds") or 0)

    @property
    def is_whole(self) -> bool:
        return self.is_complete and not self.changed


@dataclass(frozen=True)
class Difference:
    """The first number that is not what it was: where it stands, what is stored, what was computed now.

    Where a table has other rows or columns: the columns that one of the two lacks, no row, and both shapes.
    """

    block: str
    table: str
    column: str
    row: str
    stored: str
    now: str


def status(path: Path) -> Status:
    """How far the run or study of a folder is; nothing is simulated.

    Raises:
        InputError: the folder holds neither.
    """
    folder = ResultFolder.at(path)
    manifest = manifest_of(folder)
    is_study = "job" in manifest.identity
    now = folder.inventory() if manifest.files else {}
    changed = tuple(name for name, known in manifest.files.items() if now.get(name) != known)
    spans = [] if is_study else RunFolder.at(path).blocks_done()
    same_version = manifest.code_version == code_version()
    return Status(
        manifest=manifest,
        path=folder.path,
        kind="study" if is_study else "run",
        blocks=len(StudyFolder.at(path).blocks_done()) if is_study else len(spans),
        wanted=len(job_in(folder, manifest).tasks) if is_study and same_version else None,
        seeds=len({seed for first, last in spans for seed in range(first, last + 1)}),
        same_version=same_version,
        changed=changed,
    )


def verify(path: Path, blocks: int) -> tuple[list[str], list[Difference]]:
    """Simulate some of the stored blocks once more, spread evenly, and compare every number.

    Returns:
        What was simulated again, and for each block the first number that differs.

    Raises:
        InputError: there is nothing to compare, or the folder is of another version or has been changed.
    """
    folder = ResultFolder.at(path)
    manifest = manifest_of(folder)
    refuse_changed(folder, manifest)
    work = work_of(path)
    again = _study_blocks(work, blocks) if isinstance(work, StudyWork) else _run_blocks(work, blocks)
    names, differences = [], list[Difference]()
    for name, tables in again:
        found = (_first_difference(name, *table) for table in tables)
        names.append(name)
        differences += itertools.islice((one for one in found if one is not None), 1)
    return names, differences


def _study_blocks(work: StudyWork, wanted: int) -> Again:
    for number in _spread(sorted(work.folder.blocks_done()), wanted, work.folder):
        table = work.folder.block_path(number).name
        yield f"block {number}", [(table, work.folder.read_block(number), work.made(number))]


def _run_blocks(work: Work, wanted: int) -> Again:
    """Of each block its first seeds: a seed does not depend on the block that it stands in."""
    assert isinstance(work, RunWork)
    for first, last in _spread(work.folder.blocks_done(), wanted, work.folder):
        seeds = range(first, min(last + 1, first + SEEDS_AGAIN))
        made = tables_of(simulate(work.scenario, list(seeds), engine=work.engine))
        tables = [(name, work.folder.read(name, seeds=seeds), _by_seed(now)) for name, now in made.items()]
        yield f"seeds {seeds.start}-{seeds.stop - 1}", tables


def _by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """A simulated table in the order in which it is read from a folder."""
    return table.sort_values(SEED, kind="stable", ignore_index=True) if SEED in table else table


def _spread[Block](done: list[Block], wanted: int, folder: ResultFolder) -> list[Block]:
    if not done:
        raise InputError(Problem("work.nothing_stored", file=str(folder.path)))
    places = np.unique(np.linspace(0, len(done) - 1, min(wanted, len(done))).round().astype(int))
    return [done[place] for place in places]


def _first_difference(block: str, table: str, stored: pd.DataFrame, now: pd.DataFrame) -> Difference | None:
    if len(stored) != len(now) or list(stored.columns) != list(now.columns):
        other = sorted({str(name) for name in stored.columns} ^ {str(name) for name in now.columns})
        shapes = (f"{len(one)} x {len(one.columns)}" for one in (stored, now))
        return Difference(block, table, ", ".join(other), NO_ROW, *shapes)
    keys = [name for name in ("arm", "point", "seed", "month", "entry", "firm", "group") if name in stored]
    for column in stored.columns:
        ours, theirs = (_comparable(one[column]) for one in (stored, now))
        different = np.flatnonzero(~((ours == theirs) | (pd.isna(ours) & pd.isna(theirs))))
        if len(different):
            row = int(different[0])
            place = ", ".join(f"{key} {stored[key].iloc[row]}" for key in keys)
            return Difference(block, table, str(column), place, str(ours[row]), str(theirs[row]))
    return None


def _comparable(column: pd.Series) -> np.ndarray:
    return column.astype(str).to_numpy() if column.dtype.kind not in "fiub" else column.to_numpy()
