"""A calibration: what the targets leave of the parameters, the fit, and the effects over what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from clustersim.analysis.calibration import surface
from clustersim.analysis.calibration.posterior import Posterior, posterior
from clustersim.analysis.calibration.targets import Target
from clustersim.analysis.rank_correlation import spearman
from clustersim.analysis.study_outcomes import StudyOutcomes, percentiles
from clustersim.arrays import Array
from clustersim.execution.factors import Factor

EFFECTS = ["arm", "measure", "low", "mid", "high", "above_zero", "draws"]


@dataclass(frozen=True, eq=False)
class Prior:
    """The parameters of a calibration, their ranges, and where its search begins.

    Attributes:
        first_values: factor -> where the search begins. held: factors that stay there.
    """

    factors: Sequence[Factor]
    first_values: Mapping[str, float]
    held: Sequence[str]

    @property
    def names(self) -> list[str]:
        return [factor.name for factor in self.factors]

    @cached_property
    def low(self) -> Array:
        return np.array([factor.low for factor in self.factors])

    @cached_property
    def high(self) -> Array:
        return np.array([factor.high for factor in self.factors])

    @cached_property
    def first(self) -> Array:
        return np.array([self.first_values[name] for name in self.names])

    @cached_property
    def free(self) -> Array:
        return np.array([name not in self.held for name in self.names])

    def as_allowed(self, found: Array, digits: int) -> Array:
        """Values with so many digits, within their ranges, whole where the parameter is."""
        short = surface.rounded(found, self.first, self.free, digits)
        short = np.clip(short, self.low, self.high)  # rounding must not leave the range
        return np.where([factor.whole for factor in self.factors], np.rint(found), short)


@dataclass(frozen=True, eq=False)
class Simulated:
    """The table of reference: what the model gives at each point, over seeds.

    Attributes:
        points: (points, parameters). means, standard_errors: (points, targets).
    """

    points: Array
    means: Array
    standard_errors: Array


@dataclass(frozen=True, eq=False)
class CalibrationFindings:
    """Of a calibration.

    Attributes:
        fit: the point with the least penalty on the surface, rounded.
        checked: (2, targets): means at the first values and at the fit, simulated; None before they are.
        effects: the outcomes over draws from the posterior; None where there is none.
    """

    prior: Prior
    targets: Sequence[Target]
    simulated: Simulated
    posterior: Posterior
    fit: Array
    checked: Array | None = None
    effects: StudyOutcomes | None = None

    @property
    def fit_points(self) -> Array:
        """The first values and the fit, (2, parameters)."""
        return np.array([self.prior.first, self.fit])

    def fit_table(self) -> pd.DataFrame:
        """Where each parameter began and where it went."""
        prior = self.prior
        moved = (self.fit - prior.first) / (prior.high - prior.low)
        columns = {"low": prior.low, "high": prior.high, "first": prior.first, "fit": self.fit, "moved": moved}
        return pd.DataFrame({"parameter": prior.names, **columns, "free": prior.free})

    def target_table(self) -> pd.DataFrame:
        """Targets, what the posterior says of them, and what the first values and the fit give when simulated."""
        points, means = self.simulated.points, self.simulated.means
        r_squared = surface.explained(points, means, self.prior.low, self.prior.high)
        table = self.posterior.reach.assign(surface_r_squared=r_squared)
        if self.checked is None:
            return table
        at_first, at_fit = self.checked
        return table.assign(at_first=at_first, at_fit=at_fit)

    def correlations(self) -> pd.DataFrame:
        """Rank correlation of each parameter with each target over the points."""
        found = spearman(self.simulated.points, self.simulated.means)
        table = pd.DataFrame(found, columns=[target.name for target in self.targets])
        table.insert(0, "parameter", self.prior.names)
        return table

    def effect_table(self) -> pd.DataFrame:
        """Effects of the arms over draws from the posterior: 5%, 50%, 95% of the mean over seeds."""
        if self.effects is None:
            return pd.DataFrame(columns=EFFECTS)
        rows = []
        for outcome in self.effects.job.outcomes:
            found = self.effects.effects(outcome).mean(axis=2)[self.effects.rows]
            for arm, effect in zip(self.effects.arms, found.T, strict=True):
                low, mid, high = percentiles(effect)
                numbers = {"low": low, "mid": mid, "high": high, "above_zero": float((effect > 0).mean())}
                rows.append({"arm": arm, "measure": outcome, **numbers, "draws": len(effect)})
        return pd.DataFrame(rows, columns=EFFECTS)

    def tables(self) -> dict[str, pd.DataFrame]:
        points = pd.DataFrame(self.simulated.points, columns=self.prior.names)
        means = pd.DataFrame(self.simulated.means, columns=[target.name for target in self.targets])
        tables = {
            "posterior": self.posterior.table,
            "targets": self.target_table(),
            "fit": self.fit_table(),
            "correlations": self.correlations(),
            "draws": pd.DataFrame(self.posterior.draws, columns=self.prior.names),
            "points": points.join(means),
        }
        effects = self.effect_table()
        return {**tables, **({"effects": effects} if len(effects) else {})}


def calibrated(
    prior: Prior, targets: Sequence[Target], simulated: Simulated, digits: int, draws: int
) -> CalibrationFindings:
    """The posterior and the fit, before anything is simulated at them."""
    points, means = simulated.points, simulated.means
    ranges = prior.low, prior.high
    left = posterior(points, means, simulated.standard_errors, targets, prior.names, *ranges, draws=draws)
    best = surface.best(points, means, targets, *ranges, prior.first, prior.free)
    return CalibrationFindings(prior, targets, simulated, left, prior.as_allowed(best, digits))
