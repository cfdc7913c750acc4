"""Intervals of a mean and of a ratio of means. Rows are always seeds, never enterprises or months."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over seeds, its 95% interval and Monte-Carlo standard error; NaN where the seeds are too few."""

    mean: float
    low: float
    high: float
    standard_error: float
    seeds: int


def student_quantile(degrees: int, level: float = LEVEL) -> float:
    """The t with P(|T| <= t) = level, T Student's with `degrees` >= 1 degrees of freedom."""
    return float(stdtrit(degrees, 0.5 + level / 2.0))


def mean_interval(sample: np.ndarray) -> Interval:
    """The mean of a sample (one number a seed) and its 95% interval by Student's t.

    One seed has a mean and no interval; none has neither.
    """
    seeds = int(sample.size)
    mean = float(sample.mean()) if seeds else math.nan
    if seeds < 2:
        return Interval(mean, math.nan, math.nan, math.nan, seeds)
    error = float(sample.std(ddof=1)) / math.sqrt(seeds)
    half = student_quantile(seeds - 1) * error
    return Interval(mean, mean - half, mean + half, error, seeds)


def ratio_interval(numerator: np.ndarray, denominator: np.ndarray) -> Interval:
    """Ratio of the means of two paired samples and its 95% interval by Fieller's theorem (1954).

    NaN where the interval of the denominator's mean is not wholly above 0: no ratio can then be told. The
    standard error is the linearised one.
    """
    seeds = int(numerator.size)
    nothing = Interval(math.nan, math.nan, math.nan, math.nan, seeds)
    if seeds < 2 or not mean_interval(denominator).low > 0:
        return nothing
    (n_var, both), (_, d_var) = np.cov(numerator, denominator) / seeds
    n, d = float(numerator.mean()), float(denominator.mean())
    t = student_quantile(seeds - 1)
    a, b, c = d**2 - t**2 * d_var, n * d - t**2 * both, n**2 - t**2 * n_var
    root = math.sqrt(max(0.0, b**2 - a * c))
    error = math.sqrt(max(0.0, n_var - 2 * n / d * both + (n / d) ** 2 * d_var)) / d
    return Interval(n / d, (b - root) / a, (b + root) / a, error, seeds)


def seeds_needed(standard_deviation: float, half_width: float) -> float:
    """Fewest seeds at which the interval's half-width is at most `half_width`; NaN where that cannot be
    said."""
    if math.isnan(standard_deviation) or not half_width > 0:
        return math.nan
    normal = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    seeds = max(2, math.ceil((normal * standard_deviation / half_width) ** 2))
    while student_quantile(seeds - 1) * standard_deviation > half_width * math.sqrt(seeds):
        seeds += 1
    return float(seeds)
