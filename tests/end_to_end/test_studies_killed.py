"""Studies whose processes are killed, interrupted or run out of disk: what is gone on with is what was never disturbed.

Every process here is a real one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from studies_in_processes import (
    BLOCKS,
    assert_gone,
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

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

THE_BLOCK = 5
STOPPED = "Stopped. Finished blocks are kept: the same command, or `clustersim resume`, continues from there."


@pytest.fixture(name="undisturbed", scope="module")
def _undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return undisturbed_study(tmp_path_factory.mktemp("undisturbed"))


# --- killed and interrupted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_study_is_resumed(jobs: int, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    file, out = study_in(tmp_path), tmp_path / "out"
    with begun("sweep", file, "--out", out, "--jobs", jobs) as running:
        running.until_it_says(f"3 of {BLOCKS} blocks")
        family = running.family()
        running.process.kill()
        assert running.end() == -signal.SIGKILL
        assert len(family) >= jobs if jobs > 1 else not family
        assert_gone(family)
    folder = folder_in(out)
    done = len(blocks_in(folder))
    assert 3 <= done < BLOCKS
    status = call("status", folder)
    assert status.exit_code == 0
    assert f"Study `killed`: {done} of {BLOCKS} blocks. Not complete; started " in status.stdout
    shutil.copytree(out, tmp_path / "kept")
    resume(folder)
    assert_same(folder, undisturbed)
    assert re.search(rf"{BLOCKS} of {BLOCKS} blocks. Complete.*\n.*\nAll \d+ files are", call("status", folder).stdout)
    shutil.rmtree(out)
    shutil.move(tmp_path / "kept", out)
    again = call("sweep", file, "--out", out)
    assert (again.exit_code, f"{done} of {BLOCKS} blocks are already stored" in again.stderr) == (0, True)
    assert_same(folder, undisturbed)


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_is_done(jobs: int, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--jobs", jobs) as running:
        running.until_it_says(f"3 of {BLOCKS} blocks")
        family = running.family()
        running.interrupt()
        assert running.end() == 130
        assert_gone(family, 5.0)
    assert running.said.splitlines()[-1] == STOPPED
    assert "Traceback" not in running.said
    folder = folder_in(tmp_path / "out")
    assert 3 <= len(blocks_in(folder)) < BLOCKS
    resume(folder, "--jobs", jobs)
    assert_same(folder, undisturbed)


def test_ctrl_c_is_nothing_to_a_worker_even_while_it_imports(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--jobs", 2) as running:
        running.until_it_says(f"0 of {BLOCKS} blocks")
        until(lambda: len(importing(running.family())) == 2)
        for worker in importing(running.family()):
            worker.send_signal(signal.SIGINT)
        assert running.end() == 0
    assert "Traceback" not in running.said
    assert_same(folder_in(tmp_path / "out"), undisturbed)


def importing(family: list[psutil.Process]) -> list[psutil.Process]:
    """Workers that have begun to import: Python has its way with signals by then, and the worker not yet."""
    workers = [process for process in family if "--multiprocessing-fork" in process.cmdline()]
    return [worker for worker in workers if worker.cpu_times().user > 0.02]


def test_a_killed_worker_loses_only_its_block(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    variables = hooked(tmp_path / "hook", THE_BLOCK, "wait")
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--jobs", 2, variables=variables) as running:
        worker = waiting(tmp_path / "hook")
        assert worker in {process.pid for process in running.family()}
        os.kill(worker, signal.SIGKILL)
        assert running.end() == 0, running.said
    made = Counter(noted(tmp_path / "hook"))
    assert made == {block_name(number): 2 if number == THE_BLOCK else 1 for number in range(BLOCKS)}
    folder = folder_in(tmp_path / "out")
    half = [path for path in (folder / "blocks").iterdir() if path.name.startswith(".tmp-")]
    assert len(half) == 1  # of the dead one
    resume(folder)
    assert_same(folder, undisturbed)


def test_a_block_that_kills_its_workers_ends_the_study(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    variables = hooked(tmp_path / "hook", THE_BLOCK, "die")
    with begun("sweep", study_in(tmp_path), "--out", tmp_path / "out", "--jobs", 2, variables=variables) as running:
        assert running.end() == 1
    assert f"the process that computed block {THE_BLOCK} died 3 times; what was stored before is kept." in running.said
    assert "Traceback" not in running.said
    assert Counter(noted(tmp_path / "hook"))[block_name(THE_BLOCK)] == 3
    folder = folder_in(tmp_path / "out")
    kept = blocks_in(folder)
    assert kept
    assert block_name(THE_BLOCK) not in kept
    assert all(undisturbed[f"blocks/{name}"] == block for name, block in kept.items())
    resume(folder)
    assert_same(folder, undisturbed)


# --- a disk that fills ----------------------------------------------------------------------------------------------


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no command `mount`")
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def leave_free(place: Path, kilobytes: int) -> Path:
    """A file that takes the rest of a disk."""
    filler = place / "filler"
    state = os.statvfs(place)
    filler.write_bytes(b"0" * (state.f_bavail * state.f_frsize - kilobytes * 1024))
    return filler


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_ends_the_study_and_room_lets_it_go_on(
    jobs: int, undisturbed: dict[str, bytes], disk: Path, tmp_path: Path
) -> None:
    filler = leave_free(disk, 40)  # the manifest and some blocks
    with begun("sweep", study_in(tmp_path), "--out", disk / "out", "--jobs", jobs) as running:
        assert running.end() == 1, running.shown
    folder = folder_in(disk / "out")
    told = rf"The disk is full: nothing more could be stored in {folder / 'blocks'} \(.*; free: \d+\.\d MB\)\."
    assert re.match(told, running.said.splitlines()[-1])
    assert "Traceback" not in running.said
    kept = blocks_in(folder)
    assert 0 < len(kept) < BLOCKS
    assert all(undisturbed[f"blocks/{name}"] == block for name, block in kept.items())
    assert f"{len(kept)} of {BLOCKS} blocks. Not complete" in call("status", folder).stdout
    if jobs == 1:
        filler.unlink()
    else:  # to another disk
        shutil.copytree(disk / "out", tmp_path / "roomy")
        folder = folder_in(tmp_path / "roomy")
    resume(folder)
    assert_same(folder, undisturbed)


def test_a_table_that_is_too_large_for_the_disk_leaves_the_blocks(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    largest_block = max(len(block) for name, block in undisturbed.items() if name.startswith("blocks/"))
    results = len(undisturbed["results.parquet"])
    assert largest_block + 500 < results
    most = (largest_block + results) // 2

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    variables = {"PYTHONDONTWRITEBYTECODE": "1"}
    words = ("sweep", study_in(tmp_path), "--out", tmp_path / "out")
    with begun(*words, variables=variables, preexec_fn=limit) as running:
        assert running.end() == 1
    folder = folder_in(tmp_path / "out")
    assert re.search(rf"Nothing could be stored in {folder}: .* \(free: ", running.said)
    assert len(blocks_in(folder)) == BLOCKS
    assert all(pq.read_table(path).num_rows for path in (folder / "blocks").iterdir())
    assert not (folder / "results.parquet").exists()
    resume(folder)
    assert_same(folder, undisturbed)
