"""What targets leave of the prior: approximate Bayesian computation on surfaces through a reference table.

The targets are taken as the model's mean plus an error of known size; then weights by the density of that error
are exact, not approximate (Wilkinson 2013). Three ways to use them were considered.

- Weighting the points of the table itself. Exact, but a few hundred points in seven dimensions leave a handful.
- That, and then moving the points along a local regression towards the targets (Beaumont, Zhang & Balding
  2002). It takes the kernel for a tuning width that should vanish, and takes its width out of the posterior. Here
  the width is the published error, so the ranges would be too narrow.
- Weighting a large cloud of prior points, whose means come from a surface through the table. That is what is
  done: the width of each kernel is the target's error and the surface's own error taken together. Where the
  surface is poor the width grows and the posterior returns to the prior.

The surface's error counts as independent between targets and alike everywhere; a sharp bend of the model makes the
ranges too narrow there and too wide elsewhere. The noise of the real world must be part of a target's error. Beyond
five widths a kernel is 0: where all points lie farther from a target there is no posterior, rather than the least
bad corner of the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from clustersim.analysis.calibration.surface import Emulator, emulator
from clustersim.analysis.calibration.targets import Target
from clustersim.analysis.rank_correlation import spearman
from clustersim.arrays import Array

POINTS_PER_PARAMETER = 10
IDENTIFIED_BELOW = 0.75  # share of the prior's nine tenths
CORRELATED_ABOVE = 0.5  # rank correlation
RELIABLE_FROM = 100.0  # effective points
ENOUGH_EFFECTIVE = 1000.0  # the cloud grows until then
CLOUD_BLOCK = 2**14
CLOUD_LIMIT = 2**18
WIDTHS = 5.0
INNER = 4000  # draws behind correlations and predictions
PERCENTILES = (5, 50, 95)
COLUMNS = tuple(f"{one}%" for one in PERCENTILES)


@dataclass(frozen=True)
class Posterior:
    """What the targets leave.

    Attributes:
        table: a row for each parameter: `parameter`, `prior_low`, `prior_high`, `5%`, `50%`, `95%` (posterior, NaN
            where there is none), `share` (5% to 95% as a share of nine tenths of the prior's range), `identified`
            (share below 0.75), `correlated_with` (the parameter with the largest rank correlation, if it is above
            0.5 in size; else "").
        effective: effective number of points of the cloud, 1 / sum of squared weights.
        draws: (draws, parameters), equally weighted; none where there is no posterior.
        reach: a row for each target: `target`, `value`, `error` and `tolerance` (one is NaN), `nearest` (the mean
            that comes nearest, simulated or on the surface), `at_best` (the mean at the simulated point with the
            least sum of squared misses over all targets), `5%`, `50%`, `95%` (of the mean over the posterior, by
            the surface and its error), `met` (whether some point meets it).
        can_be_met: whether some point, simulated or on the surface, meets all targets (two errors, or the
            tolerance).
        points_met: how many simulated points do.
    """

    table: pd.DataFrame
    effective: float
    draws: Array
    reach: pd.DataFrame
    can_be_met: bool
    points_met: int

    @property
    def reliable(self) -> bool:
        """Whether enough points carry the posterior; its percentiles are rough below 100."""
        return self.effective >= RELIABLE_FROM


def posterior(
    points: Array,
    means: Array,
    standard_errors: Array,
    targets: Sequence[Target],
    parameters: Sequence[str],
    low: Array,
    high: Array,
    *,
    draws: int = 200,
    seed: int = 0,
    same_seeds: bool = True,
) -> Posterior:
    """The posterior of the parameters under a uniform prior on low .. high.

    Args:
        points: (points, parameters), spread over the ranges; a Latin hypercube serves.
        means: (points, targets), over the seeds of each point.
        standard_errors: (points, targets), of these means; NaN where a point has one seed.
        low, high: (parameters,).
        draws: number of equally weighted draws to return.
        seed: of the draws; the same arguments give the same result.
        same_seeds: whether all points were simulated with the same seeds, as those of a study are.

    Raises:
        ValueError: shapes do not fit, names are doubled, a range is empty, a number is missing, a point lies
            outside the ranges, or there are fewer than 10 points a parameter.
    """
    points, means, standard_errors, low, high = (
        np.asarray(one, dtype=np.float64) for one in (points, means, standard_errors, low, high)
    )
    names = [target.name for target in targets]
    _check(points, means, standard_errors, names, list(parameters), low, high)
    model = emulator(points, means, standard_errors, low, high, same_seeds=same_seeds)
    cloud, surface, weights = _cloud(model, targets)
    generator = np.random.Generator(np.random.Philox(seed))
    inner, kept = (_resampled(cloud, weights, number, generator) for number in (INNER, draws))
    met_by = [np.array([target.met(one[:, place]) for place, target in enumerate(targets)]) for one in (means, surface)]
    return Posterior(
        table=_table(cloud, weights, inner, parameters, low, high),
        effective=float(1.0 / (weights**2).sum()) if weights.any() else 0.0,
        draws=kept,
        reach=_reach(means, surface, targets, np.hstack(met_by).any(axis=1), _predicted(model, inner, generator)),
        can_be_met=any(bool(one.all(axis=0).any()) for one in met_by),
        points_met=int(met_by[0].all(axis=0).sum()),
    )


def _check(
    points: Array, means: Array, errors: Array, targets: list[str], parameters: list[str], low: Array, high: Array
) -> None:
    number = len(points)
    shapes = {
        "points": (points, (number, len(parameters))),
        "means": (means, (number, len(targets))),
        "standard_errors": (errors, (number, len(targets))),
        "low": (low, (len(parameters),)),
        "high": (high, (len(parameters),)),
    }
    for name, (array, wanted) in shapes.items():
        if array.shape != wanted:
            raise ValueError(f"{name} has the shape {array.shape}, not {wanted}")
    for kind, names in (("parameter", parameters), ("target", targets)):
        if not names or len(set(names)) < len(names):
            raise ValueError(f"{kind}s must be named, each once: {names}")
    _finite(points, "parameter", parameters)
    _finite(means, "target", targets)
    if not np.all(low < high):
        raise ValueError(f"the range of {parameters[int(np.argmin(low < high))]!r} is empty")
    slack = 1e-9 * (high - low)
    outside = np.argwhere((points < low - slack) | (points > high + slack))
    if outside.size:
        raise ValueError(f"point {outside[0][0]} lies outside the range of {parameters[outside[0][1]]!r}")
    needed = POINTS_PER_PARAMETER * len(parameters)
    if number < needed:
        raise ValueError(f"{number} points are too few for {len(parameters)} parameters: {needed} are needed")


def _finite(numbers: Array, kind: str, names: Sequence[str]) -> None:
    missing = np.argwhere(~np.isfinite(numbers))
    if missing.size:
        point, place = missing[0]
        raise ValueError(f"point {point} has no finite number for the {kind} {names[place]!r}")


def _cloud(model: Emulator, targets: Sequence[Target]) -> tuple[Array, Array, Array]:
    """Prior points, their means on the surface, their weights (sum 1, or all 0); enough of them where possible."""
    from scipy.stats import qmc  # slow to import, and nothing before there are results needs it

    # Rotated by a fixed amount: the plain sequence begins in a corner of the ranges.
    generator = np.random.Generator(np.random.Philox(1))
    shift = generator.random(len(model.low))
    sequence = qmc.Sobol(len(model.low), scramble=False)
    points, surface = np.empty((0, len(model.low))), np.empty((0, len(targets)))
    number = CLOUD_BLOCK
    while True:
        for _ in range((number - len(points)) // CLOUD_BLOCK):
            unit = (sequence.random(CLOUD_BLOCK) + shift) % 1.0
            block = model.low + unit * (model.high - model.low)
            points, surface = np.vstack([points, block]), np.vstack([surface, model(block)])
        weights = _weights(surface, model.variance, targets)
        if number >= CLOUD_LIMIT or (weights.any() and (weights**2).sum() * ENOUGH_EFFECTIVE <= 1.0):
            return points, surface, weights
        number *= 2


def _weights(surface: Array, variance: Array, targets: Sequence[Target]) -> Array:
    """Product of the kernels, scaled to the sum 1; all 0 where every point is beyond the reach of a target."""
    log = sum(_log_kernel(surface[:, place], variance[place], target) for place, target in enumerate(targets))
    highest = np.max(log)
    if not np.isfinite(highest):
        return np.zeros(len(surface))
    weights = np.exp(log - highest)
    return weights / weights.sum()


def _log_kernel(surface: Array, variance: float, target: Target) -> Array:
    """Logarithm of the density of the target given the surface, up to a constant; (points,)."""
    away = np.abs(surface - target.value)
    if target.error is not None:
        width = np.sqrt(target.error**2 + variance)
        return np.where(away <= WIDTHS * width, -0.5 * (away / width) ** 2, -np.inf)
    spread = max(float(np.sqrt(variance)), 1e-9 * target.reach)  # a surface without error: the plain band
    inside = ndtr((target.reach - away) / spread) - ndtr((-target.reach - away) / spread)
    possible = away <= target.reach + WIDTHS * spread
    return np.where(possible, np.log(np.where(possible, inside, 1.0)), -np.inf)


def _resampled(cloud: Array, weights: Array, number: int, generator: np.random.Generator) -> Array:
    """Equally weighted draws by systematic resampling, in random order; none where there are no weights."""
    if not weights.any():
        return cloud[:0]
    # In random order: equal steps through the cloud's own order would meet its pattern and leave parts out.
    order = generator.permutation(len(cloud))
    places = (np.arange(number) + generator.random()) / number
    chosen = np.searchsorted(np.cumsum(weights[order]), places).clip(max=len(cloud) - 1)
    return cloud[order[chosen]]


def _table(
    cloud: Array, weights: Array, inner: Array, parameters: Sequence[str], low: Array, high: Array
) -> pd.DataFrame:
    found = np.array([_percentiles(cloud[:, place], weights) for place in range(len(low))])
    nine_tenths = (PERCENTILES[-1] - PERCENTILES[0]) / 100.0
    share = (found[:, -1] - found[:, 0]) / (high - low) / nine_tenths
    head = pd.DataFrame({"parameter": list(parameters), "prior_low": low, "prior_high": high})
    tail = pd.DataFrame(
        {"share": share, "identified": share < IDENTIFIED_BELOW, "correlated_with": _partners(inner, parameters)}
    )
    return pd.concat([head, pd.DataFrame(found, columns=list(COLUMNS)), tail], axis=1)


def _percentiles(values: Array, weights: Array) -> Array:
    if not weights.any():
        return np.full(len(PERCENTILES), np.nan)
    order = np.argsort(values)
    ordered = weights[order]
    return np.interp(np.array(PERCENTILES) / 100.0, np.cumsum(ordered) - ordered / 2.0, values[order])


def _partners(draws: Array, parameters: Sequence[str]) -> list[str]:
    """For each parameter the one with the largest rank correlation in size, or ""."""
    if not len(draws):
        return [""] * len(parameters)
    related = np.abs(spearman(draws, draws))
    np.fill_diagonal(related, 0.0)
    nearest = related.argmax(axis=1)
    strength = related.max(axis=1)
    return [
        parameters[place] if found > CORRELATED_ABOVE else "" for place, found in zip(nearest, strength, strict=True)
    ]


def _predicted(model: Emulator, draws: Array, generator: np.random.Generator) -> Array:
    """Percentiles of the model's means over the posterior, (percentiles, targets)."""
    if not len(draws):
        return np.full((len(PERCENTILES), len(model.variance)), np.nan)
    surface = model(draws)
    return np.percentile(
        surface + np.sqrt(model.variance) * generator.standard_normal(surface.shape), PERCENTILES, axis=0
    )


def _reach(means: Array, surface: Array, targets: Sequence[Target], met: Array, predicted: Array) -> pd.DataFrame:
    misses = np.array([target.miss(means[:, place]) for place, target in enumerate(targets)])
    at_best = means[(misses**2).sum(axis=0).argmin()]
    rows = []
    for place, target in enumerate(targets):
        every = np.concatenate([means[:, place], surface[:, place]])
        rows.append(
            {
                "target": target.name,
                "value": target.value,
                "error": np.nan if target.error is None else target.error,
                "tolerance": np.nan if target.tolerance is None else target.tolerance,
                "nearest": every[np.abs(every - target.value).argmin()],
                "at_best": at_best[place],
                **dict(zip(COLUMNS, predicted[:, place], strict=True)),
                "met": bool(met[place]),
            }
        )
    return pd.DataFrame(rows)
