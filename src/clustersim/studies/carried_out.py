"""Studies from their file to their report: simulate what is missing, then say what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clustersim.analysis.findings import calibration
from clustersim.analysis.findings.calibration import CalibrationFindings
from clustersim.analysis.findings.common import Findings, Finished
from clustersim.analysis.findings.policy_map import MapFindings
from clustersim.analysis.findings.sensitivity import SensitivityFindings
from clustersim.analysis.findings.sweep import SweepFindings
from clustersim.execution import studies
from clustersim.execution.executor import LOCAL, Executor
from clustersim.execution.job import Job
from clustersim.execution.progress import OnProgress, unseen
from clustersim.execution.results_folder import manifest_of
from clustersim.storage.folder import StudyFolder
from clustersim.studies.plan import Study
from clustersim.studies.points import job_of

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


def run(study: Study, root: Path, executor: Executor = LOCAL, progress: OnProgress = unseen) -> StudyRun:
    """Simulate what is not stored yet; where all is there, find out what it says.

    Args:
        root: the folder that holds all results.

    Raises:
        InputError: the study is impossible, or an outcome is no number somewhere. StorageError: it cannot be written.
    """
    job, rows = job_of(study)
    folder = studies.folder_of(job, study.name, root, study.document)
    if not studies.carry_out(job, folder, study.document, executor, progress):
        return StudyRun(study, folder, None)
    finished = Finished(study, job, rows, folder)
    if study.verb != "calibrate":
        return StudyRun(study, folder, FINDINGS[study.verb](finished))
    return StudyRun(study, folder, _calibrated(finished, executor, progress))


def _calibrated(finished: Finished, executor: Executor, progress: OnProgress) -> Findings | None:
    """With the fit simulated, and the effects over the posterior; None while blocks of these are missing."""
    found = CalibrationFindings(finished)
    fit = calibration.fit_job(found)
    checked = _below(finished, "fit", fit, calibration.places_in(found.fit_points(), fit), executor, progress)
    effects = calibration.effect_job(found, finished.study)
    if checked is None:
        return None
    if effects is None:
        return CalibrationFindings(finished, checked)
    rows = calibration.places_in(found.posterior.draws, effects)
    over = _below(finished, "posterior", effects, rows, executor, progress)
    return None if over is None else CalibrationFindings(finished, checked, over)


def _below(
    finished: Finished, name: str, job: Job, rows: Sequence[int], executor: Executor, progress: OnProgress
) -> Finished | None:
    """A study below the folder of another one."""
    document = {**finished.study.document, "part": name}
    folder = studies.folder_of(job, name, finished.folder.path, document)
    whole = studies.carry_out(job, folder, document, replace(executor, shard=(1, 1)), progress)
    if not whole:
        return None
    folder.finish(manifest_of(folder), [(0, job.seeds - 1)], job.seeds)
    return Finished(finished.study, job, rows, folder)
