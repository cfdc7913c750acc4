"""What a results folder says of itself: its scenario, and whether it is still what it was begun with."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from clustersim.errors import InputError, OtherVersionWarning, Problem
from clustersim.execution.job import Job
from clustersim.messages import text
from clustersim.scenario.model import Scenario
from clustersim.scenario.stored_inputs import read_stored, tables_of
from clustersim.storage import atomic
from clustersim.storage.code_version import code_version
from clustersim.storage.folder import INPUTS, MANIFEST, ResultFolder
from clustersim.storage.manifest import LAYOUT_VERSION, Manifest, digest, package_versions, run_id

PACKAGE = Path(__file__).parents[1]
NUMERIC = ("numpy", "scipy", "pandas")  # packages that the last digits of a number may depend on


def begin(
    folder: ResultFolder, scenario: Scenario, payload: dict[str, Any], asked: dict[str, Any] | None = None
) -> Manifest:
    """Makes the folder of a run or a study, with a manifest and copies of the scenario's tables; or finds it.

    Args:
        asked: what `resume` should ask for again, None: as before.

    Raises:
        StorageError: it cannot be written.
    """
    folder.create()
    known = folder.read_manifest()
    if known is not None:
        if asked is not None and asked != known.asked:
            known = replace(known, asked=asked, status="running", ended=None)
            folder.write_manifest(known)
        return known
    for name, path in tables_of(scenario).items():
        with atomic.reading(path):
            content = path.read_bytes()
        folder.write_bytes(f"{INPUTS}/{name}", content)
    manifest = replace(Manifest.begin(payload), asked=asked or {})
    folder.write_manifest(manifest)
    return manifest


def identity(scenario: Scenario, **more: Any) -> dict[str, Any]:
    """What the numbers of a run or a study depend on; `more` is what only one of them knows."""
    roster = scenario.population.roster
    return {
        "scenario": scenario.document,
        "code": code_version(),
        "layout": LAYOUT_VERSION,
        "roster": "" if roster is None else roster.digest,
        **more,
    }


def manifest_of(folder: ResultFolder) -> Manifest:
    """The manifest of a folder that a user named.

    Raises:
        InputError: the folder holds no run and no study. StorageError: the manifest cannot be read.
    """
    manifest = folder.read_manifest()
    if manifest is None:
        raise InputError(Problem("work.no_manifest", {"name": MANIFEST}, file=str(folder.path)))
    return manifest


def refuse_changed(folder: ResultFolder, manifest: Manifest) -> None:
    """Blocks of two versions, or of two scenarios, must not be mixed: before anything is simulated.

    Raises:
        InputError: the code, the packages, the layout or the manifest itself is not what the folder was begun with.
    """
    file = str(folder.path)
    problems = [Problem(f"work.other_{what}", fields, file=file) for what, fields in _other_versions(manifest)]
    problems += _unreadable(folder, manifest)
    if problems:
        raise InputError(problems)


def refuse_unreadable(folder: ResultFolder, manifest: Manifest) -> None:
    """Before stored results are read. Those of other code can be: that is told by a warning.

    Raises:
        InputError: the layout or the manifest itself is not what the folder was begun with.
    """
    if problems := _unreadable(folder, manifest):
        raise InputError(problems)
    for what, fields in _other_versions(manifest)[:1]:
        said = text(f"open.other_{what}", folder=folder.path, **fields)
        warnings.warn(said, OtherVersionWarning, stacklevel=2, skip_file_prefixes=(str(PACKAGE),))


def _other_versions(manifest: Manifest) -> list[tuple[str, dict[str, str]]]:
    """What of the code that made a folder is not as it is now, and what it was and is."""
    found = []
    if manifest.code_version != code_version():
        found.append(("version", {"then": manifest.code_version, "now": code_version()}))
    now = package_versions()
    if other := [name for name in NUMERIC if manifest.packages.get(name) != now[name]]:
        versions = (", ".join(f"{name} {one.get(name)}" for name in other) for one in (manifest.packages, now))
        found.append(("packages", dict(zip(("then", "now"), versions, strict=True))))
    return found


def _unreadable(folder: ResultFolder, manifest: Manifest) -> list[Problem]:
    layout = manifest.identity.get("layout")
    if layout != LAYOUT_VERSION:
        return [Problem("work.other_layout", {"then": layout, "now": LAYOUT_VERSION}, file=str(folder.path))]
    payload = {**manifest.identity, "scenario": manifest.scenario, "code": manifest.code_version}
    if digest(manifest.scenario) != manifest.scenario_hash or run_id(payload) != manifest.run_id:
        return [Problem("work.changed_manifest", {"name": MANIFEST}, file=str(folder.path))]
    return []


def scenario_of(folder: ResultFolder, manifest: Manifest) -> Scenario:
    """The scenario that a folder was begun with.

    Raises:
        InputError: the copy of its roster is not what the folder was begun with.
        StorageError: the copy cannot be read.
    """
    scenario = read_stored(manifest.scenario, folder.path / INPUTS)
    roster = scenario.population.roster
    if (roster.digest if roster else "") != manifest.identity["roster"]:
        raise InputError(Problem("work.changed_roster", file=str(folder.path / INPUTS)))
    return scenario


def job_in(folder: ResultFolder, manifest: Manifest) -> Job:
    """What the study of a folder simulates, as it was begun.

    Raises:
        As `scenario_of`.
    """
    return Job.from_recipe(scenario_of(folder, manifest), manifest.identity["job"])
