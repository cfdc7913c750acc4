"""Blocks in processes of this machine. A worker that dies loses the block it was at, which another one gets."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import traceback
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing import connection, resource_tracker
from pathlib import Path
from typing import Any

from clustersim.errors import ClustersimError, Problem, WorkError

ATTEMPTS = 3  # at one block; a block that kills its worker each time (memory) must not go on for ever


class _Worker:
    """A spawned process that makes one block after the other; the pipe ends when either side dies."""

    def __init__(self, path: Path, spans: tuple[range, ...]):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, path, spans), daemon=True)
        with _interrupts_held_back():
            self.process.start()
        theirs.close()
        self.block: int | None = None

    def give(self, block: int) -> None:
        self.block = block
        with contextlib.suppress(OSError):  # it died since; whoever waits for its answer is told
            self.pipe.send(block)

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def in_processes(path: Path, blocks: Sequence[int], jobs: int, spans: tuple[range, ...] = ()) -> Iterator[int]:
    """Numbers of the blocks of a folder, each as soon as it is stored. See `executor.make_blocks`."""
    waiting, attempts = deque(blocks), Counter[int]()
    workers = [_Worker(path, spans) for _ in range(jobs)]
    try:
        for worker in workers:
            _next(worker, waiting, attempts)
        while busy := [worker for worker in workers if worker.block is not None]:
            for pipe in connection.wait([worker.pipe for worker in busy]):
                worker = next(one for one in busy if one.pipe is pipe)
                block, worker.block = worker.block, None
                assert block is not None
                try:
                    failure = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.stop()
                    workers[workers.index(worker)] = worker = _Worker(path, spans)
                    waiting.appendleft(_once_more(block, attempts))
                else:
                    if failure is not None:
                        raise failure
                    yield block
                _next(worker, waiting, attempts)
    finally:
        for worker in workers:
            worker.stop()


def _next(worker: _Worker, waiting: deque[int], attempts: Counter[int]) -> None:
    if waiting:
        block = waiting.popleft()
        attempts[block] += 1
        worker.give(block)


def _once_more(block: int, attempts: Counter[int]) -> int:
    if attempts[block] >= ATTEMPTS:
        raise WorkError(Problem("work.workers_died", {"block": block, "times": attempts[block]}))
    return block


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """What is started here never hears of Ctrl-C, which a terminal sends to all processes: a worker that is still
    importing would die of it and say so at length.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # else starting the worker starts it, and that lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Any, path: Path, spans: tuple[range, ...]) -> None:
    """What a worker does until its pipe ends. Ctrl-C is for the main process, which then stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from clustersim.execution.work import work_of

    while True:
        try:
            block = pipe.recv()
        except (EOFError, OSError):
            return
        failure: Exception | None = None
        try:
            work_of(path, spans).carry_out(block)
        except ClustersimError as error:
            failure = error
        except Exception:
            failure = RuntimeError(traceback.format_exc())
        try:
            pipe.send(failure)
        except OSError:
            return
