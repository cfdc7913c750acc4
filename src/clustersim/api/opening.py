"""Stored results: a run, a study or an attribution read from its folder, without simulating."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clustersim.analysis.findings import calibration
from clustersim.analysis.findings.assumptions import AssumptionRange, assumption_job
from clustersim.analysis.findings.calibration import CalibrationFindings
from clustersim.analysis.findings.common import Finished
from clustersim.api.attributions import Attribution, findings_of
from clustersim.api.runs import Run
from clustersim.api.studies import StudyResult
from clustersim.errors import InputError, Problem
from clustersim.execution import studies
from clustersim.execution.job import Job
from clustersim.execution.results_folder import manifest_of, refuse_changed, scenario_of
from clustersim.execution.work import StudyWork, work_of
from clustersim.reports.summary import scenario_title
from clustersim.scenario.document import Document
from clustersim.scenario.model import Scenario
from clustersim.storage.folder import MANIFEST, ResultFolder, RunFolder, StudyFolder
from clustersim.storage.manifest import Manifest, canonical
from clustersim.studies import carried_out, reading
from clustersim.studies.points import job_of

ATTRIBUTION, ASSUMPTIONS = "attribution", "assumptions"


def open_results(path: str | Path) -> Run | StudyResult:
    """A finished run or study from its folder, or from a folder that contains just one.

    Raises:
        InputError: there is none, or several, or it is not finished, or of another version of the package.
        StorageError: it cannot be read.

    Example:
        >>> import clustersim as cs
        >>> cs.open_results("results/my_town").seeds
        4
    """
    folder = ResultFolder.at(_single(Path(path)))
    manifest = finished(folder)
    if manifest.identity.get("study") is None:
        return _run(folder, manifest)
    if part_of(manifest) is not None:
        raise InputError(Problem("open.part", {"of": folder.path.parents[1]}, file=str(folder.path)))
    return _study(folder, manifest)


def _single(path: Path) -> Path:
    """The folder itself, or the only folder of results in it: of one scenario or study, or of all."""
    if (path / MANIFEST).exists():
        return path
    inside = _inside(path, "*") or _inside(path, "*/*")
    if len(inside) > 1:
        known = ", ".join(folder.relative_to(path).as_posix() for folder in inside)
        raise InputError(Problem("open.several", {"known": known}, file=str(path)))
    if not inside:
        raise InputError(Problem("work.no_manifest", {"name": MANIFEST}, file=str(path)))
    return inside[0]


def _inside(path: Path, depth: str) -> list[Path]:
    return sorted(file.parent for file in path.glob(f"{depth}/{MANIFEST}"))


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
    stored, scenario = RunFolder.at(folder.path), scenario_of(folder, manifest)
    return Run(scenario, stored, manifest.used, _assumption_range(stored, scenario, manifest.used))


def _assumption_range(folder: RunFolder, scenario: Scenario, seeds: int) -> AssumptionRange | None:
    """Where there are several, one that belongs to this number of seeds; of such that with the most points."""
    found = [_range(below) for below in _below(folder, ASSUMPTIONS)]
    if len(found) < 2:
        return found[0] if found else None
    return max(found, key=lambda one: (_belongs(one, scenario, seeds), one.asked, one.job.seeds))


def _range(folder: ResultFolder) -> AssumptionRange:
    points = int(manifest_of(folder).identity["study"]["points"])
    return AssumptionRange(_work(folder.path).job, StudyFolder.at(folder.path), points)


def _belongs(one: AssumptionRange, scenario: Scenario, seeds: int) -> bool:
    wanted = assumption_job(scenario, one.asked, seeds)
    return wanted is not None and canonical(wanted.recipe()) == canonical(one.job.recipe())


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
    """From the folder that was opened, whatever it is called now."""
    document = Document(manifest.identity["study"], str(folder.path), folder.path)
    study = reading.resolve(document, scenario_of(folder, manifest))
    job, rows = job_of(study)
    done = Finished(study, job, rows, _whole(job, StudyFolder.at(folder.path)))
    found = _calibrated(done) if study.verb == "calibrate" else carried_out.FINDINGS[study.verb](done)
    return StudyResult(study, done.folder, found)


def _calibrated(done: Finished) -> CalibrationFindings:
    """With the parts that `studies.run` has stored below it."""
    found = CalibrationFindings(done)
    fit = calibration.fit_job(found)
    checked = _part(done, "fit", fit, calibration.places_in(found.fit_points(), fit))
    effects = calibration.effect_job(found, done.study)
    if effects is None:
        return CalibrationFindings(done, checked)
    rows = calibration.places_in(found.posterior.draws, effects)
    return CalibrationFindings(done, checked, _part(done, "posterior", effects, rows))


def _part(done: Finished, name: str, job: Job, rows: Sequence[int]) -> Finished:
    folder = studies.folder_of(job, name, done.folder.path, {**done.study.document, "part": name})
    return Finished(done.study, job, rows, _whole(job, folder))


def _whole(job: Job, folder: StudyFolder) -> StudyFolder:
    """The folder; raises InputError where it lacks a block, for to open results is not to simulate."""
    if not folder.blocks_done() >= set(range(len(job.tasks))):
        raise InputError(Problem("study.not_whole", file=str(folder.path)))
    return folder
