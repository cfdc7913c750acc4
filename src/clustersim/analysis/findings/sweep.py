"""What a sweep found: every run and every point as tidy tables."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis import study_outcomes
from clustersim.analysis.findings.common import Finished, measures_of, spread
from clustersim.analysis.paired import differences, estimate_row
from clustersim.arrays import Array
from clustersim.measures import Measure
from clustersim.messages import text
from clustersim.reports.wording import arm_words, effect_quantity, measure_words, percent
from clustersim.scenario.model import NO_ALLIANCE


class SweepFindings:
    """Of a finished sweep.

    Attributes:
        results: a row for each run: point, the factors, seed, arm, the outcomes, and of each outcome the effect against
            no alliance in the same seed (`effect_<measure>`).
        points: a row for each point, arm and outcome: the factors and the columns of a run's effects.csv.
    """

    def __init__(self, finished: Finished):
        self.finished = finished

    @cached_property
    def results(self) -> pd.DataFrame:
        done = self.finished
        table = done.job.design().merge(done.runs, on="point", how="right")
        for measure in measures_of(done.study):
            level = study_outcomes.levels(done.job, done.runs, measure.name)
            table[f"effect_{measure.name}"] = _in_rows(differences(level, level[:, :1], measure))
        return table

    @cached_property
    def points(self) -> pd.DataFrame:
        done, rows = self.finished, []
        design: list[dict[Any, Any]] = done.job.design().to_dict("records")
        for measure in measures_of(done.study):
            level = study_outcomes.levels(done.job, done.runs, measure.name)
            for number, point in enumerate(design):
                for place, arm in enumerate(done.arms, start=1):
                    found = estimate_row(level[number, place], level[number, 0], measure, done.job.scenario.parameters)
                    rows.append({**point, "arm": arm, "against": NO_ALLIANCE, **found})
        return pd.DataFrame(rows)

    def tornado(self, arm: str, outcome: str) -> pd.DataFrame:
        """What the effect of an arm hangs on; see `analysis.tornado`."""
        return self.finished.tornado(arm, outcome, np.arange(len(self.finished.rows)))

    def tables(self) -> dict[str, pd.DataFrame]:
        return {"results.parquet": self.results, "effects.csv": self.points}

    def sentences(self) -> list[str]:
        done = self.finished
        said = []
        for measure in measures_of(done.study):
            effects = done.effects(measure.name).mean(axis=2)
            for number, arm in enumerate(done.arms):
                low, mid, high = spread(effects[:, number])
                rows = self.points[(self.points["arm"] == arm) & (self.points["measure"] == measure.name)]
                above = (rows["low"] > 0).mean() if measure.better >= 0 else (rows["high"] < 0).mean()
                below = (rows["high"] < 0).mean() if measure.better >= 0 else (rows["low"] > 0).mean()
                said.append(
                    text(
                        _sentence(done.job.seeds, measure),
                        arm=arm_words(arm),
                        measure=measure_words(measure.name),
                        low=effect_quantity(low, measure),
                        mid=effect_quantity(mid, measure),
                        high=effect_quantity(high, measure),
                        above=percent(float(above)),
                        below=percent(float(below)),
                    )
                )
        return [*said, text("study.sweep.read")]

    def sections(self) -> list[str]:  # the points are too many to tell
        return []


def _sentence(seeds: int, measure: Measure) -> str:
    """Key of the sentence about an effect over the points."""
    if seeds == 1:
        return "study.sweep.one_seed"
    return "study.sweep.sentence" if measure.better else "study.sweep.neither_better"


def _in_rows(cube: Array) -> Array:
    """(points, arms, seeds) in the order of the runs: point, seed, arm."""
    return np.moveaxis(cube, 1, 2).reshape(-1)
