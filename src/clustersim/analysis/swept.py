"""A sweep: every run and every point as tidy tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis.paired import differences, estimate_row
from clustersim.analysis.study_outcomes import StudyOutcomes, percentiles
from clustersim.arrays import Array
from clustersim.scenario.model import NO_ALLIANCE


@dataclass(frozen=True, eq=False)
class SweepFindings:
    """Of a finished sweep."""

    outcomes: StudyOutcomes

    @cached_property
    def results(self) -> pd.DataFrame:
        """A row for each run: point, the factors, seed, arm, the outcomes, and of each outcome the effect against no
        alliance in the same seed (`effect_<measure>`)."""
        table = self.outcomes.results
        for measure in self.outcomes.measures:
            level = self.outcomes.levels(measure.name)
            table[f"effect_{measure.name}"] = _in_rows(differences(level, level[:, :1], measure))
        return table

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row for each point, arm and outcome: the factors and the columns of a run's effects."""
        of, rows = self.outcomes, []
        design: list[dict[Any, Any]] = of.job.design().to_dict("records")
        for measure in of.measures:
            level = of.levels(measure.name)
            for number, point in enumerate(design):
                for place, arm in enumerate(of.arms, start=1):
                    found = estimate_row(level[number, place], level[number, 0], measure, of.job.scenario.parameters)
                    rows.append({**point, "arm": arm, "against": NO_ALLIANCE, **found})
        return pd.DataFrame(rows)

    @cached_property
    def ranges(self) -> pd.DataFrame:
        """A row for each outcome and arm: `low`, `mid`, `high` (5%, 50%, 95% of the mean effect over points), and the
        shares of the points whose 95% interval lies on the better (`above`) and on the worse side of zero."""
        rows = []
        for measure in self.outcomes.measures:
            effects = self.outcomes.effects(measure.name).mean(axis=2)
            for number, arm in enumerate(self.outcomes.arms):
                low, mid, high = percentiles(effects[:, number])
                own = self.points[(self.points["arm"] == arm) & (self.points["measure"] == measure.name)]
                sides = [float((own["low"] > 0).mean()), float((own["high"] < 0).mean())]
                above, below = sides if measure.better >= 0 else sides[::-1]
                numbers = {"low": low, "mid": mid, "high": high, "above": above, "below": below}
                rows.append({"arm": arm, "measure": measure.name, **numbers})
        return pd.DataFrame(rows)

    def tornado(self, arm: str, outcome: str) -> pd.DataFrame:
        """What the effect of an arm depends on; see `analysis.swings`."""
        return self.outcomes.tornado(arm, outcome, np.arange(len(self.outcomes.rows)))

    def tables(self) -> dict[str, pd.DataFrame]:
        return {"results": self.results, "effects": self.points}


def _in_rows(cube: Array) -> Array:
    """(points, arms, seeds) in the order of the runs: point, seed, arm."""
    return np.moveaxis(cube, 1, 2).reshape(-1)
