"""What the findings of all verbs share: the values of a finished study, and words for factors, ranges and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from clustersim.analysis import study_outcomes
from clustersim.analysis.tornado import tornado
from clustersim.arrays import Array
from clustersim.execution.job import Job
from clustersim.measures import MEASURES, Measure
from clustersim.storage.folder import StudyFolder
from clustersim.studies.plan import Study

RANGE = (5.0, 50.0, 95.0)  # percentiles over points


class Findings(Protocol):
    """What a verb found."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name of the file -> table."""

    def sentences(self) -> list[str]:
        """What was found and how sure it is."""

    def sections(self) -> list[str]:
        """Further blocks of the report, in Markdown."""


@dataclass(frozen=True, eq=False)
class Finished:
    """A study whose blocks are all there.

    Attributes:
        rows: for each row of the design the number of its point in the job.
    """

    study: Study
    job: Job
    rows: Sequence[int]
    folder: StudyFolder

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Every run; see `study_outcomes.outcomes`."""
        return study_outcomes.outcomes(self.job, self.folder)

    @property
    def arms(self) -> list[str]:
        """The policy arms, in the order of their effects."""
        return list(self.runs["arm"].cat.categories)[1:]

    def effects(self, outcome: str) -> Array:
        """(points, arms, seeds) against no alliance, in the measure's unit of effects."""
        return study_outcomes.effects(self.job, self.runs, outcome)

    def tornado(self, arm: str, outcome: str, rows: Array) -> pd.DataFrame:
        """What the effect of an arm hangs on, of the factors that are numbers; see `analysis.tornado`.

        Args:
            rows: numbers of the rows of the design that are drawn independently of one another.
        """
        points = np.asarray(self.rows)[rows]
        effects = self.effects(outcome)[points, self.arms.index(arm)].mean(axis=1)
        design = self.job.design().drop(columns="point").iloc[points].select_dtypes("number")
        return tornado(list(design.columns), design.to_numpy(dtype=np.float64), effects)


def spread(values: Array, axis: int = 0) -> Array:
    """5%, 50% and 95% of values."""
    return np.percentile(values, RANGE, axis=axis)


def measures_of(study: Study) -> list[Measure]:
    return [MEASURES[name] for name in study.outcomes]
