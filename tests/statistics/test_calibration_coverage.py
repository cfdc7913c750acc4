"""Calibration recovers parameters from data that the model itself made: of fifty truths, nine tenths lie in the 90%
ranges of the posterior.

    uv run --group test pytest -m slow tests/statistics/test_calibration_coverage.py        two minutes on one core

The data of each truth come from seeds of their own, as the real world's would.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustersim import scenario
from clustersim.analysis.calibration.posterior import posterior
from clustersim.analysis.calibration.targets import Target
from clustersim.arrays import Array
from clustersim.execution.observed import compare_observed
from clustersim.scenario.model import Observation, Scenario
from clustersim.scenario.model import Time as Months
from clustersim.studies.designs import latin_hypercube

ROOT = Path(__file__).parents[2]

PARAMETERS = {"search": (0.06, 0.2), "ending": (0.03, 0.07), "friction": (0.0, 0.25)}  # the last moves no target
OBSERVABLES = ("paired_share", "links_lost", "pairs_made")
POINTS, SEEDS = 120, 48  # many seeds: all repeats share the table, and what is special about its seeds
REPEATS, DATA_SEEDS, FIRST_DATA_SEED = 50, 6, 1000
INSIDE = (39, 50)  # of 50 with 90% each: a binomial number falls below 39 once in a hundred


def town() -> Scenario:
    found = scenario.load(ROOT / "scenarios" / "validation" / "baseline.yaml")
    entries = tuple(Observation("none", 1.0, name, "no_alliance", 1, 12) for name in OBSERVABLES)
    small = replace(found.population, firms=80)
    return replace(found, time=Months(36, 12), population=small, observed=entries)


def simulated(values: Array, seeds: int, first: int = 0) -> tuple[Array, Array]:
    """Means and standard errors of the observables at one point."""
    changes = dict(zip(PARAMETERS, map(float, values), strict=True))
    model = town()
    point = replace(model, parameters=model.parameters.replace(**changes))
    found = compare_observed(point, seeds, first=first)
    return np.array([one.mean for one in found]), np.array([one.standard_error for one in found])


@pytest.mark.slow
def test_the_ranges_cover_the_truth() -> None:
    low, high = np.array(list(PARAMETERS.values())).T
    points = low + latin_hypercube(POINTS, len(low)) * (high - low)
    table = [simulated(point, SEEDS) for point in points]
    means, errors = (np.array(column) for column in zip(*table, strict=True))
    generator = np.random.Generator(np.random.Philox(7))
    inside, identified = np.zeros(len(low)), np.zeros(len(low))
    for repeat, truth in enumerate(low + generator.random((REPEATS, len(low))) * (high - low)):
        values, spreads = simulated(truth, DATA_SEEDS, FIRST_DATA_SEED + repeat * DATA_SEEDS)
        targets = [Target(*one) for one in zip(OBSERVABLES, values, spreads, strict=True)]
        found = posterior(points, means, errors, targets, list(PARAMETERS), low, high)
        inside += (found.table["5%"] <= truth) & (truth <= found.table["95%"])
        identified += found.table["identified"]
    print(f"truths in the 90% range: {dict(zip(PARAMETERS, inside, strict=True))}; identified: {identified}")
    assert ((inside >= INSIDE[0]) & (inside <= INSIDE[1])).all()
    assert (identified[:2] == REPEATS).all()
    assert identified[2] <= REPEATS / 5
