"""How blocks are carried out. Only the time depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from clustersim.errors import InputError, Problem
from clustersim.execution.work import Work


@dataclass(frozen=True)
class Executor:
    """Who makes the blocks.

    Attributes:
        jobs: processes on this machine; 1: this one. dask: address of a scheduler, in place of them.
        shard: (k, n): of all blocks only every n-th, from the k-th on, k from 1.
    """

    jobs: int = 1
    dask: str = ""
    shard: tuple[int, int] = (1, 1)

    def mine(self, blocks: Sequence[int]) -> list[int]:
        """Those of the blocks that belong to the shard."""
        which, parts = self.shard
        return [block for block in blocks if block % parts == which - 1]


LOCAL = Executor()


def make_blocks(
    work: Work, path: Path, blocks: Sequence[int], executor: Executor, spans: tuple[range, ...] = ()
) -> Iterator[int]:
    """Makes blocks and gives the number of each as soon as it is stored, in any order.

    Args:
        work, path: of the folder: in this process the one is used, in others the other. spans: see `work.work_of`.

    Raises:
        StorageError: a block cannot be written. WorkError: workers died at one block again and again.
    """
    if executor.dask and blocks:
        from clustersim.execution.dask_cluster import on_cluster

        yield from on_cluster(path, blocks, executor.dask, spans)
    elif executor.jobs > 1 and len(blocks) > 1:
        from clustersim.execution.processes import in_processes

        yield from in_processes(path, blocks, min(executor.jobs, len(blocks)), spans)
    else:
        for block in blocks:
            work.carry_out(block)
            yield block


def refuse_impossible_jobs(jobs: int, memory: float) -> None:
    """Raises InputError where so many workers need more memory than is free."""
    free = psutil.virtual_memory().available
    if jobs > 1 and jobs * memory > free:
        fields = {"jobs": jobs, "need": f"{jobs * memory / 1e9:.1f} GB", "free": f"{free / 1e9:.1f} GB"}
        raise InputError(Problem("work.too_many_jobs", {**fields, "most": max(1, int(free / memory))}))
