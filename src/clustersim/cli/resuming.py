"""`clustersim status`, `resume` and `verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from clustersim import api
from clustersim.api.opening import stored_study
from clustersim.cli.progress import Bar, ProgressLines
from clustersim.cli.running import show_run
from clustersim.cli.studying import show_study
from clustersim.errors import InputError, Problem
from clustersim.execution.executor import Executor
from clustersim.execution.results_folder import manifest_of, refuse_changed, scenario_of
from clustersim.execution.verification import Status, status, verify
from clustersim.messages import text
from clustersim.render.terminal import say
from clustersim.scenario.model import Precision
from clustersim.storage.code_version import code_version
from clustersim.storage.folder import ResultFolder
from clustersim.storage.manifest import Manifest

DIFFERS = 1  # exit code
SHOWN_FILES = 10
PARTS = ("attribution", "assumptions")  # studies that belong to a run


def show_status(path: Path) -> None:
    """How far a run or study is, and whether its files are as they were."""
    found = status(path)
    say("\n".join([_how_far(found), _version(found), *_files(found)]))


def _how_far(found: Status) -> str:
    manifest = found.manifest
    key = "complete" if found.is_complete else "running"
    folder = found.path.parents[1] if _is_part(manifest) else found.path
    state = text(f"cli.status.{key}", ended=manifest.ended, started=manifest.started, folder=folder)
    numbers = {"blocks": found.blocks, "wanted": "?" if found.wanted is None else found.wanted, "seeds": found.seeds}
    return text(f"cli.status.{found.kind}", name=_name(manifest), state=state, **numbers)


def _name(manifest: Manifest) -> str:
    study = manifest.identity.get("study") or {}
    return str(study.get("name") or study.get("study") or manifest.scenario.get("name"))


def _is_part(manifest: Manifest) -> bool:
    """Whether it is inside the folder of what it belongs to, and is resumed there."""
    study = manifest.identity.get("study") or {}
    return study.get("study") in PARTS or "part" in study


def _version(found: Status) -> str:
    key = "same" if found.same_version else "other"
    then = found.manifest.code_version
    return text(f"cli.status.{key}", version=then, then=then, now=code_version())


def _files(found: Status) -> list[str]:
    if not found.manifest.files:
        return []
    if not found.changed:
        return [text("cli.status.intact", number=len(found.manifest.files))]
    names = ", ".join(found.changed[:SHOWN_FILES])
    return [text("cli.status.changed", number=len(found.changed), names=names)]


def resume_folder(path: Path, executor: Executor) -> None:
    """Go on with a run or study as it was asked for."""
    folder = ResultFolder.at(path)
    manifest = manifest_of(folder)
    refuse_changed(folder, manifest)
    study = manifest.identity.get("study")
    if _is_part(manifest):
        raise InputError(Problem("cli.resume.part", {"of": folder.path.parents[1]}, file=str(folder.path)))
    if manifest.run_id != folder.run_id:
        raise InputError(Problem("cli.resume.moved", {"wanted": manifest.run_id}, file=str(folder.path)))
    if study is None and executor.shard != (1, 1):
        raise InputError(Problem("work.no_shards", file=str(folder.path)))
    if study is not None:
        show_study(api.StudyExperiment(stored_study(folder, manifest)[0]), folder.root, executor)
        return
    scenario = scenario_of(folder, manifest)
    asked = manifest.asked
    precision = Precision(**asked["precision"]) if asked.get("precision") else scenario.precision
    engine = manifest.identity["engine"]
    with Bar(text("cli.run.counted")) as bar:
        run = api.Experiment(scenario).run(
            asked.get("seeds"),
            precision,
            folder.root,
            ProgressLines(bar),
            engine,
            executor,
            asked.get("assumptions"),
        )
    show_run(run, precision if asked.get("seeds") is None else None)


def verify_folder(path: Path, blocks: int) -> None:
    """Say whether some blocks, simulated again, are what is stored; exit code 1 if not."""
    changed = status(path).changed
    names, differences = verify(path, blocks)
    if changed:
        click.echo(text("cli.verify.files", names=", ".join(changed[:SHOWN_FILES])), err=True)
    for one in differences:
        fields = {"block": one.block, "table": one.table, "column": one.column, "row": one.row}
        click.echo(text("cli.verify.differs", **fields, stored=one.stored, now=one.now), err=True)
    if differences or changed:
        sys.exit(DIFFERS)
    say(text("cli.verify.same", names=", ".join(names)))
