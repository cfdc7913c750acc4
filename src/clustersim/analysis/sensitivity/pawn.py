"""PAWN: how far the distribution of y moves when one factor is held in a slice of its range.

The range of a factor is cut into `SLICES` slices with equally many points. The distance of a slice is the largest
gap between the distribution of the seed means in the slice and in the whole sample (Kolmogorov-Smirnov); `median`
and `maximum` are over the slices. Pianosi and Wagener (2018, Environ. Model. Softw. 108:197). As in SALib, save
that its last slice leaves out the largest point.

Slices are finite, so a factor without effect has a distance above 0, about 0.8 / sqrt(points in a slice). The dummy
shows it; it is larger in the half of a design than in the whole. How much of an index is seed noise is not known
(NaN): noise that is the same in every slice widens all distributions alike.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from clustersim.analysis.sensitivity.design import SLICES, Design
from clustersim.analysis.sensitivity.resampling import interval, no_interval, weights
from clustersim.analysis.sensitivity.seeds import FEWEST_SEEDS
from clustersim.arrays import Array

MAIN = "median"
COLUMNS = (
    *("factor", "median", "maximum"),
    *("low_design", "high_design", "low_seeds", "high_seeds"),
    *("noise", "below_dummy"),
)


def sample(_design: Design, y: Array) -> Array:
    """The rows of y that sample the unit cube: all."""
    return y


def table(design: Design, y: Array) -> pd.DataFrame:
    """Indices of each factor; y (rows, seeds) must be finite."""
    members = _members(design.unit)
    means = y.mean(axis=1)
    distance = _distances(members, means)
    median = np.median(distance, axis=1)
    seeds = y.shape[1]
    over_design = _medians(_distances(members, means, share) for share in weights(design.size))
    low_design, high_design = interval(median, over_design, design.size, floor=0.0)
    low_seeds, high_seeds = no_interval(len(median))
    if seeds >= FEWEST_SEEDS:
        over_seeds = _medians(_distances(members, y @ share) for share in weights(seeds))
        low_seeds, high_seeds = interval(median, over_seeds, seeds, floor=0.0)
    frame = {
        "factor": list(design.factors),
        "median": median,
        "maximum": distance.max(axis=1),
        "low_design": low_design,
        "high_design": high_design,
        "low_seeds": low_seeds,
        "high_seeds": high_seeds,
        "noise": np.full(len(median), np.nan),
    }
    return pd.DataFrame(frame).assign(below_dummy=below_dummy(median, over_design, design.size))


def below_dummy(median: Array, resampled: Array, points: int) -> Array:
    """Whether each factor cannot be told apart from the dummy, shape (factors,).

    The lower end (design) of what a factor's median has above the dummy's must be above 0, both from the same
    resample. Two intervals that do not touch would be asking more: in a check with 300 points that rule told an
    influential factor apart in 17% of repeats and this one in 45%; of factors without effect 0% and 2% passed.
    Seeds are not asked: a factor that reshuffles y without moving its distribution has the dummy's distances.

    Args:
        median: shape (factors,).
        resampled: the same for each resample of the points, (resamples, factors).
        points: how many points were resampled.
    """
    low, _ = interval(median - median[-1], resampled - resampled[:, -1:], points)
    return np.asarray(~(low > 0))


def _members(unit: Array) -> Array:
    """1.0 where a point is in a slice, shape (points, factors, SLICES)."""
    rank = unit.argsort(axis=0, kind="stable").argsort(axis=0)
    return np.asarray((rank * SLICES // len(unit))[..., None] == np.arange(SLICES), dtype=float)


def _distances(members: Array, values: Array, share: Array | None = None) -> Array:
    """Largest gap between a slice's distribution and the whole one, shape (factors, SLICES).

    Args:
        members: as of `_members`.
        values: shape (points,).
        share: weight of each point, shape (points,); equal if None. An emptied slice has the distance NaN.
    """
    order = np.argsort(values, kind="stable")
    weight = np.full(len(values), 1 / len(values)) if share is None else share[order]
    last = np.append(np.diff(values[order]) > 0, True)  # equal values are passed in one step
    whole = weight.cumsum()[last]
    parts = (members[order] * weight[:, None, None]).cumsum(axis=0)
    held = parts[-1]
    filled = np.where(held > 0, held, np.nan)
    return np.asarray(np.abs(parts[last] / filled - whole[:, None, None]).max(axis=0))


def _medians(distances: Iterable[Array]) -> Array:
    """Median over the slices of each resample, (resamples, factors)."""
    return np.asarray(np.nanmedian(np.stack(list(distances)), axis=2))
