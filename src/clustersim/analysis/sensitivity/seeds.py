"""What the seeds do to a variance over rows and to differences between rows.

The same seeds are run at every row, so values of different rows are not independent. Nothing here assumes that
they are: what is used is only that the seeds are independent of one another. Shapes: (rows, seeds).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri

from clustersim.analysis.intervals import LEVEL
from clustersim.arrays import Array

FEWEST_SEEDS = 3  # below that, resampled seeds are nearly always the same seeds


@dataclass(frozen=True)
class Components:
    """Where the variance of y over (row, seed) comes from.

    Attributes:
        mean: of all values.
        variance: of the row means over the rows, as observed; what the indices are shares of.
        noise: the part of `variance` that other seeds would change, NaN with one seed.
        seed_share: noise / variance, in [0, 1]. A seed's main effect is the same in all rows and is not in it.
        seeds_share_of_one_run: part of the variance of a single run (a random row with a random seed) that its
            seed makes, main effect and interaction with the row, in [0, 1].
    """

    mean: float
    variance: float
    noise: float
    seed_share: float
    seeds_share_of_one_run: float


def components(y: Array) -> Components:
    """Components of y (rows, seeds), rows a sample of the unit cube.

    With z = y less each seed's mean over the rows, the mean over rows of var_s(z) / n is the noise in the variance
    of the row means, whatever the correlation between rows.
    """
    n = y.shape[1]
    mean, variance = float(y.mean()), float(y.mean(axis=1).var())
    if n == 1:
        return Components(mean, variance, np.nan, np.nan, np.nan)
    noise = float((y - y.mean(axis=0)).var(axis=1, ddof=1).mean()) / n
    within = float(y.var(axis=1, ddof=1).mean())  # main effect of the seed and its interaction with the row
    between = max(variance - noise, 0.0)
    return Components(mean, variance, noise, _share(noise, variance), _share(within, between + within))


def noise_of_square(differences: Array) -> Array:
    """Part of (mean over seeds)^2 that is seed noise: var_s / n, shape (...). `differences` is (..., seeds).

    NaN with one seed.
    """
    n = differences.shape[-1]
    if n == 1:
        return np.full(differences.shape[:-1], np.nan)
    return differences.var(axis=-1, ddof=1) / n


def differ(differences: Array) -> bool:
    """Whether the mean over seeds of any difference is away from 0, at the 95% level.

    T is the mean over points of the squared seed-mean, E its noise part. If no mean differs, T / E is about F with
    v and v (n - 1) degrees of freedom, v = (sum of eigenvalues)^2 / (sum of their squares) of the covariance over
    points (Box 1954, Ann. Math. Stat. 25:290; for curves Shen and Faraway 2004, Statistica Sinica 14:1239). v is
    1 if a seed shifts all differences alike (then this is Student's t), and large if the points are independent.
    From few seeds v comes out too small, which is the cautious side. With one seed there is no noise to compare
    with, and any difference counts.

    Args:
        differences: shape (points, seeds).
    """
    points, n = differences.shape
    mean = differences.mean(axis=1)
    square = float(mean @ mean) / points
    if n == 1 or square == 0:
        return square > 0
    centred = differences - mean[:, None]
    gram = centred.T @ centred / points  # its eigenvalues other than 0 are those of the covariance over points
    total = float(np.trace(gram))
    if total == 0:
        return True
    degrees = total**2 / float((gram**2).sum())
    return square / (total / (n * (n - 1))) > float(fdtri(degrees, degrees * (n - 1), LEVEL))


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole > 0 else 0.0
