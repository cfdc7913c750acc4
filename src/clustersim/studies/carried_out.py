"""Studies from their file to what they found: simulate what is missing, then hand it to the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clustersim.analysis.calibration.calibrated import CalibrationFindings
from clustersim.analysis.mapping.map_findings import MapFindings
from clustersim.analysis.sensitivity.study_indices import SensitivityFindings
from clustersim.analysis.study_outcomes import StudyOutcomes
from clustersim.analysis.swept import SweepFindings
from clustersim.execution import job_blocks
from clustersim.execution.executor import LOCAL, Executor
from clustersim.execution.job import Job
from clustersim.execution.progress import OnProgress, unseen
from clustersim.storage.folder import StudyFolder
from clustersim.studies.calibration_study import Part, calibration_findings
from clustersim.studies.points import indices_design, job_of
from clustersim.studies.study import Study

type Findings = SweepFindings | SensitivityFindings | MapFindings | CalibrationFindings


def run(
    study: Study, root: Path, executor: Executor = LOCAL, progress: OnProgress = unseen
) -> tuple[StudyFolder, Findings | None]:
    """Simulate what is not stored yet. Returns the folder and what was found, None while blocks of other shards are
    missing.

    Args:
        root: the folder that holds all results.

    Raises:
        InputError: the study is impossible, or an outcome is no number somewhere. StorageError: it cannot be written.
    """
    job, rows = job_of(study)
    folder = job_blocks.folder_of(job, study.name, root, study.document)
    if not job_blocks.carry_out(job, folder, study.document, executor, progress):
        return folder, None

    def part(name: str, job: Job) -> StudyFolder:
        below = job_blocks.carry_out_below(job, name, folder.path, part_document(study, name), executor, progress)
        job_blocks.finish(below, job.seeds)
        return below

    return folder, findings_of(study, job, rows, folder, part)


def findings_of(study: Study, job: Job, rows: Sequence[int], folder: StudyFolder, part: Part) -> Findings:
    """What a study whose blocks are all there found.

    Args:
        rows: for each row of the design the number of its point in the job.
        part: gives the folders of what a calibration simulates below its own.
    """
    if study.verb == "calibrate":
        return calibration_findings(study, job, rows, folder, part)
    outcomes = StudyOutcomes(job, folder.read(), rows)
    if study.verb == "sensitivity":
        return SensitivityFindings(outcomes, indices_design(study))
    return MapFindings(outcomes) if study.verb == "map" else SweepFindings(outcomes)


def part_document(study: Study, name: str) -> dict[str, object]:
    """What names the folder of a further job of a study."""
    return {**study.document, "part": name}
