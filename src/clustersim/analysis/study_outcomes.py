"""The outcomes of a study's runs: levels and effects by point, arm and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.paired import differences
from clustersim.analysis.swings import swings
from clustersim.arrays import Array
from clustersim.errors import InputError, Problem
from clustersim.execution.job import Job
from clustersim.measures import MEASURES, Measure
from clustersim.scenario.model import NO_ALLIANCE

RANGE = (5.0, 50.0, 95.0)  # percentiles over points


def percentiles(values: Array) -> Array:
    """5%, 50% and 95% of values over points."""
    return np.percentile(values, RANGE)


def with_first(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The frame with some columns before the others."""
    return frame[[*names, *(name for name in frame if name not in names)]]


@dataclass(frozen=True, eq=False)
class StudyOutcomes:
    """Outcomes of all runs of a job.

    Attributes:
        job: what was simulated.
        table: columns point, seed, arm and the outcomes, in any order of rows.
        rows: for each row of the design the number of its point in the job.
    """

    job: Job
    table: pd.DataFrame
    rows: Sequence[int] = ()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The table in the order (point, seed, arm), arms in the order of the scenario."""
        arms = [policy.name for policy in self.job.point(0).policies]
        runs = self.table.assign(arm=pd.Categorical(self.table["arm"].astype(str), categories=arms))
        return runs.sort_values(["point", "seed", "arm"], kind="stable", ignore_index=True)

    @property
    def results(self) -> pd.DataFrame:
        """`runs` with the factors' values behind the point."""
        return self.job.design().merge(self.runs, on="point", how="right")

    @property
    def arms(self) -> list[str]:
        """The policy arms, in the order of their effects."""
        return list(self.runs["arm"].cat.categories)[1:]

    @property
    def measures(self) -> list[Measure]:
        return [MEASURES[name] for name in self.job.outcomes]

    def levels(self, outcome: str) -> Array:
        """(points, arms, seeds): the outcome itself; the first arm is no alliance."""
        arms = self.runs["arm"].cat.categories
        assert arms[0] == NO_ALLIANCE
        cube: Array = self.runs[outcome].to_numpy().reshape(len(self.job.points), self.job.seeds, len(arms))
        return np.moveaxis(cube, 2, 1)

    def effects(self, outcome: str) -> Array:
        """(points, arms, seeds): against no alliance in the same seed, in the measure's unit of effects.

        Raises:
            InputError: an effect is no number; the problem names the point, the arm and the seed.
        """
        level = self.levels(outcome)
        effects = differences(level[:, 1:], level[:, :1], MEASURES[outcome])
        for point, arm, seed in np.argwhere(~np.isfinite(effects))[:1]:
            chosen = zip((factor.name for factor in self.job.factors), self.job.points[point], strict=True)
            fields = {"outcome": outcome, "arm": self.arms[arm], "seed": int(seed), "point": int(point)}
            values = ", ".join(f"{name} = {value}" for name, value in chosen)
            raise InputError(Problem("study.undefined", {**fields, "values": values}))
        return effects

    def tornado(self, arm: str, outcome: str, rows: Array) -> pd.DataFrame:
        """Swings of the effect of an arm by the factors that are numbers; see `analysis.swings`.

        Args:
            rows: numbers of the rows of the design that are drawn independently of one another.
        """
        points = np.asarray(self.rows)[rows]
        effects = self.effects(outcome)[points, self.arms.index(arm)].mean(axis=1)
        design = self.job.design().drop(columns="point").iloc[points].select_dtypes("number")
        return swings(list(design.columns), design.to_numpy(dtype=np.float64), effects)
