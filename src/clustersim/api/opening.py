"""Results that are there already: a run, a study or an attribution read from its folder, nothing simulated."""

from __future__ import annotations

from pathlib import Path

from clustersim.api.attributions import Attribution, findings_of
from clustersim.api.runs import Run
from clustersim.api.studies import StudyResult
from clustersim.errors import InputError, Problem
from clustersim.experiment import studies
from clustersim.experiment.findings.assumptions import AssumptionRange
from clustersim.experiment.study import reading
from clustersim.experiment.summary import scenario_title
from clustersim.experiment.work.blocks import StudyWork, work_of
from clustersim.experiment.work.stored import manifest_of, refuse_changed, scenario_of
from clustersim.scenario.document import Document
from clustersim.storage.folder import MANIFEST, ResultFolder, RunFolder, StudyFolder
from clustersim.storage.manifest import Manifest

ATTRIBUTION, ASSUMPTIONS = "attribution", "assumptions"


def open_results(path: str | Path) -> Run | StudyResult:
    """A finished run or study from its folder, or from the folder of its scenario where just one is in it.

    Raises:
        InputError: there is none, or several, or it is not finished, or of another version of the package.
        StorageError: it cannot be read.
    """
    folder = ResultFolder.at(_single(Path(path)))
    manifest = finished(folder)
    if manifest.identity.get("study") is None:
        return _run(folder, manifest)
    if part_of(manifest) is not None:
        raise InputError(Problem("open.part", {"of": folder.path.parents[1]}, file=str(folder.path)))
    return _study(folder, manifest)


def _single(path: Path) -> Path:
    """The folder itself, or the only folder of results in it."""
    if (path / MANIFEST).exists():
        return path
    inside = sorted(file.parent for file in path.glob(f"*/{MANIFEST}")) if path.is_dir() else []
    if len(inside) > 1:
        known = ", ".join(folder.name for folder in inside)
        raise InputError(Problem("open.several", {"known": known}, file=str(path)))
    if not inside:
        raise InputError(Problem("work.no_manifest", {"name": MANIFEST}, file=str(path)))
    return inside[0]


def finished(folder: ResultFolder) -> Manifest:
    """The manifest of a folder whose run or study is done, by this version of the package."""
    manifest = manifest_of(folder)
    refuse_changed(folder, manifest)
    if manifest.status != "complete":
        raise InputError(Problem("open.running", {"folder": folder.path}, file=str(folder.path)))
    return manifest


def part_of(manifest: Manifest) -> str | None:
    """Whether it belongs to a run or a study, and as what."""
    study = manifest.identity.get("study") or {}
    return study.get("part") or (study["study"] if study.get("study") in (ATTRIBUTION, ASSUMPTIONS) else None)


def _run(folder: ResultFolder, manifest: Manifest) -> Run:
    stored = RunFolder.at(folder.path)
    return Run(scenario_of(folder, manifest), stored, manifest.used, _assumption_range(stored))


def _assumption_range(folder: RunFolder) -> AssumptionRange | None:
    """The range with the most points, where there are several."""
    found = []
    for below in _below(folder, ASSUMPTIONS):
        points = int(manifest_of(below).identity["study"]["points"])
        found.append(AssumptionRange(_work(below.path).job, StudyFolder.at(below.path), points))
    return max(found, key=lambda one: one.asked, default=None)


def attributions_of(run: Run) -> list[Attribution]:
    """The finished attributions of a run, one for each arm: that with the most seeds."""
    best: dict[str, tuple[int, StudyFolder]] = {}
    for below in _below(run.folder, ATTRIBUTION):
        job = _work(below.path).job
        if job.seeds > best.get(job.arms[0], (0, None))[0]:
            best[job.arms[0]] = job.seeds, StudyFolder.at(below.path)
    return [_attribution(run, best[arm][1]) for arm in sorted(best)]


def _attribution(run: Run, folder: StudyFolder) -> Attribution:
    findings = findings_of(run.scenario, run.folder, folder, _work(folder.path).job)
    return Attribution(scenario_title(run.scenario), folder, findings)


def _below(folder: ResultFolder, kind: str) -> list[ResultFolder]:
    """The finished studies of a kind in the folder of a run."""
    inside = [ResultFolder.at(file.parent) for file in sorted(folder.path.glob(f"*/*/{MANIFEST}"))]
    manifests = [(one, manifest_of(one)) for one in inside]
    return [one for one, manifest in manifests if part_of(manifest) == kind and manifest.status == "complete"]


def _work(path: Path) -> StudyWork:
    work = work_of(path)
    assert isinstance(work, StudyWork)
    return work


def _study(folder: ResultFolder, manifest: Manifest) -> StudyResult:
    document = Document(manifest.identity["study"], str(folder.path), folder.path)
    study = reading.resolve(document, scenario_of(folder, manifest))
    done = studies.run(study, folder.root)
    return StudyResult(done.study, done.folder, done.findings)
