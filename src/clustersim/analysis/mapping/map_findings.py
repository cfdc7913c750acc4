"""A map: which arm wins where in the plane of two parameters, and where that flips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.mapping import discovery
from clustersim.analysis.mapping.cell_winners import FlipSummary, flip_summary, flips, winners
from clustersim.analysis.rows import rows_of
from clustersim.analysis.study_outcomes import StudyOutcomes, with_first
from clustersim.arrays import Array
from clustersim.measures import MEASURES, Measure
from clustersim.scenario.model import NO_ALLIANCE


@dataclass(frozen=True, eq=False)
class MapFindings:
    """Of a finished map."""

    outcomes: StudyOutcomes

    @cached_property
    def maps(self) -> dict[str, OutcomeMap]:
        """Outcome -> its map."""
        return {outcome: OutcomeMap(self.outcomes, outcome) for outcome in self.outcomes.job.outcomes}

    def tables(self) -> dict[str, pd.DataFrame]:
        """`map`, `flips`, `shares` and `rules` have the rows of all outcomes."""
        parts: dict[str, list[pd.DataFrame]] = {}
        for outcome, one in self.maps.items():
            for name, frame in one.tables().items():
                if len(frame) or outcome == self.outcomes.job.outcomes[0]:
                    parts.setdefault(name, []).append(frame.assign(outcome=outcome))
        together = {name: with_first(pd.concat(tables, ignore_index=True), "outcome") for name, tables in parts.items()}
        return {**together, "results": self.outcomes.results}


@dataclass(frozen=True, eq=False)
class OutcomeMap:
    """A map in one outcome."""

    outcomes: StudyOutcomes
    outcome: str

    @property
    def measure(self) -> Measure:
        return MEASURES[self.outcome]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """A row for each cell: `x`, `y` (values of the two factors), `column`, `row` (their places), the columns of
        `cell_winners.winners`, and each arm's mean effect (`effect_<arm>`)."""
        of, measure = self.outcomes, self.measure
        effects = of.effects(self.outcome)[of.rows]
        margin = float(getattr(of.job.scenario.parameters, measure.margin)) if measure.margin else 0.0
        found = winners(effects, of.arms, margin, measure.better or 1)
        x, y = zip(*(of.job.points[row] for row in of.rows), strict=True)
        places = np.argwhere(np.ones(self.shape, dtype=bool))
        means = {f"effect_{arm}": effects[:, number].mean(axis=1) for number, arm in enumerate(of.arms)}
        own = {"x": list(x), "y": list(y), "column": places[:, 0], "row": places[:, 1]}
        return pd.DataFrame(own).join(found.assign(**means))

    @property
    def shape(self) -> tuple[int, int]:
        """Cells along the first and the second factor."""
        of = self.outcomes
        columns = len(dict.fromkeys(of.job.points[row][0] for row in of.rows))
        return columns, len(of.rows) // columns

    @cached_property
    def flips(self) -> pd.DataFrame:
        """Neighbouring cells with different winners; `decided` where both winners are."""
        found = flips(self._grid("winner"))
        decided = self._grid("decided")
        both = [decided[row.x, row.y] and decided[row.to_x, row.to_y] for row in rows_of(found)]
        return found.assign(decided=np.array(both, dtype=bool))

    @cached_property
    def summary(self) -> FlipSummary:
        return flip_summary(self._grid("winner"), self._grid("decided"), [NO_ALLIANCE, *self.outcomes.arms])

    @cached_property
    def rules(self) -> pd.DataFrame:
        """For each arm that wins some of the decided cells and not all, the box that best describes which.

        Empty where ema_workbench is not installed.
        """
        if not (self.are_numbers and discovery.is_installed()):
            return pd.DataFrame()
        decided = self.cells[self.cells["decided"].to_numpy(dtype=bool)].reset_index(drop=True)
        points = decided[["x", "y"]].set_axis([factor.name for factor in self.outcomes.job.factors], axis=1)
        won = {arm: (decided["winner"] == arm).to_numpy() for arm in (NO_ALLIANCE, *self.outcomes.arms)}
        some = {arm: wins for arm, wins in won.items() if wins.any() and not wins.all()}
        boxes = [discovery.rules(points, wins).assign(arm=arm) for arm, wins in some.items()]
        return pd.concat(boxes, ignore_index=True) if boxes else pd.DataFrame()

    @property
    def are_numbers(self) -> bool:
        """Whether both factors are; rules need ranges."""
        return all(pd.api.types.is_numeric_dtype(self.cells[name]) for name in ("x", "y"))

    def _grid(self, column: str) -> Array:
        grid: Array = self.cells[column].to_numpy().reshape(self.shape)
        return grid

    def tables(self) -> dict[str, pd.DataFrame]:
        x, y = (factor.name for factor in self.outcomes.job.factors)
        tables = {
            "map": self.cells.rename(columns={"x": x, "y": y}),
            "flips": self.flips,
            "shares": self.summary.shares,
        }
        return {**tables, **({"rules": self.rules} if len(self.rules) else {})}
