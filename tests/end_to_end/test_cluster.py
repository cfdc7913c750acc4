"""Studies on a Dask cluster of real processes on this machine, some of which are killed on the executor."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from studies_in_processes import (
    BLOCKS,
    PATIENCE,
    assert_same,
    begun,
    block_name,
    blocks_in,
    call,
    folder_in,
    hooked,
    noted,
    resume,
    study_in,
    undisturbed_study,
    until,
    waiting,
)

from clustersim.execution import dask_cluster

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

THE_BLOCK = 5
LOST = "the cluster lost its scheduler or all its workers; what was stored is kept. Continue with `clustersim resume`."


@pytest.fixture(name="undisturbed", scope="module")
def _undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return undisturbed_study(tmp_path_factory.mktemp("undisturbed"))


class Cluster:
    """A scheduler and two workers with one thread each, on the loopback address."""

    def __init__(self, folder: Path, *options: str, **variables: str):
        self._environment = {**os.environ, **variables}
        self._started: list[subprocess.Popen[bytes]] = []
        (folder / "dask").mkdir()
        file = folder / "dask" / "scheduler.json"
        quiet, here = ("--no-dashboard",), ("--host", "127.0.0.1", "--port", "0")
        self.scheduler = self._start("scheduler", *quiet, *here, "--scheduler-file", file)
        until(
            lambda: file.exists() and file.read_text(encoding="utf-8").rstrip().endswith("}")
        )  # it is not written at once
        self.address = json.loads(file.read_text(encoding="utf-8"))["address"]
        more = ("--nthreads", "1", "--local-directory", folder / "dask", *options)
        self.workers = [self._start("worker", self.address, *quiet, *more) for _ in range(2)]

    def _start(self, what: str, *words: object) -> subprocess.Popen[bytes]:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-m", "dask", what, *map(str, words)]
        process = subprocess.Popen(command, env=self._environment, **silent)
        self._started.append(process)
        return process

    def is_gone(self, worker: int) -> bool:
        """Whether a worker is dead and reaped: a process that nobody has asked for its exit code counts as alive."""
        for process in self.workers:
            process.poll()
        return not psutil.pid_exists(worker)

    def stop(self) -> None:
        """All of it, nannies' children too."""
        own = [psutil.Process(process.pid) for process in self._started if process.poll() is None]
        for process in [*(child for one in own for child in one.children(recursive=True)), *own]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for started in self._started:
            started.wait(PATIENCE)


type Starter = Callable[..., Cluster]


@pytest.fixture(name="started")
def _started(tmp_path: Path) -> Iterator[Starter]:
    clusters: list[Cluster] = []

    def start(*options: str, **variables: str) -> Cluster:
        clusters.append(Cluster(tmp_path, *options, **variables))
        return clusters[-1]

    yield start
    for one in clusters:
        one.stop()


@pytest.mark.parametrize("nanny", ["--no-nanny", pytest.param("--nanny", marks=pytest.mark.slow)])
def test_a_killed_worker_of_a_cluster_leaves_no_trace(
    nanny: str, started: Starter, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    found = started(nanny, **hooked(tmp_path / "hook", THE_BLOCK, "wait"))
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", found.address) as running:
        worker = waiting(tmp_path / "hook")
        assert (worker in {process.pid for process in found.workers}) == (nanny == "--no-nanny")
        os.kill(worker, signal.SIGKILL)
        until(lambda: found.is_gone(worker))
        assert running.end() == 0, running.said
    assert "Traceback" not in running.said
    assert noted(tmp_path / "hook").count(block_name(THE_BLOCK)) == 2
    folder = folder_in(tmp_path / "out")
    resume(folder)  # so that what the dead worker had half written is removed
    assert_same(folder, undisturbed)


def test_a_lost_scheduler_is_reported_and_the_rest_is_made_without_it(
    started: Starter, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    found = started("--no-nanny")
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", found.address) as running:
        running.until_it_says(f"3 of {BLOCKS} blocks")
        found.scheduler.kill()
        begin = time.monotonic()
        assert running.end() == 1
        assert time.monotonic() - begin < 3 * dask_cluster.CONNECT_SECONDS
    assert running.said.splitlines()[-1] == f"{LOST} (scheduler-connection-lost)"
    assert "Traceback" not in running.said
    folder = folder_in(tmp_path / "out")
    assert 3 <= len(blocks_in(folder)) < BLOCKS
    found.stop()
    resume(folder)
    assert_same(folder, undisturbed)


@pytest.mark.slow
def test_a_block_that_kills_its_workers_ends_the_study(started: Starter, tmp_path: Path) -> None:
    found = started(
        "--no-nanny", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0", **hooked(tmp_path / "hook", THE_BLOCK, "die")
    )
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", found.address) as running:
        assert running.end() == 1
    # A worker holds two blocks; the scheduler suspects both.
    assert re.search(r"the process that computed block \d+ died 1 times; what was stored before is kept", running.said)
    assert "Traceback" not in running.said


@pytest.mark.slow
def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    started: Starter, undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "WORKERLESS_SECONDS", 1.0)
    found = started("--no-nanny", **hooked(tmp_path / "hook", THE_BLOCK, "die"))  # one after the other
    result = call("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", found.address)
    assert result.exit_code == 1
    assert f"{LOST} (0 workers, 1 s)" in result.stderr
    assert [process.wait(PATIENCE) for process in found.workers] == [-signal.SIGKILL] * 2
    folder = folder_in(tmp_path / "out")
    assert block_name(THE_BLOCK) not in blocks_in(folder)
    found.stop()
    resume(folder)
    assert_same(folder, undisturbed)


def test_where_no_scheduler_answers_it_is_reported_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_SECONDS", 1)
    result = call("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", "tcp://127.0.0.1:1")
    assert result.exit_code == 2
    assert "no Dask scheduler responds at tcp://127.0.0.1:1: " in result.stderr


def test_an_address_that_is_none_does_not_hang(tmp_path: Path) -> None:
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--dask", "nonsense") as running:
        assert running.end() == 2
    assert running.said.splitlines()[-1].startswith("no Dask scheduler responds at nonsense: ")
