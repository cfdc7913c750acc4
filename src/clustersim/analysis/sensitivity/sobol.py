"""Sobol' indices: shares of the variance over the unit cube.

`first` is what a factor explains alone, `total` what it explains with all its interactions. Estimators as in SALib:
Saltelli et al. (2010, Comput. Phys. Commun. 181:259) and, for the total, Jansen (1999, Comput. Phys. Commun.
117:35). The base points are resampled as whole blocks A, AB_1 .. AB_k, B.

With d[b, s] = y(A) - y(AB_i) at base point b in seed s, the numerator of the total is mean_b (mean_s d)^2 / 2. A
factor that only reshuffles events has d with mean 0 and still a numerator above 0, in expectation
mean_b (var_s(d) / n) / 2. `noise` is this part over the variance. `total_corrected` takes both parts of noise away,
(numerator - noise part) / (variance - its noise part): numerator and denominator are unbiased estimates of
what infinitely many seeds would give, so it can come out slightly below 0. Its interval is over the design; what the
seeds add is in the interval of the raw total over the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim.analysis.sensitivity.design import Design
from clustersim.analysis.sensitivity.resampling import interval, no_interval, weights
from clustersim.analysis.sensitivity.seeds import FEWEST_SEEDS, components, differ, noise_of_square
from clustersim.arrays import Array

MAIN = "total"
COLUMNS = (
    *("factor", "first", "total"),
    *("low_design", "high_design", "low_seeds", "high_seeds"),
    *("noise", "total_corrected", "low_corrected", "high_corrected", "below_dummy"),
)
ROUNDING = 1e-12  # a total below this is the last bits of sums


@dataclass(frozen=True, eq=False)
class Blocks:
    """Values by base point: `a`, `b` (points, seeds) and `ab` (points, factors, seeds)."""

    a: Array
    ab: Array
    b: Array

    @property
    def sample(self) -> Array:
        """The rows that sample the unit cube, (2 points, seeds)."""
        return np.concatenate([self.a, self.b])

    @property
    def differences(self) -> Array:
        return self.a[:, None, :] - self.ab


def blocks(design: Design, y: Array) -> Blocks:
    by_point = y.reshape(design.size, len(design.factors) + 2, y.shape[1])
    return Blocks(by_point[:, 0], by_point[:, 1:-1], by_point[:, -1])


def sample(design: Design, y: Array) -> Array:
    """The rows of y that sample the unit cube: not AB, which repeat A in all factors but one."""
    return blocks(design, y).sample


def table(design: Design, y: Array) -> pd.DataFrame:
    """Indices of each factor; y (rows, seeds) must be finite and not constant over rows."""
    values = blocks(design, y)
    factors, seeds = len(design.factors), y.shape[1]
    first, total = _points(values, y)
    found = components(values.sample)
    noise = noise_of_square(values.differences).mean(axis=0) / 2
    corrected = _ratio(total * found.variance - noise, np.asarray(found.variance - found.noise))
    raw_resampled, corrected_resampled = _over_design(values)
    low_design, high_design = interval(total, raw_resampled, design.size, floor=0.0)
    low_corrected, high_corrected = interval(corrected, corrected_resampled, design.size)
    enough = seeds >= FEWEST_SEEDS
    low_seeds, high_seeds = interval(total, _over_seeds(values), seeds, 0.0) if enough else no_interval(factors)
    frame = {
        "factor": list(design.factors),
        "first": first,
        "total": total,
        "low_design": low_design,
        "high_design": high_design,
        "low_seeds": low_seeds,
        "high_seeds": high_seeds,
        "noise": noise / found.variance,
        "total_corrected": corrected,
        "low_corrected": low_corrected,
        "high_corrected": high_corrected,
    }
    return pd.DataFrame(frame).assign(below_dummy=lambda of: below_dummy(of, values.differences))


def below_dummy(found: pd.DataFrame, differences: Array) -> Array:
    """Whether each factor cannot be told apart from the dummy, shape (factors,).

    A factor is told apart if both hold:

    - over the design, the lower end of its corrected total is above 0 and above the dummy's upper end. The dummy
      is exactly 0 with the same seeds in every row. If they were not the same, its raw total is above 0;
    - over the seeds, its differences have a mean away from 0 (`differ`). The design cannot see this: seeds that
      shift the differences of all base points alike give an index above 0 however many points there are. Whether
      `low_seeds` is above `noise`, the simpler test, has a level that moves with the number of seeds: in a check
      with 64 base points it let 7% of such factors pass with 3 seeds and 0.3% with 20; `differ` lets 5% or
      fewer pass with any number.

    So of twenty factors that reshuffle events and do nothing else, one may pass. With one seed the noise is not
    known and the raw total takes the corrected one's place: then every factor that changes anything passes.
    """
    seeds = differences.shape[-1]
    low, high = ("low_design", "high_design") if seeds == 1 else ("low_corrected", "high_corrected")
    ceiling = np.fmax(0.0, found[high].iloc[-1])
    moves = [differ(differences[:, factor]) for factor in range(len(found))]
    above = (found[low] > ceiling) & (found["total"] > ROUNDING) & np.array(moves)
    return np.asarray(~above)


def _points(values: Blocks, y: Array) -> tuple[Array, Array]:
    """First and total indices by SALib, of the seed means, standardised as SALib does it: over all rows."""
    from SALib.analyze.sobol import first_order, total_order

    means = y.mean(axis=1)
    a, ab, b = ((part.mean(axis=-1) - means.mean()) / means.std() for part in (values.a, values.ab, values.b))
    first = [float(first_order(a, one, b)) for one in ab.T]
    total = [float(total_order(a, one, b)) for one in ab.T]
    return np.array(first), np.array(total)


def _over_design(values: Blocks) -> tuple[Array, Array]:
    """Raw and corrected totals of resampled base points, each (resamples, factors)."""
    share = weights(len(values.a))
    seeds = values.a.shape[1]
    centred = values.sample - values.sample.mean(axis=0)  # takes nothing from a variance over rows
    a, b = np.split(centred, 2)
    level, square = (a + b) / 2, (a.mean(axis=1) ** 2 + b.mean(axis=1) ** 2) / 2
    variance = (share @ square - (share @ level).mean(axis=1) ** 2)[:, None]
    half_square = values.differences.mean(axis=2) ** 2 / 2
    raw = _ratio(share @ half_square, variance)
    if seeds == 1:
        return raw, np.full_like(raw, np.nan)
    within = share @ ((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / 2)
    noise = (within - (share @ level).var(axis=1, ddof=1))[:, None] / seeds  # of the variance; as in `components`
    numerator = share @ (half_square - noise_of_square(values.differences) / 2)
    return raw, _ratio(numerator, variance - noise)


def _over_seeds(values: Blocks) -> Array:
    """Raw totals of resampled seeds, the same resample in all rows, (resamples, factors).

    A squared seed-mean is a quadratic form in the weights, so its matrix (seeds, seeds) is all that is needed.
    """
    share = weights(values.a.shape[1])
    d, z = values.differences, values.sample - values.sample.mean(axis=0)
    of_factor = np.einsum("bks,bkt->kst", d, d, optimize=True) / (2 * len(d))
    numerator = np.einsum("rs,kst,rt->rk", share, of_factor, share, optimize=True)
    variance = np.einsum("rs,st,rt->r", share, z.T @ z / len(z), share, optimize=True)
    return _ratio(numerator, variance[:, None])


def _ratio(numerator: Array, denominator: Array) -> Array:
    """NaN where the denominator is not above 0."""
    defined = denominator > 0
    return np.where(defined, numerator / np.where(defined, denominator, 1.0), np.nan)
