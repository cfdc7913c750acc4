"""A small study and a small run in processes of their own: begun, killed, gone on with, and compared file by file."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

from clustersim.storage import atomic
from clustersim.storage.folder import MANIFEST
from command import call, command, environment
from towns import town

PATIENCE = 300.0  # seconds, of a machine that does other work at the same time
BLOCKS = 10

SCENARIO = town(40).replace("name: small", "name: little")

# Points that differ in the number of firms share no world: each is a block, of a tenth of a second.
STUDY = """\
schema: 1
study: sweep
name: killed
scenario: little.yaml
changes: {parameters.friction: 0.2}
parameters:
  population.firms: {values: [40, 41, 42, 43, 44, 45, 46, 47, 48, 49]}
design: {method: grid}
seeds: 4
outcomes: [output, pairing_rate]
"""

# Read by every process of a test that puts its folder into PYTHONPATH. Each block that is about to get its name is
# noted; at one block a process dies, or waits to be killed and says who it is.
HOOK = """\
import os, pathlib, signal, time

_replace, _at = pathlib.Path.replace, os.environ.get("TEST_AT_BLOCK")
_notes = pathlib.Path(os.environ.get("TEST_NOTES", os.devnull))


def replace(self, target):
    name = pathlib.Path(target).name
    if name.startswith("block-"):
        with _notes.open("a") as notes:
            notes.write(name + os.linesep)
    if name == _at and os.environ["TEST_WHAT"] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    waiting = _notes.with_suffix(".waiting")
    if name == _at and os.environ["TEST_WHAT"] == "wait" and not waiting.exists():
        waiting.write_text(f"{os.getpid()}.")
        time.sleep(600)
    return _replace(self, target)


pathlib.Path.replace = replace
"""


def block_name(number: int) -> str:
    return f"block-{number:06d}.parquet"


def study_in(folder: Path, study: str = STUDY, scenario: str = SCENARIO) -> Path:
    """The study's file, beside its scenario's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "little.yaml").write_text(scenario, encoding="utf-8")
    file = folder / "study.yaml"
    file.write_text(study, encoding="utf-8")
    return file


def hooked(folder: Path, block: int, what: str) -> dict[str, str]:
    """Variables of processes that die or wait at a block, and note in `folder`/notes what they make."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    notes = str(folder / "notes")
    return {"PYTHONPATH": path, "TEST_AT_BLOCK": block_name(block), "TEST_WHAT": what, "TEST_NOTES": notes}


def noted(folder: Path) -> list[str]:
    return (folder / "notes").read_text(encoding="utf-8").split()


def waiting(folder: Path) -> int:
    """The process that waits at the block, as soon as one does."""
    file = folder / "notes.waiting"
    until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("."))
    return int(file.read_text(encoding="utf-8")[:-1])


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits for a condition, not for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


class Begun:
    """A command in a process group of its own, as a terminal starts it; its words, and all processes that it has."""

    def __init__(self, *words: object, **more: object):
        variables = {"CLUSTERSIM_LANG": "en", **more.pop("variables", {})}  # type: ignore[dict-item]
        self.process = subprocess.Popen(
            command(*words),
            env=environment(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **more,  # type: ignore[call-overload]
        )
        self.said = ""
        self._timer = threading.Timer(PATIENCE, self.process.kill)
        self._timer.start()

    def until_it_says(self, pattern: str) -> None:
        for line in self.process.stderr:  # type: ignore[union-attr]
            self.said += line
            if re.match(pattern, line):
                return
        raise AssertionError(f"ended without {pattern}: {self.said}")

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> None:
        """As Ctrl-C on a terminal: all processes of the group get it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> int:
        """Its exit code; `said` and `shown` are whole then."""
        self.shown, errors = self.process.communicate(timeout=PATIENCE)
        self.said += errors
        self._timer.cancel()
        return self.process.returncode


@contextlib.contextmanager
def begun(*words: object, **more: object) -> Iterator[Begun]:
    """A command that is killed at the end of the test at the latest, with its children."""
    running = Begun(*words, **more)
    try:
        yield running
    finally:
        running._timer.cancel()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.kill()
        running.process.communicate()


def assert_gone(processes: Iterable[psutil.Process], seconds: float = 20.0) -> None:
    """None lives on; those that are at a block may end it."""
    _, alive = psutil.wait_procs(list(processes), timeout=seconds)
    assert alive == []


def folder_in(out: Path) -> Path:
    """The only run or study below a folder of results."""
    (manifest,) = out.glob(f"*/*/{MANIFEST}")
    return manifest.parent


def blocks_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "blocks").glob("block-*")}


def content(folder: Path) -> dict[str, bytes]:
    """Every file but the manifests; nothing half written is among them."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    assert [name for name in files if atomic.is_temporary(name)] == []
    return {name.as_posix(): path.read_bytes() for name, path in files.items() if name.name != MANIFEST}


def assert_same(folder: Path, undisturbed: dict[str, bytes]) -> None:
    found = content(folder)
    assert sorted(found) == sorted(undisturbed)
    assert [name for name in found if found[name] != undisturbed[name]] == []


def resume(folder: Path, *words: object) -> None:
    result = call("resume", folder, *words)
    assert result.exit_code == 0, result.stderr


def undisturbed_study(folder: Path) -> dict[str, bytes]:
    """The files of the study, made in this process alone."""
    result = call("sweep", study_in(folder), "--out", folder / "out")
    assert result.exit_code == 0, result.stderr
    found = content(folder_in(folder / "out"))
    assert {"results.parquet", "effects.csv", "report.md", *(f"blocks/{block_name(n)}" for n in range(BLOCKS))} <= set(
        found
    )
    return found
