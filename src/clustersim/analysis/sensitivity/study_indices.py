"""A sensitivity study: which parameters move the effect of each arm, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.sensitivity import Design, Result, analyse
from clustersim.analysis.study_outcomes import StudyOutcomes, percentiles, with_first
from clustersim.arrays import Array
from clustersim.scenario.model import NO_ALLIANCE

QUALITY = ("variance", "seed_share", "seeds_share_of_one_run", "converged", "rank_correlation", "largest_change")


@dataclass(frozen=True, eq=False)
class SensitivityFindings:
    """Of a finished sensitivity study."""

    outcomes: StudyOutcomes
    design: Design

    def effect(self, arm: str, outcome: str) -> Array:
        """(rows of the design, seeds)."""
        return self.outcomes.effects(outcome)[self.outcomes.rows, self.outcomes.arms.index(arm)]

    @cached_property
    def results(self) -> dict[tuple[str, str], Result]:
        """(arm, outcome) -> the indices of that arm's effect on the outcome."""
        found, rows = {}, self.outcomes.rows
        for outcome in self.outcomes.job.outcomes:
            effects = self.outcomes.effects(outcome)
            for number, arm in enumerate(self.outcomes.arms):
                found[arm, outcome] = analyse(self.design, effects[rows, number])
        return found

    @cached_property
    def levels(self) -> dict[str, Result]:
        """Outcome -> the indices of its level under no alliance."""
        return {
            outcome: analyse(self.design, self.outcomes.levels(outcome)[self.outcomes.rows, 0])
            for outcome in self.outcomes.job.outcomes
        }

    def tables(self) -> dict[str, pd.DataFrame]:
        of_effects = [
            result.table.assign(arm=arm, outcome=outcome, of="effect")
            for (arm, outcome), result in self.results.items()
        ]
        of_levels = [
            result.table.assign(arm=NO_ALLIANCE, outcome=outcome, of="level") for outcome, result in self.levels.items()
        ]
        indices = pd.concat([*of_effects, *of_levels], ignore_index=True)
        return {
            "indices": with_first(indices, "arm", "outcome", "of"),
            "quality": pd.DataFrame([self._quality(*key) for key in self.results]),
            "results": self.outcomes.results,
        }

    def _quality(self, arm: str, outcome: str) -> dict[str, object]:
        result = self.results[arm, outcome]
        low, mid, high = percentiles(self.over_range(arm, outcome))
        row = {"arm": arm, "outcome": outcome, "method": result.method, "mean": result.mean}
        row |= {"range_low": low, "range_mid": mid, "range_high": high}
        row |= {name: getattr(result, name) for name in QUALITY}
        return row | {"seeds": self.outcomes.job.seeds}

    def over_range(self, arm: str, outcome: str) -> Array:
        """Mean effect over seeds at each row that samples the whole range."""
        return self.effect(arm, outcome).mean(axis=1)[self._whole_range]

    @property
    def _whole_range(self) -> Array:
        """Numbers of the rows that sample the whole range: those that differ in one factor alone do not."""
        rows = np.arange(len(self.design.unit))
        if self.design.method != "sobol":
            return rows
        block = len(self.design.factors) + 2
        return np.concatenate([rows[::block], rows[block - 1 :: block]])

    def tornado(self, arm: str, outcome: str) -> pd.DataFrame:
        """What the effect of an arm depends on; no rows for trajectories (Morris). See `analysis.swings`."""
        rows = self._whole_range if self.design.method != "morris" else self._whole_range[:0]
        return self.outcomes.tornado(arm, outcome, rows)
