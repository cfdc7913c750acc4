"""What a sensitivity study found: which parameters move the effect of each arm, and how sure that is."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from clustersim.analysis import study_outcomes
from clustersim.analysis.findings.common import Finished, spread
from clustersim.analysis.sensitivity import DUMMY, Result, analyse
from clustersim.arrays import Array
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports.factor_words import factor_words, short_names
from clustersim.reports.markdown import rows_of, table
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words, percent
from clustersim.studies.points import sensitivity_design

ROUNDING = 1e-9
TOP = 3  # whose order is spoken of
FEWEST_IN_ORDER = 2
LEADING = 5  # factors that a sentence names


class SensitivityFindings:
    """Of a finished sensitivity study.

    Attributes:
        results: (arm, outcome) -> the indices of that arm's effect on the outcome.
        levels: outcome -> the indices of its level under no alliance.
    """

    def __init__(self, finished: Finished):
        self.finished = finished
        self.design = sensitivity_design(finished.study)

    def effect(self, arm: str, outcome: str) -> Array:
        """(rows of the design, seeds)."""
        done = self.finished
        return done.effects(outcome)[done.rows, done.arms.index(arm)]

    @cached_property
    def results(self) -> dict[tuple[str, str], Result]:
        done = self.finished
        found = {}
        for outcome in done.study.outcomes:
            effects = done.effects(outcome)
            for number, arm in enumerate(done.arms):
                found[arm, outcome] = analyse(self.design, effects[done.rows, number])
        return found

    @cached_property
    def levels(self) -> dict[str, Result]:
        done = self.finished
        return {
            outcome: analyse(self.design, study_outcomes.levels(done.job, done.runs, outcome)[done.rows, 0])
            for outcome in done.study.outcomes
        }

    def tables(self) -> dict[str, pd.DataFrame]:
        of_effects = [
            result.table.assign(arm=arm, outcome=outcome, of="effect")
            for (arm, outcome), result in self.results.items()
        ]
        of_levels = [
            result.table.assign(arm="no_alliance", outcome=outcome, of="level")
            for outcome, result in self.levels.items()
        ]
        indices = pd.concat([*of_effects, *of_levels], ignore_index=True)
        first = ["arm", "outcome", "of"]
        return {
            "indices.csv": indices[[*first, *(name for name in indices if name not in first)]],
            "quality.csv": pd.DataFrame([self._quality(*key) for key in self.results]),
            "results.parquet": self.finished.job.design().merge(self.finished.runs, on="point", how="right"),
        }

    def _quality(self, arm: str, outcome: str) -> dict[str, object]:
        result = self.results[arm, outcome]
        low, mid, high = spread(self._points(arm, outcome))
        return {
            "arm": arm,
            "outcome": outcome,
            "method": result.method,
            "mean": result.mean,
            "range_low": low,
            "range_mid": mid,
            "range_high": high,
            "variance": result.variance,
            "seed_share": result.seed_share,
            "seeds_share_of_one_run": result.seeds_share_of_one_run,
            "converged": result.converged,
            "rank_correlation": result.rank_correlation,
            "largest_change": result.largest_change,
            "seeds": self.finished.job.seeds,
        }

    def _points(self, arm: str, outcome: str) -> Array:
        """Mean effect at each row that samples the whole range."""
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
        """What the effect of an arm hangs on; no rows for trajectories (Morris). See `analysis.tornado`."""
        rows = self._whole_range if self.design.method != "morris" else self._whole_range[:0]
        return self.finished.tornado(arm, outcome, rows)

    def sentences(self) -> list[str]:
        outcome = self.finished.study.outcomes[0]
        said = []
        for arm in self.finished.arms:
            said += [
                self._range(arm, outcome),
                self._leading(arm, outcome),
                self._noise(arm, outcome),
                self._convergence(arm, outcome),
            ]
            dummy = self.results[arm, outcome].table.iloc[-1]
            main = self.results[arm, outcome].main
            if main != "median" and dummy[main] > ROUNDING:
                said.append(text("study.sensitivity.dummy_moves", index=f"{dummy[main]:.3f}"))
        return said

    def _range(self, arm: str, outcome: str) -> str:
        measure = MEASURES[outcome]
        values = self._points(arm, outcome)
        low, mid, high = (effect_quantity(value, measure) for value in spread(values))
        return text(
            "study.sensitivity.range",
            arm=arm_words(arm),
            measure=measure_words(outcome),
            low=low,
            mid=mid,
            high=high,
            above=percent(float((values > 0).mean())),
        )

    def _leading(self, arm: str, outcome: str) -> str:
        result = self.results[arm, outcome]
        short = short_names(self.finished.study.factors)
        real = result.table[result.table["factor"] != DUMMY]
        told = real[~real["below_dummy"]].sort_values(result.main, ascending=False)
        names = [
            text(
                "study.sensitivity.one",
                factor=factor_words(short[row["factor"]]),
                index=f"{row[result.main]:.2f}",
                low=f"{row['low_design']:.2f}",
                high=f"{row['high_design']:.2f}",
            )
            for _, row in told.head(LEADING).iterrows()
        ]
        key = "leading" if names else "nothing"
        return text(
            f"study.sensitivity.{key}",
            index=text(f"study.index.{result.main}"),
            names=listed(names),
            all=len(real),
            below=int(real["below_dummy"].sum()),
        )

    def _noise(self, arm: str, outcome: str) -> str:
        result, seeds = self.results[arm, outcome], self.finished.job.seeds
        if seeds == 1:
            return text("study.sensitivity.one_seed")
        shares = {"one": percent(result.seeds_share_of_one_run), "mean": percent(result.seed_share)}
        return text("study.sensitivity.noise", seeds=seeds, **shares)

    def _overlapping(self, result: Result) -> tuple[str, str] | None:
        """Two of the leading factors, one behind the other, whose intervals over the design overlap."""
        told = result.table[~result.table["below_dummy"]].sort_values(result.main, ascending=False).head(TOP)
        for first, second in pairwise(rows_of(told)):
            if second.high_design > first.low_design:
                return first.factor, second.factor
        return None

    def _convergence(self, arm: str, outcome: str) -> str:
        result = self.results[arm, outcome]
        key = "converged" if result.converged else "not_converged"
        if (~result.table[result.table["factor"] != DUMMY]["below_dummy"]).sum() < FEWEST_IN_ORDER:
            key = "no_order"  # of parameters that are not told apart from the dummy
        elif result.converged and (pair := self._overlapping(result)):
            short = short_names(self.finished.study.factors)
            first, second = (factor_words(short[name]) for name in pair)
            size = 2 * self.finished.study.design.size
            return text("study.sensitivity.overlapping", first=first, second=second, size=size)
        change = f"{result.largest_change:.2f}"
        return text(f"study.sensitivity.{key}", change=change, size=2 * self.finished.study.design.size)

    def sections(self) -> list[str]:
        return [
            block
            for (arm, outcome), result in self.results.items()
            for block in (
                text(
                    "study.sensitivity.heading",
                    arm=arm_words(arm),
                    measure=measure_words(outcome),
                ),
                self._table(result),
            )
        ] + [text("study.sensitivity.note")]

    def _table(self, result: Result) -> str:
        numbers = [name for name in result.table.columns if name not in ("factor", "below_dummy")]
        ordered = result.table.sort_values(result.main, ascending=False, kind="stable")
        header = [text("study.column.factor")]
        header += [text(f"study.index.{name}") for name in numbers]
        header.append(text("study.column.below_dummy"))
        return table(
            header,
            [
                [
                    text("study.dummy") if row["factor"] == DUMMY else f"`{row['factor']}`",
                    *("-" if not np.isfinite(row[name]) else f"{row[name]:.3f}" for name in numbers),
                    text("study.yes") if row["below_dummy"] else "",
                ]
                for _, row in ordered.iterrows()
            ],
        )
