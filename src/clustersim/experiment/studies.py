"""Studies from their file to their report: simulate what is missing, then say what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clustersim.experiment.findings import calibration
from clustersim.experiment.findings.calibration import CalibrationFindings
from clustersim.experiment.findings.common import Findings, Finished
from clustersim.experiment.findings.policy_map import MapFindings
from clustersim.experiment.findings.sensitivity import SensitivityFindings
from clustersim.experiment.findings.sweep import SweepFindings
from clustersim.experiment.study import running
from clustersim.experiment.study.job import Job
from clustersim.experiment.study.plan import Study
from clustersim.experiment.study.points import job_of
from clustersim.experiment.work.stored import manifest_of
from clustersim.experiment.work.ways import HERE, Reporter, Way
from clustersim.storage.folder import StudyFolder

FINDINGS: dict[str, Callable[[Finished], Findings]] = {
    "sweep": SweepFindings,
    "sensitivity": SensitivityFindings,
    "map": MapFindings,
}


@dataclass(frozen=True)
class StudyRun:
    """A study on disk. `findings` is None while blocks are missing."""

    study: Study
    folder: StudyFolder
    findings: Findings | None


def run(study: Study, root: Path, way: Way = HERE, tell: Reporter = lambda _: None) -> StudyRun:
    """Simulate what is not stored yet; where all is there, find out what it says.

    Args:
        root: the folder that holds all results.

    Raises:
        InputError: the study is impossible, or an outcome is no number somewhere. StorageError: it cannot be written.
    """
    job, rows = job_of(study)
    folder = running.folder_of(job, study.name, root, study.document)
    if not running.carry_out(job, folder, study.document, way, tell):
        return StudyRun(study, folder, None)
    finished = Finished(study, job, rows, folder)
    if study.verb != "calibrate":
        return StudyRun(study, folder, FINDINGS[study.verb](finished))
    return StudyRun(study, folder, _calibrated(finished, way, tell))


def _calibrated(finished: Finished, way: Way, tell: Reporter) -> Findings | None:
    """With the fit simulated, and the effects over the posterior; None while blocks of these are missing."""
    found = CalibrationFindings(finished)
    fit = calibration.fit_job(found)
    checked = _below(finished, "fit", fit, calibration.places_in(found.fit_points(), fit), way, tell)
    effects = calibration.effect_job(found, finished.study)
    if checked is None:
        return None
    if effects is None:
        return CalibrationFindings(finished, checked)
    rows = calibration.places_in(found.posterior.draws, effects)
    over = _below(finished, "posterior", effects, rows, way, tell)
    return None if over is None else CalibrationFindings(finished, checked, over)


def _below(finished: Finished, name: str, job: Job, rows: Sequence[int], way: Way, tell: Reporter) -> Finished | None:
    """A study below the folder of another one."""
    document = {**finished.study.document, "part": name}
    folder = running.folder_of(job, name, finished.folder.path, document)
    whole = running.carry_out(job, folder, document, replace(way, shard=(1, 1)), tell)
    if not whole:
        return None
    folder.finish(manifest_of(folder), [(0, job.seeds - 1)], job.seeds)
    return Finished(finished.study, job, rows, folder)
