"""Fits the free defaults to the baseline patterns and the meetings trial, and says what the data do not identify.

    python docs/calibrate.py            about two minutes on two cores; writes the tables of docs/calibration.md

1. The baseline patterns (scenarios/validation/baseline.yaml) at the defaults: where they hold, their parameters stay.
2. The trial (scenarios/validation/meetings_trial.yaml) at points of a Latin hypercube over the ranges of the free
   parameters; a quadratic surface through the means of each target.
3. The point with the least penalty: squared misses in units of the published standard error, plus squared distances
   from the first values in units of a quarter of the parameter's range. So a parameter that the data say nothing about
   stays where it was. The first values are those of the design, before any fit: running the script again, with the
   fitted values as defaults, gives the same answer.
4. The rounded point is simulated; what is reported is that, not the surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from pages import fill, table
from scipy.optimize import minimize
from scipy.stats import qmc, spearmanr

from clustersim import instruments, scenario
from clustersim.arrays import Array
from clustersim.experiment.observed import Finding, compare_observed
from clustersim.experiment.observed_words import reported
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter

ROOT = Path(__file__).parents[1]
VALIDATION = ROOT / "scenarios" / "validation"

POINTS = 240
DESIGN_SEEDS = 6
FINAL_SEEDS = 40
QUARTERS = 4.0  # a parameter pays 1 for a move by a quarter of its range
DIGITS = 2  # that a fitted default keeps
WORTH_A_WORD = 0.15  # rank correlation

# Values of the design, where the search begins and the penalty is zero.
FIRST: dict[str, float] = {
    "policies.meetings.groups.learning": 0.008,
    "policies.meetings.groups.contact": 0.045,
    "policies.meetings.groups.referral": 0.5,
    "policies.meetings.groups.conversion": 0.3,
    "parameters.reputation_speed": 1 / 6,
    "parameters.productivity_reversion": 0.01,
    "parameters.elasticity": 3.0,
}
FREE = ("learning", "contact", "referral", "reputation_speed")  # may move; of contact and conversion one is enough


@dataclass(frozen=True)
class Target:
    """A finding of the trial by its place in the scenario's list `observed`: estimate and standard error."""

    place: int
    name: str
    estimate: float
    error: float


TARGETS = (
    Target(0, "sales of treated firms at 12 months, log points × 100", 7.8, 3.6),
    Target(1, "the same at 24 months, % of that at 12", 100.0, 30.0),
    Target(2, "suppliers at 12 months, %", 9.0, 3.0),
    Target(3, "clients at 12 months, %", 9.0, 3.0),
)


def main() -> None:
    points = design(POINTS)
    means = simulated(points)
    fit = rounded(best(points, means))
    before, after = (findings(values, FINAL_SEEDS) for values in (list(FIRST.values()), fit))
    left = points[meet_all(means)]
    fill(
        "calibration.md",
        {
            "baseline": baseline(),
            "trial": at_both(before, after),
            "moves": moves(fit),
            "correlations": correlations(points, means),
            "left": f"{len(left)} of {POINTS} points meet all targets within two standard errors.\n\n{ranges(left)}",
        },
    )


def trial() -> Scenario:
    return scenario.load(VALIDATION / "meetings_trial.yaml")


def registered(path: str) -> Parameter:
    """The registry's entry of a key path."""
    name = short(path)
    if path.startswith("parameters."):
        return MODEL_PARAMETERS[name]
    return instruments.parameters(path.split(".")[2])[name]


def short(path: str) -> str:
    return path.rsplit(".", maxsplit=1)[1]


def spans() -> Array:
    """Plausible range of each parameter, (parameters, 2)."""
    return np.array([registered(path).plausible for path in FIRST])


def design(points: int) -> Array:
    """A Latin hypercube over the ranges, (points, parameters)."""
    unit = qmc.LatinHypercube(len(FIRST), rng=np.random.default_rng(1)).random(points)
    low, high = spans().T
    return low + unit * (high - low)


def findings(values: Sequence[float], seeds: int) -> list[Finding]:
    changed = scenario.with_changes(trial(), dict(zip(FIRST, map(float, values), strict=True)))
    return compare_observed(changed, seeds)


def targets_at(values: Sequence[float]) -> list[float]:
    found = findings(values, DESIGN_SEEDS)
    return [found[target.place].mean for target in TARGETS]


def simulated(points: Array) -> Array:
    """Mean of each target at each point, (points, targets)."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return np.array(list(pool.map(targets_at, points.tolist(), chunksize=8)))


def terms(points: Array) -> Array:
    """1, x, and all products of two, of points scaled to -1 .. 1."""
    low, high = spans().T
    unit = 2.0 * (np.atleast_2d(points) - low) / (high - low) - 1.0
    first, second = np.triu_indices(unit.shape[1])
    return np.hstack([np.ones((len(unit), 1)), unit, unit[:, first] * unit[:, second]])


def best(points: Array, means: Array) -> Array:
    """Least penalty on the surface. What is not free stays at its first value."""
    surface, *_ = np.linalg.lstsq(terms(points), means, rcond=None)
    low, high = spans().T
    start = np.array(list(FIRST.values()))
    may_move = np.array([short(path) in FREE for path in FIRST])
    estimate = np.array([target.estimate for target in TARGETS])
    error = np.array([target.error for target in TARGETS])

    def penalty(moved: Array) -> float:
        values = start.copy()
        values[may_move] = moved
        misses = (terms(values)[0] @ surface - estimate) / error
        moves = QUARTERS * (values - start) / (high - low)
        return float((misses**2).sum() + (moves**2).sum())

    bounds = list(zip(low[may_move], high[may_move], strict=True))
    scaled = minimize(penalty, start[may_move], bounds=bounds, method="Nelder-Mead", options={"xatol": 1e-5})
    found = start.copy()
    found[may_move] = scaled.x
    return found


def rounded(values: Array) -> list[float]:
    return [
        float(f"{value:.{DIGITS}g}") if short(path) in FREE else first
        for value, (path, first) in zip(values, FIRST.items(), strict=True)
    ]


def explained(points: Array, means: Array) -> Array:
    """R squared of the surface for each target."""
    surface, *_ = np.linalg.lstsq(terms(points), means, rcond=None)
    left = means - terms(points) @ surface
    return 1.0 - left.var(axis=0) / means.var(axis=0)


def meet_all(means: Array) -> Array:
    """Points whose targets all lie within two standard errors, (points,) bool."""
    misses = [(means[:, number] - one.estimate) / one.error for number, one in enumerate(TARGETS)]
    near: Array = np.all(np.abs(misses) <= 2.0, axis=0)
    return near


def baseline() -> str:
    rows = []
    for finding in compare_observed(scenario.load(VALIDATION / "baseline.yaml"), FINAL_SEEDS):
        entry = finding.observation
        between = f"{finding.low:.3g} to {finding.high:.3g}"
        rows.append([f"`{entry.observable}`", reported(entry), f"{finding.mean:.3g}", between, finding.verdict.value])
    return table(("pattern", "wanted", "model, mean", "5% to 95%", "verdict"), rows)


def at_both(before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """The targets, and two outcomes that are not fitted, at the first values and at the fit."""
    rows = [
        [one.name, f"{one.estimate:g} ({one.error:g})", *(f"{found[one.place].mean:.3g}" for found in (before, after))]
        for one in TARGETS
    ]
    for place, name in ((4, "suppliers at 24 months, %"), (5, "clients at 24 months, %")):
        rows.append([name, "not known; not fitted", *(f"{found[place].mean:.3g}" for found in (before, after))])
    return table(("target", "published (standard error)", "at the first values", "at the fit"), rows)


def moves(fit: Sequence[float]) -> str:
    rows = []
    for (path, first), value, (low, high) in zip(FIRST.items(), fit, spans(), strict=True):
        free = short(path) in FREE
        moved = f"{100 * (value - first) / (high - low):+.0f}% of its range" if free else "held"
        rows.append([f"`{short(path)}`", f"{low:.3g} to {high:.3g}", f"{first:.3g}", f"{value:.3g}", moved])
    return table(("parameter", "range", "first value", "fit", "moved"), rows)


def correlations(points: Array, means: Array) -> str:
    rows = []
    for number, path in enumerate(FIRST):
        found = [float(spearmanr(points[:, number], means[:, target]).statistic) for target in range(len(TARGETS))]
        rows.append([f"`{short(path)}`", *(f"{one:+.2f}" if abs(one) >= WORTH_A_WORD else "" for one in found)])
    rows.append(["R² of the surface", *(f"{one:.2f}" for one in explained(points, means))])
    return table(("parameter", *(target.name for target in TARGETS)), rows)


def ranges(left: Array) -> str:
    """Where the points that are left still range; 5% to 95%, as a share of nine tenths of the range."""
    rows = []
    for number, (path, (low, high)) in enumerate(zip(FIRST, spans(), strict=True)):
        first, last = np.percentile(left[:, number], (5, 95))
        share = f"{100 * (last - first) / (high - low) / 0.9:.0f}%"
        rows.append([f"`{short(path)}`", f"{low:.3g} to {high:.3g}", f"{first:.3g} to {last:.3g}", share])
    return table(("parameter", "range", "5% to 95% of the points that are left", "share of the range"), rows)


if __name__ == "__main__":
    main()
