"""What tests of several modules look at, made once in a session by whichever process needs it first."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

import clustersim
import towns
from command import call
from spoken import told_in

PATIENCE = 300.0  # seconds, of a machine that does other work at the same time
PRINTED = "printed.txt"
SVG_DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for all processes of the session. Those that come later wait until it is done.

    Raises:
        AssertionError: the process that made it failed, or takes too long.
    """
    folder = _common(factory) / name
    done, failed = folder.with_suffix(".done"), folder.with_suffix(".failed")
    try:
        folder.mkdir()
    except FileExistsError:
        _wait(done, failed)
        return folder
    try:
        make(folder)
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return folder


def _common(factory: pytest.TempPathFactory) -> Path:
    """The folder of the session; each process of xdist has one of its own below it."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _wait(done: Path, failed: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not done.exists():
        assert not failed.exists(), f"{done.stem} could not be made; the test that tried first says why"
        assert time.monotonic() < end, f"{done.stem} was not made within {PATIENCE:.0f} seconds"
        time.sleep(0.05)


def run_town(folder: Path) -> None:
    """A finished run of `towns.BOTH` below `folder`/results, with the scenario and what was printed beside it."""
    scenario = towns.scenario_in(folder, towns.BOTH)
    with rendered():
        done = call("run", scenario, "--out", folder / "results")
    assert done.exit_code == 0, done.output
    (folder / PRINTED).write_text(done.stdout, encoding="utf-8")


def brief_town(factory: pytest.TempPathFactory, folder: Path) -> None:
    """The same with its briefing packs in both languages."""
    shutil.copytree(once(factory, "town_run", run_town), folder, dirs_exist_ok=True)
    run = clustersim.open_results(run_in(folder / "results"))
    with rendered():
        for language in ("en", "zh"):
            told_in(language, clustersim.briefing, [run])


def run_in(results: Path) -> Path:
    """The folder of the only run below a folder of results."""
    (folder,) = (results / "small").iterdir()
    return folder


# --- figures --------------------------------------------------------------------------------------------------------


@contextmanager
def unrendered() -> Iterator[None]:
    """Figures are drawn, and files of one dot are stored in their place."""
    from clustersim import figures  # matplotlib is slow to import

    contents = {"png": _dot("png"), "svg": SVG_DOT, "pdf": _dot("pdf")}

    def save(
        write: Callable[[str, bytes], object], drawn: figures.Drawn, saving: figures.Saving | None = None
    ) -> list[str]:
        names = [f"{name}.{kind}" for name in drawn for kind in (saving or figures.Saving()).formats]
        for name in names:
            write(name, contents[name.rpartition(".")[2]])
        return names

    with _saved_by(save):
        yield


def _dot(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("L", (1, 1)).save(target, kind)
    return target.getvalue()


@contextmanager
def rendered() -> Iterator[None]:
    """What is shared has its figures, whoever makes it."""
    from clustersim.figures import files

    with _saved_by(files.save):
        yield


@contextmanager
def _saved_by(save: Callable[..., list[str]]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clustersim.figures.save", save)
        yield
