"""What is simulated for a calibration: the table of reference, then the fit, then draws from the posterior."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from clustersim.analysis.calibration.calibrated import CalibrationFindings, Prior, Simulated, calibrated
from clustersim.analysis.calibration.targets import Target
from clustersim.analysis.study_outcomes import StudyOutcomes
from clustersim.arrays import Array
from clustersim.errors import InputError, Problem
from clustersim.execution.job import Job, distinct
from clustersim.spec.parameters import Scalar
from clustersim.storage.folder import StudyFolder
from clustersim.studies.study import Study

type Part = Callable[[str, Job], StudyFolder]  # from the name of a further job below a study to its whole folder


def calibration_findings(
    study: Study, job: Job, rows: Sequence[int], folder: StudyFolder, part: Part
) -> CalibrationFindings:
    """What a calibration found, with what is simulated below it.

    Raises:
        InputError: a target is no number at some point; the problem names the target and the point.
    """
    found = calibrated(
        Prior(study.factors, study.first, study.held),
        [Target(aim.name, aim.value, aim.error, aim.tolerance) for aim in study.aims],
        _simulated(study, job, rows, folder.read()),
        study.digits,
        study.draws,
    )
    fit, fit_rows = _fit_job(study, job, found)
    checked = _cube(part("fit", fit).read(), "mean", study, fit_rows)
    if not len(found.posterior.draws):
        return replace(found, checked=checked)
    effects, draws = _effect_job(study, found)
    outcomes = StudyOutcomes(effects, part("posterior", effects).read(), draws)
    return replace(found, checked=checked, effects=outcomes)


def _simulated(study: Study, job: Job, rows: Sequence[int], table: pd.DataFrame) -> Simulated:
    means, errors = (_cube(table, column, study, rows) for column in ("mean", "standard_error"))
    points = np.array(job.points, dtype=np.float64)[list(rows)]
    for row, target in np.argwhere(~np.isfinite(means))[:1]:
        values = zip((factor.name for factor in study.factors), points[row], strict=True)
        fields = {"target": study.aims[target].name, "point": rows[row]}
        told = ", ".join(f"{name} = {value:g}" for name, value in values)
        raise InputError(Problem("study.calibrate.undefined", {**fields, "values": told}))
    return Simulated(points, means, errors)


def _cube(table: pd.DataFrame, column: str, study: Study, rows: Sequence[int]) -> Array:
    """(points, targets)."""
    wide = table.set_index(["point", "entry"])[column].unstack("entry")[[aim.place for aim in study.aims]]
    cube: Array = wide.loc[list(rows)].to_numpy(dtype=np.float64)
    return cube


def _fit_job(study: Study, job: Job, found: CalibrationFindings) -> tuple[Job, list[int]]:
    """The first values and the fit, simulated with more seeds; and which point each of them is."""
    points, rows = _points(found.fit_points, study)
    seeds = study.check_seeds
    return Job(study.scenario, "observed", study.factors, points, job.arms, (), seeds, entries=job.entries), rows


def _effect_job(study: Study, found: CalibrationFindings) -> tuple[Job, list[int]]:
    """The outcomes of the study's arms at draws from the posterior; and which point each draw is."""
    points, rows = _points(found.posterior.draws, study)
    return Job(study.scenario, "outcomes", study.factors, points, study.arms, study.outcomes, study.seeds), rows


def _points(points: Array, study: Study) -> tuple[tuple[tuple[Scalar, ...], ...], list[int]]:
    """Points as a scenario takes them, whole where the parameter is; each once, and the place of each."""
    whole = [factor.whole for factor in study.factors]
    return distinct(
        [tuple(round(value) if is_whole else value for value, is_whole in zip(point, whole, strict=True))
         for point in points.tolist()]
    )  # fmt: skip
