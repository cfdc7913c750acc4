"""The swing of each parameter: numbers by hand, an effect that depends on one parameter only, and pure luck."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.rank_correlation import rank_correlations, spearman
from clustersim.analysis.swings import COLUMNS, FEWEST, swings
from clustersim.studies.designs import latin_hypercube

NAMES = [f"parameters.number_{number}" for number in range(20)]


def test_ends_by_hand() -> None:
    """Fifty points: the effect is the parameter itself, 0 to 49."""
    values = np.arange(50.0)[:, None]
    [row] = swings(["parameters.one"], values, values[:, 0]).to_dict("records")
    assert (row["low_value"], row["high_value"]) == (4.5, 44.5)  # of 0 to 9, and of 40 to 49
    assert (row["low"], row["high"], row["swing"], row["mean"], row["points"]) == (4.5, 44.5, 40.0, 24.5, 50)
    half = 2.2621571627409915 * np.sqrt(np.arange(10).var(ddof=1) / 10)  # t with 9 degrees of freedom
    assert (row["low_low"], row["high_high"]) == pytest.approx((4.5 - half, 44.5 + half))
    assert row["correlation"] == pytest.approx(1.0)
    assert row["beyond_chance"]


def test_points_that_tie_with_the_last_of_a_fifth_belong_to_it() -> None:
    values = np.repeat([0.0, 1.0, 2.0, 3.0], 12)[:, None]
    [row] = swings(["parameters.one"], values, np.arange(48.0)).to_dict("records")
    assert (row["low"], row["high"]) == (np.arange(12).mean(), np.arange(36, 48).mean())


def test_an_effect_of_one_parameter_is_distinguished_from_the_others() -> None:
    unit = latin_hypercube(64, len(NAMES))
    noise = np.random.default_rng(3).normal(0, 0.5, 64)
    found = swings(NAMES, unit, -5 * unit[:, 7] + noise)
    assert found.loc[found["beyond_chance"], "parameter"].tolist() == [NAMES[7]]
    assert found["parameter"].iloc[0] == NAMES[7]
    assert found["swing"].iloc[0] == pytest.approx(-4.0, abs=0.6)
    assert found["swing"].abs().is_monotonic_decreasing


def test_chance_alone_moves_nothing_in_nineteen_of_twenty_tables() -> None:
    unit = latin_hypercube(64, len(NAMES))
    random = np.random.default_rng(5)
    false = [swings(NAMES, unit, random.normal(0, 1, 64))["beyond_chance"].any() for _ in range(60)]
    assert sum(false) <= 8  # 3 are expected; more than 8 come in 1 of 400


def test_the_judgement_is_that_of_the_assumption_range() -> None:
    unit = latin_hypercube(64, 3)
    effects = unit[:, 0] + np.random.default_rng(1).normal(0, 1, 64)
    found = swings(NAMES[:3], unit, effects).set_index("parameter").loc[NAMES[:3]]
    correlations, [threshold] = rank_correlations(unit, effects[:, None])
    assert found["correlation"].tolist() == correlations[:, 0].tolist()
    assert set(found["threshold"]) == {threshold}


def test_what_does_not_vary_has_no_row_and_few_points_no_table() -> None:
    values = np.column_stack([np.arange(FEWEST), np.ones(FEWEST)])
    assert swings(["a", "b"], values, np.arange(FEWEST))["parameter"].tolist() == ["a"]
    few = swings(["a", "b"], values[1:], np.arange(FEWEST - 1))
    assert few.empty and tuple(few.columns) == COLUMNS


def test_an_interval_is_over_the_points_of_its_end() -> None:
    unit = latin_hypercube(100, 2)
    effects = np.random.default_rng(2).normal(0, 1, 100)
    row = swings(NAMES[:2], unit, effects).set_index("parameter").loc[NAMES[1]]
    found = mean_interval(effects[np.argsort(unit[:, 1])[:20]])
    assert (row["low"], row["low_low"], row["low_high"]) == pytest.approx((found.mean, found.low, found.high))


def test_rank_correlation_is_that_of_scipy_with_ties_and_0_for_constants() -> None:
    random = np.random.default_rng(8)
    x, y = random.integers(0, 6, (30, 4)).astype(float), random.normal(0, 1, (30, 2))
    expected = spearmanr(np.hstack([x, y])).statistic[:4, 4:]
    np.testing.assert_allclose(spearman(x, y), expected, atol=1e-12)
    assert (spearman(x, np.ones((30, 1))) == 0).all()
