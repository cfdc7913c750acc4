"""The assumption range of a run: its effects over the ranges of all numbers that are not evidence.

It stands beside the sampling interval and is never mixed with it: seeds say how precisely an effect is computed at the
values of the scenario, the range says what else it could be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis.rank_correlation import rank_correlations
from clustersim.analysis.study_outcomes import StudyOutcomes, percentiles, with_first
from clustersim.analysis.swings import swings
from clustersim.arrays import Array
from clustersim.execution.factors import Factor
from clustersim.execution.job import Job
from clustersim.measures import MEASURES
from clustersim.spec.results import EQUAL_MONEY

MOVERS = 3


@dataclass(frozen=True, eq=False)
class AssumptionRange:
    """What the range says.

    Attributes:
        table: a row for each arm and headline measure: `range_low`, `range_mid`, `range_high` (5%, 50%, 95% of the
            mean effect over the points), `share_positive` and `share_best` (of the points: the arm is better than no
            alliance; it is the best of all arms with the same kind of budget), `noise` (share of the spread over
            points that is noise of the seeds' being few), `movers` (parameters whose rank correlation with the effect
            is beyond chance, up to three), `points`, `range_seeds`, `parameters`.
        movers: a row for each arm, measure and parameter: `correlation` (Spearman), `threshold`.
        asked: points that were asked for; fewer may have been possible.
        runs: the outcomes of all runs; see `StudyOutcomes.table`.
    """

    job: Job
    runs: pd.DataFrame
    asked: int

    @cached_property
    def _effects(self) -> dict[str, Array]:
        """Measure -> (points, arms, seeds)."""
        outcomes = StudyOutcomes(self.job, self.runs)
        return {name: outcomes.effects(name) for name in self.job.outcomes}

    @cached_property
    def movers(self) -> pd.DataFrame:
        values = np.array(self.job.points, dtype=np.float64)
        names = [factor.name for factor in self.job.factors]
        rows = []
        for name, effects in self._effects.items():
            means = effects.mean(axis=2)
            found, thresholds = rank_correlations(values, means)
            for number, arm in enumerate(self.job.arms):
                part = {"arm": arm, "measure": name, "parameter": names, "correlation": found[:, number]}
                rows.append(pd.DataFrame({**part, "threshold": thresholds[number]}))
        return pd.concat(rows, ignore_index=True)

    def tornado(self, arm: str, measure: str) -> pd.DataFrame:
        """What the effect of an arm depends on; see `analysis.swings`.

        Left out are numbers of other arms, and months and counts: these take a few combinations only, and what one of
        them does cannot be told from another.
        """
        effects = self._effects[measure][:, self.job.arms.index(arm)].mean(axis=1)
        names = [factor.name for factor in self.job.factors]
        table = swings(names, np.array(self.job.points, dtype=np.float64), effects)
        concerned = [factor.name for factor in self.job.factors if factor.together and _concerns(factor, arm)]
        return table[table["parameter"].isin(concerned)].reset_index(drop=True)

    @cached_property
    def swings(self) -> pd.DataFrame:
        """`tornado` of the output of each arm at its own cost, behind the columns `arm` and `measure`."""
        arms = [arm for arm in self.job.arms if not _at_equal_money(arm)]
        tables = [self.tornado(arm, "output").assign(arm=arm, measure="output") for arm in arms]
        return with_first(pd.concat(tables, ignore_index=True), "arm", "measure")

    @cached_property
    def table(self) -> pd.DataFrame:
        rows = [self._row(arm, number, name) for number, arm in enumerate(self.job.arms) for name in self.job.outcomes]
        return pd.DataFrame(rows)

    def _row(self, arm: str, number: int, name: str) -> dict[str, Any]:
        effects, better = self._effects[name], MEASURES[name].better or 1
        means = better * effects.mean(axis=2)
        rivals = [place for place, other in enumerate(self.job.arms) if _at_equal_money(other) == _at_equal_money(arm)]
        best = (means[:, number] > 0) & (means[:, number] >= means[:, rivals].max(axis=1))
        low, mid, high = percentiles(effects[:, number].mean(axis=1))
        return {
            "arm": arm,
            "measure": name,
            "range_low": low,
            "range_mid": mid,
            "range_high": high,
            "share_positive": float((means[:, number] > 0).mean()),
            "share_best": float(best.mean()),
            "noise": _noise(effects[:, number]),
            "movers": ", ".join(self._movers(arm, name)),
            "points": len(self.job.points),
            "range_seeds": self.job.seeds,
            "parameters": len(self.job.factors),
        }

    def _movers(self, arm: str, name: str) -> list[str]:
        rows = self.movers[(self.movers["arm"] == arm) & (self.movers["measure"] == name)]
        free = {factor.name for factor in self.job.factors if factor.together}  # of the others see `tornado`
        rows = rows[(rows["correlation"].abs() > rows["threshold"]) & rows["parameter"].isin(free)]
        ordered = rows.sort_values("correlation", key=abs, ascending=False)
        return [str(one) for one in ordered["parameter"].head(MOVERS)]


def _concerns(factor: Factor, arm: str) -> bool:
    """Whether a number is the model's or the arm's own; equal money depends on the costs of all arms."""
    own = ("parameters.", f"policies.{arm}.")
    return arm.endswith(EQUAL_MONEY) or any(path.startswith(own) for path in factor.paths)


def _at_equal_money(arm: str) -> bool:
    return arm.endswith(EQUAL_MONEY)


def _noise(effects: Array) -> float:
    """Share of the variance of the mean over points that other seeds would change; NaN with one seed or point."""
    points, seeds = effects.shape
    if points < 2:
        return math.nan
    total = float(effects.mean(axis=1).var(ddof=1))
    if seeds < 2 or total == 0:
        return math.nan
    # What all points share of a seed's noise moves them alike, and is no spread over points.
    own = effects - effects.mean(axis=0)
    return min(1.0, float(own.var(axis=1, ddof=1).mean()) / seeds / total)
