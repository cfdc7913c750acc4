"""The assumption range of a run: its effects over the ranges of all numbers that are not evidence.

It stands beside the sampling interval and is never mixed with it: seeds say how precisely an effect is computed at the
values of the scenario, the range says what else it could be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis import study_outcomes
from clustersim.analysis.findings.common import spread
from clustersim.analysis.rank_correlation import rank_correlations
from clustersim.analysis.tornado import tornado
from clustersim.arrays import Array
from clustersim.engines.arms import arms_of, reserve_rows
from clustersim.errors import InputError
from clustersim.execution.budget import with_budget
from clustersim.execution.factors import Factor, uncertain
from clustersim.execution.job import Job
from clustersim.execution.size import BLOCK_ROWS
from clustersim.measures import MEASURES, headline
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.factor_words import factor_words, short_names
from clustersim.reports.markdown import heading, rows_of, table
from clustersim.reports.wording import arm_words, effect_quantity, listed, measure_words, percent
from clustersim.scenario import with_changes
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.spec.parameters import Scalar
from clustersim.spec.results import EQUAL_MONEY
from clustersim.storage.folder import StudyFolder
from clustersim.studies.designs import latin_hypercube

STATUSES = ("assumption", "literature", "fitted")  # what a number may rest on and still be uncertain
POINTS = 64
FEWEST_POINTS = 8  # below, 5% and 95% would say nothing
WORLDS = 8  # months and counts of instruments take so many combinations: each needs a world of its own
MOVERS = 3


def default_points(scenario: Scenario, seeds: int) -> int:
    """As many points as fill a block, or as there are seeds, at most 64: the range costs about as much as the run."""
    ready = with_budget(scenario)
    rows = len(arms_of(ready)) * (ready.population.firms + reserve_rows([ready]))
    return min(POINTS, max(seeds, BLOCK_ROWS["batch"] // rows))


def assumption_job(scenario: Scenario, points: int, seeds: int) -> Job | None:
    """The points of the range, on the first ceil(seeds / 64) seeds; None where nothing is uncertain or has an effect.

    Numbers that one world can hold vary from point to point, months and counts of instruments from world to world.
    Points that no scenario can be are left out: where staff alone cost more than the sum that all arms are to have. If
    hardly any are left so, arms are run at their own cost only.
    """
    if points < 1:
        return None
    job = _job(scenario, points, seeds)
    if job is not None and len(job.points) < min(points, FEWEST_POINTS) and scenario.budget != "own":
        job = _job(with_changes(scenario, {"budget": "own"}), points, seeds)
    return job


def _job(scenario: Scenario, points: int, seeds: int) -> Job | None:
    factors = uncertain(scenario, STATUSES)
    arms = tuple(policy.name for policy in with_budget(scenario).policies if policy.name != NO_ALLIANCE)
    if not factors or not arms:
        return None
    job = Job(
        scenario=scenario,
        kind="outcomes",
        factors=tuple(factors),
        points=_split_plot(factors, points),
        arms=arms,
        outcomes=tuple(measure.name for measure in headline()),
        seeds=math.ceil(seeds / POINTS),
    )
    possible = tuple(values for number, values in enumerate(job.points) if _is_possible(job, number))
    return replace(job, points=possible) if possible else None


def _is_possible(job: Job, point: int) -> bool:
    try:
        job.point(point)
    except InputError:
        return False
    return True


def _split_plot(factors: list[Factor], points: int) -> tuple[tuple[Scalar, ...], ...]:
    """A Latin hypercube over points for some factors, and one over worlds for the others."""
    worlds = min(WORLDS, points)
    fine = latin_hypercube(points, len(factors))
    coarse = latin_hypercube(worlds, len(factors))[np.arange(points) % worlds]
    columns = [factor.at((fine if factor.together else coarse)[:, number]) for number, factor in enumerate(factors)]
    return tuple(zip(*columns, strict=True))


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
    """

    job: Job
    folder: StudyFolder
    asked: int

    @cached_property
    def _runs(self) -> pd.DataFrame:
        return study_outcomes.outcomes(self.job, self.folder)

    @cached_property
    def _effects(self) -> dict[str, Array]:
        """Measure -> (points, arms, seeds)."""
        return {name: study_outcomes.effects(self.job, self._runs, name) for name in self.job.outcomes}

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
        """What the effect of an arm hangs on; see `analysis.tornado`.

        Left out are numbers of other arms, and months and counts: these take a few combinations only, and what one of
        them does cannot be told from another.
        """
        effects = self._effects[measure][:, self.job.arms.index(arm)].mean(axis=1)
        names = [factor.name for factor in self.job.factors]
        found = tornado(names, np.array(self.job.points, dtype=np.float64), effects)
        told = [factor.name for factor in self.job.factors if factor.together and _concerns(factor, arm)]
        return found[found["parameter"].isin(told)].reset_index(drop=True)

    @cached_property
    def swings(self) -> pd.DataFrame:
        """`tornado` of the output of each arm at its own cost, behind the columns `arm` and `measure`."""
        tables = [
            self.tornado(arm, "output").assign(arm=arm, measure="output") for arm in self.job.arms if not _kind(arm)
        ]
        found = pd.concat(tables, ignore_index=True)
        return found[["arm", "measure", *found.columns.drop(["arm", "measure"])]]

    @cached_property
    def table(self) -> pd.DataFrame:
        rows = [self._row(arm, number, name) for number, arm in enumerate(self.job.arms) for name in self.job.outcomes]
        return pd.DataFrame(rows)

    def _row(self, arm: str, number: int, name: str) -> dict[str, Any]:
        effects, better = self._effects[name], MEASURES[name].better or 1
        means = better * effects.mean(axis=2)
        rivals = [place for place, other in enumerate(self.job.arms) if _kind(other) == _kind(arm)]
        best = (means[:, number] > 0) & (means[:, number] >= means[:, rivals].max(axis=1))
        low, mid, high = spread(effects[:, number].mean(axis=1))
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

    def sentences(self, effects: pd.DataFrame) -> list[str]:
        """What the range is, one sentence for each arm, and which effects of the run lie outside of it.

        Args:
            effects: `Estimates.effects` of the run.
        """
        short = short_names(self.job.factors)
        numbers = {"points": len(self.job.points), "parameters": len(self.job.factors)}
        seeds = wording.seeds(self.job.seeds)
        first = text("assumptions.first", **numbers, seeds=seeds)
        said = [self._sentence(arm, short) for arm in self.job.arms]
        return [first, *said, *self._outside(effects), *self._impossible()]

    def _impossible(self) -> list[str]:
        left_out = self.asked - len(self.job.points)
        return [text("assumptions.impossible", number=left_out, asked=self.asked)] if left_out else []

    def _outside(self, effects: pd.DataFrame) -> list[str]:
        """A scenario may stand in a corner of what is plausible; then its effects need not lie in their range."""
        both = self.table.merge(effects, on=["arm", "measure"])
        beyond = both[(both["effect"] < both["range_low"]) | (both["effect"] > both["range_high"])]
        told = [
            text(
                "assumptions.outside_one",
                arm=arm_words(row.arm),
                measure=measure_words(row.measure),
                effect=effect_quantity(row.effect, MEASURES[row.measure]),
            )
            for row in rows_of(beyond)
        ]
        seeds = wording.seeds(self.job.seeds)
        return [text("assumptions.outside", effects=listed(told), seeds=seeds)] if told else []

    def _sentence(self, arm: str, short: dict[str, str]) -> str:
        """The range in each headline measure; on output how often the arm is better and best, and what moves it."""
        rows = {row.measure: row for row in rows_of(self.table[self.table["arm"] == arm])}
        output = rows["output"]
        movers = [factor_words(short[name]) for name in output.movers.split(", ") if name]
        key = "moved" if movers else "moved_by_none"
        return text(
            "assumptions.sentence",
            arm=wording.arm_name(arm),
            ranges=listed([_range_words(row) for row in rows.values()]),
            positive=percent(output.share_positive),
            best=percent(output.share_best),
            moved=text(f"assumptions.{key}", names=listed(movers)),
        )

    def section(self) -> list[str]:
        """Blocks of the report."""
        header = [text(f"study.column.{name}") for name in COLUMNS]
        cells = [self._cells(row) for row in rows_of(self.table)]
        return [
            heading("assumption_range"),
            text("assumptions.note", points=len(self.job.points), parameters=len(self.job.factors),
                 seeds=wording.seeds(self.job.seeds)),
            table(header, cells),
        ]  # fmt: skip

    def _cells(self, row: Any) -> list[str]:
        short = short_names(self.job.factors)
        movers = [name for name in row.movers.split(", ") if name]
        measure = MEASURES[row.measure]
        numbers = (row.range_low, row.range_mid, row.range_high)
        return [
            arm_words(row.arm),
            measure_words(row.measure),
            *(effect_quantity(value, measure) for value in numbers),
            percent(row.share_positive),
            percent(row.share_best),
            percent(row.noise),
            listed([factor_words(_of_arm(short[name], row.arm)) for name in movers]) or "-",
        ]


COLUMNS = ("arm", "measure", "range_low", "range_mid", "range_high", "share_positive", "share_best", "noise", "movers")


def _range_words(row: Any) -> str:
    """`output +1.4% to +14.5%`."""
    measure = MEASURES[row.measure]
    low, high = (effect_quantity(value, measure) for value in (row.range_low, row.range_high))
    return text("assumptions.range", measure=measure_words(row.measure), low=low, high=high)


def _concerns(factor: Factor, arm: str) -> bool:
    """Whether a number is the model's or the arm's own; equal money hangs on the costs of all arms."""
    own = ("parameters.", f"policies.{arm}.")
    return arm.endswith(EQUAL_MONEY) or any(path.startswith(own) for path in factor.paths)


def _of_arm(name: str, arm: str) -> str:
    """A factor's name in a row that names the arm already."""
    return name.removeprefix(f"policies.{arm}.")


def _kind(arm: str) -> bool:
    return arm.endswith(EQUAL_MONEY)


def _noise(effects: Array) -> float:
    """Share of the variance of the mean over points that other seeds would change; NaN with one seed or point."""
    points, seeds = effects.shape
    if points < 2:
        return math.nan
    total = float(effects.mean(axis=1).var(ddof=1))
    if seeds < 2 or total == 0:
        return math.nan
    # What all points share of a seed's luck moves them alike, and is no spread over points.
    own = effects - effects.mean(axis=0)
    return min(1.0, float(own.var(axis=1, ddof=1).mean()) / seeds / total)
