"""Morris' elementary effects: how much y changes by a step in one factor, per width of the unit cube.

An elementary effect is the change of y over the change of the factor's place in [0, 1] (a step is 2/3 on the grid
of four levels), so of a linear model it is the weight over the whole range. `mu` is the mean over trajectories of
the effects of the seed means, `mu_star` that of their absolute values, `sigma` their standard deviation
(interactions or curvature). Morris (1991, Technometrics 33:161); Campolongo, Cariboni and Saltelli (2007, Environ.
Model. Softw. 22:1509).

`noise` is the `mu_star` that seed noise alone would give: sqrt(2 / pi) times the standard error over seeds of an
elementary effect, averaged over trajectories.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from clustersim.analysis.sensitivity.design import Design
from clustersim.analysis.sensitivity.resampling import interval, no_interval, weights
from clustersim.analysis.sensitivity.seeds import FEWEST_SEEDS, differ, noise_of_square
from clustersim.arrays import Array

MAIN = "mu_star"
COLUMNS = (
    *("factor", "mu_star", "mu", "sigma"),
    *("low_design", "high_design", "low_seeds", "high_seeds"),
    *("noise", "below_dummy"),
)
ROUNDING = 1e-12  # an effect below this share of the largest value is the last bits of sums


def elementary_effects(design: Design, y: Array) -> Array:
    """Shape (factors, trajectories, seeds), in units of y per width of the unit cube."""
    steps = len(design.factors)
    points = design.unit.reshape(design.size, steps + 1, steps)
    values = y.reshape(design.size, steps + 1, y.shape[1])
    moved = np.diff(points, axis=1)  # (trajectories, steps, factors); one factor a step
    factor = np.abs(moved).argmax(axis=2)
    slopes = np.diff(values, axis=1) / np.take_along_axis(moved, factor[..., None], axis=2)
    by_factor = np.take_along_axis(slopes, np.argsort(factor, axis=1)[..., None], axis=1)
    return by_factor.swapaxes(0, 1)


def sample(_design: Design, y: Array) -> Array:
    """The rows of y that sample the unit cube: all, as each row of a trajectory is a random point of the grid."""
    return y


def table(design: Design, y: Array) -> pd.DataFrame:
    """Indices of each factor; y (rows, seeds) must be finite."""
    effects = elementary_effects(design, y)
    of_means = effects.mean(axis=2)
    size = np.abs(of_means)
    mu_star = size.mean(axis=1)
    seeds = y.shape[1]
    enough = seeds >= FEWEST_SEEDS
    low_design, high_design = interval(mu_star, weights(design.size) @ size.T, design.size, floor=0.0)
    low_seeds, high_seeds = interval(mu_star, _over_seeds(effects), seeds, 0.0) if enough else no_interval(len(mu_star))
    frame = {
        "factor": list(design.factors),
        "mu_star": mu_star,
        "mu": of_means.mean(axis=1),
        "sigma": of_means.std(axis=1, ddof=1),
        "low_design": low_design,
        "high_design": high_design,
        "low_seeds": low_seeds,
        "high_seeds": high_seeds,
        "noise": np.sqrt(2 / np.pi) * np.sqrt(noise_of_square(effects)).mean(axis=1),
    }
    rounding = ROUNDING * float(np.abs(y).max())
    return pd.DataFrame(frame).assign(below_dummy=lambda of: below_dummy(of, effects, rounding))


def below_dummy(found: pd.DataFrame, effects: Array, rounding: float) -> Array:
    """Whether each factor cannot be told apart from the dummy, shape (factors,).

    A factor is told apart if the lower end (design) of its `mu_star` is above the dummy's upper end and above the
    noise, and its elementary effects have a mean over seeds away from 0 (`differ`). The noise alone is only the
    expected `mu_star` of a factor without effect: half of such factors lie above it if their seeds shift all
    trajectories alike. With one seed there is no noise to compare with.
    """
    ceiling = np.fmax(np.fmax(found["noise"], found["high_design"].iloc[-1]), rounding)
    moves = [differ(of_factor) for of_factor in effects]
    return np.asarray(~((found["low_design"] > ceiling) & np.array(moves)))


def _over_seeds(effects: Array) -> Array:
    """`mu_star` of resampled seeds, (resamples, factors)."""
    share = weights(effects.shape[2])
    return np.stack([np.abs(of_factor @ share.T).mean(axis=0) for of_factor in effects], axis=1)
