"""Effects, contrasts and ratios over plausible worlds as data frames.

Of a run of one world alone (`central`) there is no range over worlds: `low` and `high` are the 95% interval over its
seeds, as `spread` says, and the verdict is `one_world`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis.effects import policy_arms
from clustersim.analysis.intervals import Interval, mean_interval
from clustersim.analysis.paired import paired_effects
from clustersim.analysis.worlds.quantiles import effective_size, weighted_quantiles
from clustersim.analysis.worlds.ranking import Ranking
from clustersim.analysis.worlds.simulation import SimulationError, simulation_errors
from clustersim.analysis.worlds.spread import RANGE, Spread, spread
from clustersim.analysis.worlds.verdicts import Verdict, verdict
from clustersim.analysis.worlds.weights import ByWorld, WorldWeights, by_world
from clustersim.arrays import Array
from clustersim.measures import Measure
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.parameters import Values
from clustersim.spec.results import EQUAL_MONEY

COLUMNS = (
    *("measure", "unit", "effect_unit", "kind", "headline", "baseline", "level", "effect", "low", "high", "spread"),
    *("chance_above", "chance_within", "chance_below", "luck_low", "luck_high", "simulation_error", "noise"),
    *("worlds", "effective_worlds", "seeds", "margin", "verdict"),
)


def margins(measures: Iterable[Measure], parameters: Values) -> dict[str, float]:
    """Margin of practical difference of each measure that has one."""
    return {one.name: float(getattr(parameters, one.margin)) for one in measures if one.margin}


def effects_over_worlds(
    values: pd.DataFrame, measures: Sequence[Measure], margins: Mapping[str, float], weights: WorldWeights
) -> pd.DataFrame:
    """Each arm against no_alliance in each measure.

    Args:
        values: index (arm, seed), a column for each measure. margins: of the measures that are given a verdict.
        weights: of the worlds whose histories the seeds are.

    Returns:
        A row for each (arm, measure). `baseline`, `level`: mean over worlds of the twin and of the arm, in `unit`. In
        `effect_unit`: `effect`, the median over worlds of the mean effect in each; `low`, `high`: 5% and 95% of them,
        the noise of their seeds taken off; `luck_low`, `luck_high`: 5% and 95% of single histories;
        `simulation_error` of `effect`; `margin`, NaN where none is given. Shares of the worlds by weight:
        `chance_above`: better by more than the margin (0 where there is none; more is better where the measure says
        neither), `chance_below`: worse by more, `chance_within`: neither. `noise`: share of the variance of world means
        that is noise of the seeds, NaN where no world has two: the range holds it then. `worlds`: in which the effect
        is defined; `effective_worlds`: equally weighted ones that tell as much; `seeds`: histories behind all.
        `spread`: what `low` and `high` are over, "worlds" or "seeds". `verdict`: see `verdicts`, "" without a margin.
    """
    pairs = [(arm, NO_ALLIANCE) for arm in policy_arms(values)]
    return compare_over_worlds(values, pairs, measures, margins, weights)


def contrasts_over_worlds(
    values: pd.DataFrame, measures: Sequence[Measure], margins: Mapping[str, float], weights: WorldWeights
) -> pd.DataFrame:
    """Each pair of policy arms with the same kind of budget, the later in the scenario against the earlier; columns as
    `effects_over_worlds`."""
    pairs = [
        (arm, against)
        for against, arm in combinations(policy_arms(values), 2)
        if arm.endswith(EQUAL_MONEY) == against.endswith(EQUAL_MONEY)
    ]
    return compare_over_worlds(values, pairs, measures, margins, weights)


RANKING_COLUMNS = (
    *("equal_money", "measure", "arm", "chance_best", "chance_near_best", "shortfall", "leader", "same_as"),
    *("worlds", "effective_worlds", "verdict"),
)


def ranking_over_worlds(
    values: pd.DataFrame, measures: Sequence[Measure], margins: Mapping[str, float], weights: WorldWeights
) -> pd.DataFrame:
    """Which arm is best, no_alliance included, among arms with the same kind of budget.

    Returns:
        A row for each (kind of budget, measure, arm). `chance_best`: share of the worlds in which the arm is best; ties
        share equally. `chance_near_best`: in which it falls behind the best by no more than the margin. `shortfall`: by
        how much it falls behind on average, in `effect_unit`. `leader`: the arm that is most often best, with those
        that do the same. `same_as`: the first arm that does the same in every history, "" for most. `verdict`: how sure
        it is that the leader is best; see `verdicts.Lead`.
    """
    runs = by_world(values, [measure.name for measure in measures], weights)
    frames = []
    for equal_money in (False, True):
        arms = [arm for arm in policy_arms(values) if arm.endswith(EQUAL_MONEY) == equal_money]
        arms = [NO_ALLIANCE, *arms] if arms else []
        for place, measure in enumerate(measures):
            if arms:
                found = _ranking(runs, arms, place, measure, margins.get(measure.name, 0.0))
                frames.append(_ranked(found, arms).assign(equal_money=equal_money, measure=measure.name))
    if not frames:
        return pd.DataFrame(columns=list(RANKING_COLUMNS))
    ranked = pd.concat(frames, ignore_index=True)[list(RANKING_COLUMNS)]
    return ranked.assign(chance_best=np.nan, chance_near_best=np.nan) if weights.is_central else ranked


def _ranking(runs: ByWorld, arms: list[str], place: int, measure: Measure, margin: float) -> Ranking:
    levels = runs.of(arms)[:, place]
    effects = paired_effects(levels, levels[:1], np.asarray(measure.kind == "percent of twin"))
    return Ranking(-effects if measure.better < 0 else effects, runs.weights, margin)


def _ranked(found: Ranking, arms: list[str]) -> pd.DataFrame:
    same = [arms[first] if first != own else "" for own, first in enumerate(found.same_as)]
    return pd.DataFrame(
        {
            "arm": arms,
            "chance_best": found.chances,
            "chance_near_best": found.chances_near_best,
            "shortfall": found.shortfall,
            "leader": np.array(found.same_as) == found.same_as[found.leader],
            "same_as": same,
            "worlds": len(found.means.weights),
            "effective_worlds": effective_size(found.means.weights),
            "verdict": str(found.verdict),
        }
    )


def compare_over_worlds(
    values: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    measures: Sequence[Measure],
    margins: Mapping[str, float],
    weights: WorldWeights,
) -> pd.DataFrame:
    """Some arms against others; see `effects_over_worlds`."""
    runs = by_world(values, [measure.name for measure in measures], weights)
    own, twin = (runs.of([pair[side] for pair in pairs]) for side in (0, 1))
    found = compared(own, twin, measures, margins, runs.weights, is_central=weights.is_central)
    names = np.repeat(np.array(pairs, dtype=object).reshape(-1, 2), len(measures), axis=0)
    return pd.concat([pd.DataFrame(names, columns=["arm", "against"]), found], axis=1)


def compared(
    own: Array,
    twin: Array,
    measures: Sequence[Measure],
    margins: Mapping[str, float],
    weights: Array,
    *,
    is_central: bool,
) -> pd.DataFrame:
    """A row (`COLUMNS`) for each (comparison, measure).

    Args:
        own, twin: (comparisons, measures, worlds, histories), of the same seeds. weights: (worlds,).
    """
    percent = np.array([measure.kind == "percent of twin" for measure in measures])[:, None, None]
    effects = paired_effects(own, twin, percent)
    margin = np.array([margins.get(measure.name, np.nan) for measure in measures])
    margin = np.broadcast_to(margin, effects.shape[:2])
    less = np.array([measure.better < 0 for measure in measures])
    columns = {
        **_about(measures, len(own)),
        "baseline": _mean(twin, weights),
        "level": _mean(own, weights),
        **(_of_one_world(effects, margin) if is_central else _of_worlds(effects, margin, weights, less)),
        "seeds": np.isfinite(effects).sum(axis=(-1, -2)),
        "margin": margin,
    }
    flat = {name: np.asarray(column).reshape(-1) for name, column in columns.items()}
    return pd.DataFrame(flat, columns=list(COLUMNS))


def _about(measures: Sequence[Measure], comparisons: int) -> dict[str, Array]:
    names = ("unit", "effect_unit", "kind", "headline")
    told = {"measure": [one.name for one in measures]} | {
        name: [getattr(one, name) for one in measures] for name in names
    }
    return {name: np.tile(np.array(column), comparisons) for name, column in told.items()}


def _mean(values: Array, weights: Array) -> Array:
    """Mean over worlds of the mean of the histories that are defined, (...); NaN without any."""
    there = np.isfinite(values)
    number = there.sum(axis=-1)
    means = np.where(there, values, 0.0).sum(axis=-1) / np.maximum(number, 1)
    whole = (number > 0) @ weights
    return means @ weights / np.where(whole > 0, whole, np.nan)


def _of_worlds(effects: Array, margin: Array, weights: Array, less: Array) -> dict[str, Any]:
    """`less`: (measures,), where less is better."""
    found, errors = spread(effects, margin, weights), simulation_errors(effects, margin, weights)
    above, below = np.where(less, found.below, found.above), np.where(less, found.above, found.below)
    return {
        "effect": found.central,
        "low": found.low,
        "high": found.high,
        "spread": np.full(margin.shape, "worlds"),
        "chance_above": above,
        "chance_within": found.within,
        "chance_below": below,
        "luck_low": found.luck_low,
        "luck_high": found.luck_high,
        "simulation_error": errors.central,
        "noise": found.noise,
        "worlds": np.isfinite(found.means).sum(axis=-1),
        "effective_worlds": found.worlds,
        "verdict": _verdicts(found, errors, margin, less),
    }


def _verdicts(found: Spread, errors: SimulationError, margin: Array, less: Array) -> Array:
    """Of each (comparison, measure), "" where it has no margin."""
    said = np.full(margin.shape, "", dtype=object)
    for place in zip(*np.nonzero(np.isfinite(margin)), strict=True):
        above, within, below = (one[place] for one in (found.above, found.within, found.below))
        of_above, of_within, of_below = (one[place] for one in (errors.above, errors.within, errors.below))
        if less[place[-1]]:
            above, below, of_above, of_below = below, above, of_below, of_above
        said[place] = str(verdict(above, within, below, found.worlds[place], (of_above, of_within, of_below)))
    return said


def _of_one_world(effects: Array, margin: Array) -> dict[str, Any]:
    rows = effects.reshape(-1, effects.shape[-2] * effects.shape[-1])
    intervals = [mean_interval(row[np.isfinite(row)]) for row in rows]
    luck_low, luck_high = weighted_quantiles(rows, np.ones(rows.shape[-1]), RANGE)
    unknown = np.full(len(rows), np.nan)
    return {
        "effect": _each(intervals, "mean"),
        "low": _each(intervals, "low"),
        "high": _each(intervals, "high"),
        "spread": np.full(len(rows), "seeds"),
        **{f"chance_{side}": unknown for side in ("above", "within", "below")},
        "luck_low": luck_low,
        "luck_high": luck_high,
        "simulation_error": _each(intervals, "standard_error"),
        "noise": unknown,
        "worlds": np.ones(len(rows), dtype=int),
        "effective_worlds": np.ones(len(rows)),
        "verdict": np.where(np.isfinite(margin), str(Verdict.ONE_WORLD), ""),
    }


def _each(intervals: Iterable[Interval], name: str) -> Array:
    return np.array([getattr(interval, name) for interval in intervals])
