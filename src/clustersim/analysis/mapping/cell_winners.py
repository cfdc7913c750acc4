"""In each cell of a grid of parameters: which policy has the best mean effect, and how certain this is.

Doing nothing (no_alliance) is a contestant whose effect is 0 in every seed. All contestants share their seeds, so
every comparison is paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim.analysis.intervals import student_quantile
from clustersim.arrays import Array
from clustersim.scenario.model import NO_ALLIANCE

RESAMPLES = 2000
CELLS_AT_ONCE = 64  # bounds the memory of the resampled means
FLIP_COLUMNS = ("x", "y", "to_x", "to_y", "winner", "other")


def winners(effects: Array, arms: Sequence[str], margin: float, better: int = 1) -> pd.DataFrame:
    """The winner of each cell.

    Args:
        effects: (cells, arms, seeds), against no_alliance in the same seed.
        arms: their names, without no_alliance.
        margin: margin of practical difference in the unit of the effects, 0 or more.
        better: 1 where more is better, -1 where less is.

    Returns:
        A row for each cell. `winner`, `second`: the contestants with the best and the second best mean; of equal
        ones the first, no_alliance before all. `effect`: the winner's mean effect, in the unit and sign of the
        effects. `lead`: by how much the winner is better than the second, 0 or more; `low`, `high`: its 95%
        interval over seeds (Student's t), NaN with one seed. `confidence`: share of 2,000 resamples of the seeds
        (the same in all cells) in which the winner is the best of all contestants, equals sharing; NaN with one
        seed. `decided`: low > 0. `matters`: lead > margin.

        The winner is chosen by the same seeds that its lead is measured on, so where contestants are about
        equal, leads are somewhat too large and confidence is above what a fresh set of seeds would give.

    Raises:
        ValueError: shapes or names do not fit, there are no seeds, or an effect is missing.
    """
    contestants = [NO_ALLIANCE, *arms]
    _check(effects, arms, better)
    values = better * _with_nothing(effects)
    cells, seeds = np.arange(len(values)), values.shape[2]
    means = values.mean(axis=2)
    order = np.argsort(-means, axis=1, kind="stable")
    first, second = order[:, 0], order[:, 1]
    difference = values[cells, first] - values[cells, second]
    lead = difference.mean(axis=1)
    half = _half_width(difference)
    return pd.DataFrame(
        {
            "winner": np.array(contestants)[first],
            "second": np.array(contestants)[second],
            "effect": better * means[cells, first],
            "lead": lead,
            "low": lead - half,
            "high": lead + half,
            "confidence": _confidence(values, first) if seeds > 1 else np.nan,
            "decided": lead - half > 0,
            "matters": lead > margin,
        }
    )


def _check(effects: Array, arms: Sequence[str], better: int) -> None:
    if effects.ndim != 3 or effects.shape[1] != len(arms) or not len(arms) or not effects.shape[2]:
        raise ValueError(f"effects have the shape {effects.shape}, not (cells, {len(arms)} arms, seeds)")
    if NO_ALLIANCE in arms or len(set(arms)) < len(arms):
        raise ValueError(f"arms must be named once each, without {NO_ALLIANCE}: {list(arms)}")
    if better not in (1, -1):
        raise ValueError(f"better must be 1 or -1, not {better}")
    missing = np.argwhere(~np.isfinite(effects))
    if missing.size:
        cell, arm, seed = missing[0]
        raise ValueError(f"cell {cell}, seed {seed}: the effect of {arms[arm]!r} is missing")


def _with_nothing(effects: Array) -> Array:
    """With the effects of no_alliance, all 0, as the first contestant."""
    return np.concatenate([np.zeros_like(effects[:, :1], dtype=np.float64), effects], axis=1)


def _half_width(difference: Array) -> Array:
    """Half of the 95% interval of the mean of each row (cells, seeds); NaN with one seed."""
    cells, seeds = difference.shape
    if seeds < 2:
        return np.full(cells, np.nan)
    return student_quantile(seeds - 1) * difference.std(axis=1, ddof=1) / np.sqrt(seeds)


def _confidence(values: Array, winner: Array) -> Array:
    """Share of the resamples in which the winner (cells,) is best of the values (cells, contestants, seeds)."""
    weights = _resampling_weights(values.shape[2])
    shares = [_share_won(values[rows] @ weights, winner[rows]) for rows in _parts(len(values))]
    return np.concatenate(shares) if shares else np.empty(0)


def _parts(cells: int) -> Iterator[slice]:
    for start in range(0, cells, CELLS_AT_ONCE):
        yield slice(start, start + CELLS_AT_ONCE)


def _resampling_weights(seeds: int) -> Array:
    """Weights of the seeds in the mean of each resample, (seeds, resamples).

    A resample of n varies too little, by the factor (n - 1) / n; its distance from the mean is widened by that, so
    that few seeds do not look surer than they are.
    """
    generator = np.random.Generator(np.random.Philox(seeds))
    counts = generator.multinomial(seeds, np.full(seeds, 1.0 / seeds), size=RESAMPLES).T
    return (1.0 + (counts - 1.0) * np.sqrt(seeds / (seeds - 1.0))) / seeds


def _share_won(means: Array, winner: Array) -> Array:
    """Of means (cells, contestants, resamples): share of the resamples that the winner leads; equals share."""
    is_best = means == means.max(axis=1, keepdims=True)
    won = is_best[np.arange(len(means)), winner] / is_best.sum(axis=1)
    return won.mean(axis=1)


def flips(winner: Array) -> pd.DataFrame:
    """Neighbouring cells with different winners.

    Args:
        winner: names, (x, y).

    Returns:
        A row for each such pair: `x`, `y` and `to_x`, `to_y` (the neighbour, one step up in x or in y), `winner`
        and `other` (the neighbour's).
    """
    if winner.ndim != 2:
        raise ValueError(f"winners have the shape {winner.shape}, not (x, y)")
    found = []
    for step_x, step_y in ((1, 0), (0, 1)):
        here = winner[: winner.shape[0] - step_x, : winner.shape[1] - step_y]
        there = winner[step_x:, step_y:]
        x, y = np.nonzero(here != there)
        columns = (x, y, x + step_x, y + step_y, here[x, y], there[x, y])
        found.append(pd.DataFrame(dict(zip(FLIP_COLUMNS, columns, strict=True))))
    return pd.concat(found).sort_values(["x", "y", "to_x"], ignore_index=True)


@dataclass(frozen=True)
class FlipSummary:
    """Whether the winner changes over a map.

    Attributes:
        flips: more than one contestant wins a cell.
        flips_decided: more than one wins a decided cell.
        cells, decided_cells: their numbers.
        shares: a row for each contestant: `arm`, `share` of all cells that it wins, `share_decided` of the decided
            cells (NaN where none is decided); most cells first.
    """

    flips: bool
    flips_decided: bool
    cells: int
    decided_cells: int
    shares: pd.DataFrame


def flip_summary(winner: Array, decided: Array, arms: Sequence[str] = ()) -> FlipSummary:
    """The summary of a map's winners.

    Args:
        winner: names, any shape.
        decided: bool, of the same shape.
        arms: contestants that get a row even if they win nowhere.
    """
    names, sure = np.ravel(winner), np.ravel(decided).astype(bool)
    listed = list(dict.fromkeys([*arms, *sorted(set(names.tolist()))]))
    won = np.array([names == name for name in listed]).reshape(len(listed), -1)
    cells, known = len(names), int(sure.sum())
    shares = pd.DataFrame(
        {
            "arm": listed,
            "share": won.sum(axis=1) / cells if cells else np.nan,
            "share_decided": won[:, sure].sum(axis=1) / known if known else np.nan,
        }
    )
    return FlipSummary(
        flips=len(set(names.tolist())) > 1,
        flips_decided=len(set(names[sure].tolist())) > 1,
        cells=cells,
        decided_cells=known,
        shares=shares.sort_values("share", ascending=False, kind="stable", ignore_index=True),
    )
