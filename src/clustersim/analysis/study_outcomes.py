"""From the stored blocks of a study to the outcomes of its runs, and to the effects of its arms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clustersim.analysis.paired import differences
from clustersim.arrays import Array
from clustersim.errors import InputError, Problem
from clustersim.execution.job import Job
from clustersim.measures import MEASURES
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.storage.folder import StudyFolder


def outcomes(job: Job, folder: StudyFolder) -> pd.DataFrame:
    """Every run: columns point, seed, arm and the outcomes, in the order (point, seed, arm)."""
    table = folder.read()
    arms = [policy.name for policy in job.point(0).policies]
    table["arm"] = pd.Categorical(table["arm"].astype(str), categories=arms)
    return table.sort_values(["point", "seed", "arm"], kind="stable", ignore_index=True)


def effects(job: Job, table: pd.DataFrame, outcome: str) -> Array:
    """(points, arms, seeds): the effect of each arm against no alliance in each seed, in the measure's unit of effects.

    Raises:
        InputError: an effect is no number; the problem names the point, the arm and the seed.
    """
    level = levels(job, table, outcome)
    found = differences(level[:, 1:], level[:, :1], MEASURES[outcome])
    names = list(table["arm"].cat.categories)[1:]
    _refuse_undefined(found, names, outcome, job)
    return found


def levels(job: Job, table: pd.DataFrame, outcome: str) -> Array:
    """(points, arms, seeds): the outcome itself; the first arm is no alliance."""
    arms = table["arm"].cat.categories
    assert arms[0] == NO_ALLIANCE
    cube: Array = table[outcome].to_numpy().reshape(len(job.points), job.seeds, len(arms))
    return np.moveaxis(cube, 2, 1)


def _refuse_undefined(values: Array, arms: list[str], outcome: str, job: Job) -> None:
    for point, arm, seed in np.argwhere(~np.isfinite(values))[:1]:
        chosen = zip((factor.name for factor in job.factors), job.points[point], strict=True)
        fields = {"outcome": outcome, "arm": arms[arm], "seed": int(seed), "point": int(point)}
        told = ", ".join(f"{name} = {value}" for name, value in chosen)
        raise InputError(Problem("study.undefined", {**fields, "values": told}))
