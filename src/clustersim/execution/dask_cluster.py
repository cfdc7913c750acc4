"""Blocks on a Dask cluster, such as one that dask-jobqueue has started under SLURM. The folder must be on a disk that
all workers share; they write the blocks themselves.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from clustersim.errors import ClustersimError, InputError, Problem, WorkError

CONNECT_SECONDS = 10
LOOK_SECONDS = 0.05  # between two looks at what is done
# A queue may start the first worker late. Once there was one, a cluster without any for so long is not waited for.
WORKERLESS_SECONDS = 600.0


def on_cluster(path: Path, blocks: Sequence[int], address: str, spans: tuple[range, ...] = ()) -> Iterator[int]:
    """Numbers of the blocks of a folder, each as soon as it is stored. See `executor.make_blocks`.

    A worker that dies loses the block it was at; the scheduler gives it to another one, three times at most.

    Raises:
        InputError: dask.distributed is not installed, or no scheduler answers.
        WorkError: the scheduler or all workers are lost, or workers died at one block again and again.
    """
    with _client(address) as client:
        futures = client.map(_carry_out, blocks, path=str(path.absolute()), spans=spans, pure=False)
        numbers = dict(zip((future.key for future in futures), blocks, strict=True))
        for future in _finished(client, futures):
            failure = _failure(future, numbers[future.key])
            if failure is not None:
                if future.status != "cancelled":  # else nobody is there to be told
                    client.cancel(futures)
                raise failure
            yield numbers[future.key]


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    """A client of the scheduler, closed in the end.

    Raises:
        InputError: see `on_cluster`.
    """
    try:
        import distributed
        from distributed.comm import get_address_host_port
    except ImportError as error:
        raise InputError(Problem("work.no_dask")) from error
    try:
        get_address_host_port(address)  # the client's own thread would outlive an address that is none
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(Problem("work.no_scheduler", {"address": address, "reason": str(error)})) from error
    try:
        yield client
    finally:
        with _silence():
            client.close()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Where the scheduler is lost the client tries to find it again; closed at that, it logs a traceback."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _finished(client: Any, futures: Sequence[Any]) -> Iterator[Any]:
    """Each future when it is done or lost.

    Raises:
        WorkError: there were workers, and now there are none.
    """
    import distributed

    completed = distributed.as_completed(futures, loop=client.loop)  # else that of a default client
    last_seen = None
    while completed.count():
        yield from completed.next_batch(block=False)
        now = time.monotonic()
        if client.scheduler_info()["workers"]:  # kept by the client: asking costs nothing
            last_seen = now
        elif last_seen is not None and now - last_seen > WORKERLESS_SECONDS:
            raise WorkError(Problem("work.cluster_lost", {"reason": f"0 workers, {WORKERLESS_SECONDS:g} s"}))
        time.sleep(LOOK_SECONDS)


def _failure(future: Any, block: int) -> Exception | None:
    import distributed

    if future.status == "cancelled":
        try:
            future.result()
        except Exception as error:
            reason = getattr(error, "reason", None) or " ".join(str(error).split())
            return WorkError(Problem("work.cluster_lost", {"reason": reason}))
    found = future.exception()
    if found is None or isinstance(found, ClustersimError):
        return found
    if isinstance(found, distributed.KilledWorker):
        times = found.allowed_failures + 1
        return WorkError(Problem("work.workers_died", {"block": block, "times": times}))
    return found if isinstance(found, Exception) else RuntimeError(repr(found))


def _carry_out(block: int, path: str, spans: tuple[range, ...]) -> int:
    """On a worker."""
    from clustersim.execution.work import work_of

    work_of(Path(path), spans).carry_out(block)
    return block
