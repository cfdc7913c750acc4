"""The points that a study asks for, and the job that they make."""

from __future__ import annotations

import math

from clustersim.analysis.sensitivity.design import Design as SensitivityDesign
from clustersim.execution.job import Job, distinct
from clustersim.spec.parameters import Scalar
from clustersim.studies.designs import grid_values, latin_hypercube, sensitivity_design, sobol_sequence, values_at
from clustersim.studies.study import Design, Study, Verb


def points_of(study: Study) -> list[tuple[Scalar, ...]]:
    """A tuple of the factors' values for each row of the study's design; rows may repeat."""
    design = study.design
    if design.method == "grid":
        return grid_values(study.factors, design.steps)
    if study.verb == "sensitivity":
        unit = indices_design(study).unit[:, : len(study.factors)]
    elif design.method == "sobol":
        unit = sobol_sequence(design.size, len(study.factors))
    else:
        unit = latin_hypercube(design.size, len(study.factors))
    return values_at(study.factors, unit)


def rows_of(verb: Verb, design: Design, factors: int) -> int:
    """How many rows the design of so many factors has, without making it."""
    if design.method == "grid":
        return math.prod(design.steps)
    if verb == "sensitivity":  # with the dummy
        return design.size * {"sobol": factors + 3, "morris": factors + 2, "pawn": 1}[design.method]
    return design.size


def indices_design(study: Study) -> SensitivityDesign:
    """The design of a sensitivity study, the dummy included."""
    names = tuple(factor.name for factor in study.factors)
    return sensitivity_design(study.design.method, names, study.design.size)


def job_of(study: Study) -> tuple[Job, list[int]]:
    """What a study simulates, and for each row of its design the point that it is.

    Rows that are the same point are simulated once: with the same seeds they would give the same numbers.
    """
    points, rows = distinct(points_of(study))
    job = Job(
        scenario=study.scenario,
        kind="observed" if study.verb == "calibrate" else "outcomes",
        factors=study.factors,
        points=points,
        arms=study.arms,
        outcomes=study.outcomes,
        seeds=study.seeds,
        entries=tuple(aim.place for aim in study.aims),
    )
    return job, rows
