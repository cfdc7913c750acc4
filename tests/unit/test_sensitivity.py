"""Sensitivity indices against functions whose answer is known, with seed noise that should and should not count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from clustersim.analysis.sensitivity import DUMMY, METHODS, Design, Result, analyse, first_half
from clustersim.analysis.sensitivity import morris as morris_indices
from clustersim.analysis.sensitivity import pawn as pawn_indices
from clustersim.analysis.sensitivity import sobol as sobol_indices
from clustersim.analysis.sensitivity.convergence import compare
from clustersim.analysis.sensitivity.design import FEWEST, rows_per_block
from clustersim.analysis.sensitivity.resampling import RESAMPLES, interval, weights
from clustersim.analysis.sensitivity.seeds import components, differ
from clustersim.studies.designs import sensitivity_design

SIZES = {"sobol": 64, "morris": 20, "pawn": 200}
ISHIGAMI_TOTAL = np.array([0.5576, 0.4424, 0.2437])  # a = 7, b = 0.1
ISHIGAMI_FIRST = np.array([0.3139, 0.4424, 0.0])
WEIGHTS = np.array([3.0, -2.0, 1.0])
LINEAR_TOTAL = WEIGHTS**2 / (WEIGHTS**2).sum()
LINEAR_SPREAD = float(np.sqrt((WEIGHTS**2).sum() / 12))  # standard deviation over the unit cube


def ishigami(unit: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * unit[:, :3] - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def linear(unit: np.ndarray) -> np.ndarray:
    return unit[:, :3] @ WEIGHTS


def normal(*shape: int, key: int = 1) -> np.ndarray:
    return np.random.default_rng(key).normal(size=shape)


def reshuffled(places: np.ndarray, seeds: int, key: int = 2) -> np.ndarray:
    """Noise (rows, seeds) that is drawn anew for each value of a factor: it moves events, not their mean."""
    values, which = np.unique(places, return_inverse=True)
    return normal(len(values), seeds, key=key)[which]


def column(result: Result, name: str) -> np.ndarray:
    return result.table[name].to_numpy()


def salib_problem(one: Design) -> dict[str, object]:
    return {"num_vars": len(one.factors), "names": list(one.factors), "bounds": [[0, 1]] * len(one.factors)}


# Designs


@pytest.mark.parametrize(("method", "rows"), [("sobol", 64 * 5), ("morris", 20 * 4), ("pawn", 200)])
def test_a_design_has_its_rows_and_the_dummy_last(method: str, rows: int) -> None:
    made = sensitivity_design(method, ["a", "b"], SIZES[method])
    assert made.factors == ("a", "b", DUMMY)
    assert made.unit.shape == (rows, 3)
    assert made.unit.min() >= 0
    assert made.unit.max() <= 1


@pytest.mark.parametrize("method", METHODS)
def test_a_design_is_the_same_each_time(method: str) -> None:
    once, again = (sensitivity_design(method, ["a", "b"], SIZES[method]).unit for _ in range(2))
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_a_design_begins_with_the_design_of_half_the_size(method: str) -> None:
    whole = sensitivity_design(method, ["a", "b"], SIZES[method])
    half, rows = first_half(whole)
    made = sensitivity_design(method, ["a", "b"], SIZES[method] // 2)
    np.testing.assert_array_equal(half.unit, made.unit)
    np.testing.assert_array_equal(whole.unit[rows], made.unit)
    assert half.size == made.size


def test_the_half_of_a_hypercube_is_spread_over_each_range() -> None:
    half, rows = first_half(sensitivity_design("pawn", ["a", "b"], 201))
    assert (half.size, len(half.unit), rows) == (100, 100, slice(0, 100))
    np.testing.assert_allclose(half.unit.mean(axis=0), 0.5, atol=0.1)


def test_only_one_factor_differs_between_a_and_ab() -> None:
    made = sensitivity_design("sobol", ["a", "b"], 8)
    block = made.unit.reshape(8, rows_per_block(made), 3)
    moved = block[:, 1:-1] != block[:, :1]
    np.testing.assert_array_equal(moved, np.broadcast_to(np.eye(3, dtype=bool), moved.shape))


@pytest.mark.parametrize(
    ("method", "factors", "size", "said"),
    [
        ("sobol", ["a"], 48, "power of two"),
        ("sobol", ["a"], 2, "at least 4"),
        ("pawn", ["a"], 39, "at least 40"),
        ("fast", ["a"], 64, "unknown method"),
        ("sobol", [], 64, "named once"),
        ("sobol", ["a", "a"], 64, "named once"),
        ("sobol", ["a", DUMMY], 64, "named once"),
    ],
)
def test_a_design_that_cannot_be_is_refused(method: str, factors: list[str], size: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sensitivity_design(method, factors, size)


# Sobol'


@pytest.mark.parametrize("noise", ["none", "the same seeds in every row"])
def test_ishigami_with_1024_base_points(noise: str) -> None:
    made = sensitivity_design("sobol", ["x1", "x2", "x3"], 1024)
    signal = ishigami(made.unit)
    shared = 0.0 if noise == "none" else signal.std() * normal(20)
    result = analyse(made, signal[:, None] + shared * np.ones(20))
    np.testing.assert_allclose(column(result, "total")[:3], ISHIGAMI_TOTAL, atol=0.03)
    np.testing.assert_allclose(column(result, "first")[:3], ISHIGAMI_FIRST, atol=0.03)
    np.testing.assert_allclose(column(result, "total_corrected")[:3], ISHIGAMI_TOTAL, atol=0.03)
    assert column(result, "total")[3] == 0
    assert list(column(result, "below_dummy")) == [False, False, False, True]
    assert result.converged
    assert result.rank_correlation == 1
    assert result.largest_change < 0.03


def test_fresh_seeds_in_each_row_give_the_dummy_half_of_the_variance() -> None:
    """The control that must be bad: what a design without common seeds would report."""
    made = sensitivity_design("sobol", ["x1", "x2", "x3"], 1024)
    signal = ishigami(made.unit)
    result = analyse(made, signal[:, None] + signal.std() * normal(len(signal), 1))
    assert column(result, "total")[3] == pytest.approx(0.5, abs=0.05)
    assert np.all(np.abs(column(result, "total")[:3] - ISHIGAMI_TOTAL) > 0.1)
    assert np.isnan(column(result, "noise")).all()  # one seed cannot tell


def test_a_factor_that_only_reshuffles_is_below_the_dummy() -> None:
    made = sensitivity_design("sobol", ["w1", "w2", "w3", "stir"], 512)
    noise = LINEAR_SPREAD * (normal(20) + reshuffled(made.unit[:, 3], 20))
    result = analyse(made, linear(made.unit)[:, None] + noise)
    raw, corrected = column(result, "total"), column(result, "total_corrected")
    np.testing.assert_allclose(corrected[:3], LINEAR_TOTAL, atol=0.03)
    assert raw[3] > 0.03
    assert raw[3] == pytest.approx(column(result, "noise")[3], abs=0.01)
    assert corrected[3] == pytest.approx(0, abs=0.03)
    assert list(column(result, "below_dummy")) == [False, False, False, True, True]
    assert raw[4] == 0
    assert np.all(column(result, "low_seeds")[:4] < raw[:4])
    assert np.all(raw[:4] < column(result, "high_seeds")[:4])


def test_without_common_seeds_the_correction_still_finds_the_totals() -> None:
    made = sensitivity_design("sobol", ["w1", "w2", "w3"], 512)
    result = analyse(made, linear(made.unit)[:, None] + LINEAR_SPREAD * normal(len(made.unit), 20))
    assert column(result, "total")[3] > 0.03
    np.testing.assert_allclose(column(result, "total_corrected"), [*LINEAR_TOTAL, 0], atol=0.03)
    assert list(column(result, "below_dummy")) == [False, False, False, True]


def test_nothing_but_noise_stands_out_of_nothing() -> None:
    made = sensitivity_design("sobol", ["a", "b", "c"], 64)
    result = analyse(made, normal(len(made.unit), 10))
    assert column(result, "below_dummy").all()
    assert result.seed_share == pytest.approx(1, abs=0.2)
    assert result.seeds_share_of_one_run == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("seeds", [3, 10])
def test_seeds_that_shift_all_rows_alike_pass_one_time_in_twenty(seeds: int) -> None:
    """The design cannot see such a factor: all base points agree on what the few seeds make of it."""
    made = sensitivity_design("sobol", ["w1", "w2", "w3", "shift"], 16)
    passed = []
    for key in range(200):
        own, common = normal(2, seeds, key=key)
        y = linear(made.unit)[:, None] + common + made.unit[:, 3:4] * own
        passed.append(~sobol_indices.table(made, y)["below_dummy"].to_numpy())
    share = np.mean(passed, axis=0)
    assert 0.005 <= share[3] <= 0.11  # 0.05 and 3.5 or more standard errors
    assert share[0] > 0.95


def test_points_and_resamples_are_those_of_salib() -> None:
    from SALib.analyze.sobol import total_order

    made = sensitivity_design("sobol", ["w1", "w2", "w3"], 16)
    y = linear(made.unit)[:, None] + 0.3 * normal(len(made.unit), 5)
    values = sobol_indices.blocks(made, y)
    counts = np.rint(weights(16) * 16).astype(int)
    chosen = np.stack([np.repeat(np.arange(16), count) for count in counts], axis=1)  # (points, resamples)
    a, ab, b = values.a.mean(axis=1), values.ab.mean(axis=2), values.b.mean(axis=1)
    own = sobol_indices._over_design(values)[0]
    for factor in range(4):
        np.testing.assert_allclose(own[:, factor], total_order(a[chosen], ab[chosen, factor], b[chosen]))


def test_resampled_seeds_are_the_same_in_all_rows() -> None:
    from SALib.analyze.sobol import total_order

    made = sensitivity_design("sobol", ["w1", "w2", "w3"], 16)
    y = linear(made.unit)[:, None] + 0.3 * normal(len(made.unit), 5)
    values = sobol_indices.blocks(made, y)
    share = weights(5).T
    own = sobol_indices._over_seeds(values)
    for factor in range(4):
        expected = total_order(values.a @ share, values.ab[:, factor] @ share, values.b @ share)
        np.testing.assert_allclose(own[:, factor], expected)


def test_corrected_resamples_are_the_corrected_index_of_the_resample() -> None:
    made = sensitivity_design("sobol", ["w1", "w2", "w3"], 16)
    y = linear(made.unit)[:, None] + 0.3 * normal(len(made.unit), 5)
    values = sobol_indices.blocks(made, y)
    chosen = np.repeat(np.arange(16), np.rint(weights(16)[0] * 16).astype(int))
    again = y.reshape(16, -1, 5)[chosen].reshape(y.shape)
    expected = sobol_indices.table(made, again)["total_corrected"]
    np.testing.assert_allclose(sobol_indices._over_design(values)[1][0], expected)


def random_saltelli(size: int, key: int) -> Design:
    """Independent base points, so that an interval by resampling has its nominal level."""
    a, b = np.random.default_rng(key).random((2, size, 3))
    rows = [a, *(np.where(np.arange(3) == factor, b, a) for factor in range(3)), b]
    return Design("sobol", ("x1", "x2", DUMMY), np.stack(rows, axis=1).reshape(-1, 3), size)


def test_the_interval_over_the_design_covers_the_truth_as_often_as_it_says() -> None:
    truth = np.array([0.8, 0.2])  # of 2 x1 + x2
    found = []
    for key in range(150):
        made = random_saltelli(64, key)
        table = sobol_indices.table(made, (made.unit @ [2.0, 1.0, 0.0])[:, None])
        found.append(table.loc[:1, ["total", "low_design", "high_design"]].to_numpy())
    total, low, high = np.moveaxis(np.array(found), 2, 0)
    assert 0.85 <= np.mean((low <= truth) & (truth <= high)) <= 0.99
    half_width = (high - low).mean(axis=0) / 2
    np.testing.assert_allclose(half_width / (1.96 * total.std(axis=0)), 1, atol=0.25)
    halved = np.abs(total - truth) <= (high - low) / 4
    assert halved.mean() < 0.8  # the control: half the width is found out


# Morris


def test_mu_star_of_a_linear_function_is_the_weight_over_the_unit_range() -> None:
    made = sensitivity_design("morris", ["w1", "w2", "w3", "stir"], 30)
    noise = LINEAR_SPREAD * (normal(20) + reshuffled(made.unit[:, 3], 20))
    result = analyse(made, linear(made.unit)[:, None] + noise)
    np.testing.assert_allclose(column(result, "mu_star")[:3], np.abs(WEIGHTS))
    np.testing.assert_allclose(column(result, "mu")[:3], WEIGHTS)
    np.testing.assert_allclose(column(result, "sigma")[:3], 0, atol=1e-12)
    assert column(result, "mu_star")[3] > 0.1
    assert list(column(result, "below_dummy")) == [False, False, False, True, True]
    assert column(result, "mu_star")[4] == 0


def test_the_noise_of_mu_star_is_what_seeds_alone_give() -> None:
    made = sensitivity_design("morris", ["a", "b"], 200)
    table = morris_indices.table(made, normal(len(made.unit), 20))
    np.testing.assert_allclose(table["noise"], table["mu_star"], rtol=0.2)
    assert table["below_dummy"].all()


def test_morris_factors_without_effect_pass_one_time_in_twenty() -> None:
    made = sensitivity_design("morris", ["w1", "w2", "w3", "shift"], 10)
    passed = []
    for key in range(200):
        own, common = normal(2, 5, key=key)
        y = linear(made.unit)[:, None] + common + made.unit[:, 3:4] * own
        passed.append(~morris_indices.table(made, y)["below_dummy"].to_numpy())
    share = np.mean(passed, axis=0)
    assert 0.005 <= share[3] <= 0.11  # 0.05 and 3.5 or more standard errors
    assert share[0] > 0.95


def test_a_mu_star_that_reaches_down_to_its_noise_is_below_the_dummy() -> None:
    found = pd.DataFrame({"low_design": [1.0, 1.0, 0.0], "high_design": [2.0, 2.0, 0.0], "noise": [0.9, 1.1, 0.0]})
    below = morris_indices.below_dummy(found, np.ones((3, 4, 5)), rounding=0.0)
    assert list(below) == [False, True, True]


def test_morris_ranks_the_g_function_and_agrees_with_salib() -> None:
    from SALib.analyze import morris

    made = sensitivity_design("morris", ["a0", "a1", "a9", "a99"], 50)
    a = np.array([0.0, 1.0, 9.0, 99.0])
    y = np.prod((np.abs(4 * made.unit[:, :4] - 2) + a) / (1 + a), axis=1)
    result = analyse(made, y[:, None])
    told = morris.analyze(salib_problem(made), made.unit, y, num_levels=4, num_resamples=2, seed=1)
    for name in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(column(result, name), told[name], atol=1e-12)
    assert np.all(np.diff(column(result, "mu_star")) < 0)
    assert list(column(result, "below_dummy")) == [False] * 4 + [True]


# PAWN


def test_pawn_distinguishes_influence_from_none() -> None:
    made = sensitivity_design("pawn", ["x1", "x2", "inert"], 500)
    signal = np.sin(6 * made.unit[:, 0]) + 2 * made.unit[:, 1] ** 2
    result = analyse(made, signal[:, None] + signal.std() * (normal(10) + normal(500, 10)))
    assert list(column(result, "below_dummy")) == [False, False, True, True]
    assert np.all(column(result, "maximum") >= column(result, "median"))
    assert np.all(column(result, "low_design") <= column(result, "median"))
    assert np.all(column(result, "median") <= column(result, "high_seeds"))
    assert np.isnan(column(result, "noise")).all()


def test_pawn_seldom_distinguishes_a_factor_without_effect_from_the_dummy() -> None:
    factors = ("x1", "a", "b", "c", "d", DUMMY)
    passed = []
    for key in range(30):
        made = Design("pawn", factors, np.random.default_rng(key).random((100, 6)), 100)
        y = made.unit[:, :1] + 0.1 * normal(100, 1, key=key)
        passed.append(~pawn_indices.table(made, y)["below_dummy"].to_numpy())
    share = np.mean(passed, axis=0)
    assert share[0] == 1
    assert share[1:].mean() <= 0.06


@pytest.mark.parametrize("decimals", [12, 0])
def test_pawn_agrees_with_salib_but_for_its_left_out_point(decimals: int) -> None:
    from SALib.analyze import pawn

    made = sensitivity_design("pawn", ["x1", "x2", "x3"], 400)
    y = ishigami(made.unit).round(decimals)  # rounded, many values are equal
    told = pawn.analyze(salib_problem(made), made.unit, y, S=10, seed=1)
    result = analyse(made, y[:, None])
    np.testing.assert_allclose(column(result, "median"), told["median"], atol=0.015)
    np.testing.assert_allclose(column(result, "maximum"), told["maximum"], atol=0.03)


# What is refused and what is degenerate


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_named(method: str, value: float) -> None:
    made = sensitivity_design(method, ["a", "b"], SIZES[method])
    y = normal(len(made.unit), 4)
    y[[7, 9], [2, 0]] = value
    with pytest.raises(ValueError, match="row 7, seed 2"):
        analyse(made, y)


@pytest.mark.parametrize("shape", [(79, 3), (81, 3), (80,), (80, 0)])
def test_values_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(80, seeds\)"):
        analyse(sensitivity_design("morris", ["a", "b"], 20), np.zeros(shape))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seeds", [1, 5])
def test_a_constant_has_indices_of_zero(method: str, seeds: int) -> None:
    made = sensitivity_design(method, ["a", "b"], SIZES[method])
    result = analyse(made, np.ones(len(made.unit))[:, None] * normal(seeds))  # seeds differ, rows do not
    told = analyse(made, made.unit[:, :1] * np.ones(seeds)).table
    assert list(result.table.columns) == list(told.columns)
    assert (column(result, result.main) == 0).all()
    assert column(result, "below_dummy").all()
    pd.testing.assert_frame_equal(result.table.isna(), told.isna())
    assert result.variance == pytest.approx(0, abs=1e-24)
    assert result.largest_change == 0
    assert result.converged


@pytest.mark.parametrize("method", METHODS)
def test_the_smallest_design_is_analysed(method: str) -> None:
    made = sensitivity_design(method, ["w1", "w2", "w3"], FEWEST[method])
    result = analyse(made, linear(made.unit)[:, None] + normal(len(made.unit), 4))
    assert len(result.half) == len(result.table) == 4
    assert np.isfinite(column(result, result.main)).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_few_seeds_have_no_interval_over_seeds(method: str, seeds: int) -> None:
    made = sensitivity_design(method, ["w1", "w2", "w3"], SIZES[method])
    result = analyse(made, linear(made.unit)[:, None] + 0.01 * normal(len(made.unit), seeds))
    assert np.isnan(column(result, "low_seeds")).all() == (seeds < 3)
    assert np.isnan(column(result, "high_seeds")).all() == (seeds < 3)
    assert np.isfinite(column(result, "low_design")).all()
    assert np.isnan(result.seed_share) == (seeds == 1)
    assert not column(result, "below_dummy")[0]
    assert column(result, "below_dummy")[3]


def test_analysis_is_the_same_each_time() -> None:
    made = sensitivity_design("sobol", ["w1", "w2", "w3"], 16)
    y = linear(made.unit)[:, None] + normal(len(made.unit), 5)
    np.random.seed(1)  # noqa: NPY002 the global generator must not matter
    once = analyse(made, y)
    np.random.seed(2)  # noqa: NPY002
    pd.testing.assert_frame_equal(once.table, analyse(made, y).table)


# The parts


def test_components_of_a_variance_made_of_known_parts() -> None:
    rows, seeds = 2000, 400
    y = 2 * normal(rows, 1, key=1) + 3 * normal(seeds, key=2) + 4 * normal(rows, seeds, key=3)
    found = components(y)
    assert found.variance == pytest.approx(4, rel=0.1)
    assert found.noise == pytest.approx(16 / seeds, rel=0.05)  # the seeds' main effect is not in it
    assert found.seed_share == pytest.approx(0.04 / 4.04, rel=0.1)
    assert found.seeds_share_of_one_run == pytest.approx(25 / 29, rel=0.05)


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("seeds", [3, 8])
def test_differences_without_a_mean_are_seldom_taken_for_one(alike: bool, seeds: int) -> None:
    shape = (1, seeds) if alike else (40, seeds)
    drawn = [normal(*shape, key=key) * np.ones((40, 1)) for key in range(400)]
    assert np.mean([differ(one) for one in drawn]) <= 0.09
    assert np.mean([differ(one + 3) for one in drawn]) > 0.6


def test_one_difference_at_all_points_is_tested_by_students_t() -> None:
    drawn = [normal(5, key=key) + 0.8 for key in range(200)]
    own = [differ(one * np.ones((7, 1))) for one in drawn]
    told = [bool(ttest_1samp(one, 0).pvalue < 0.05) for one in drawn]
    assert own == told
    assert 20 < sum(told) < 180


def test_differences_at_the_limits() -> None:
    assert not differ(np.zeros((4, 3)))
    assert differ(np.ones((4, 3)))
    assert differ(np.array([[1e-9], [0.0]]))  # one seed: no noise to compare with
    assert not differ(np.array([[1.0, -1.0]]))


def test_resamples_are_shares_and_the_interval_lies_around_the_estimate() -> None:
    share = weights(7)
    assert share.shape == (RESAMPLES, 7)
    np.testing.assert_allclose(share.sum(axis=1), 1)
    resampled = np.stack([np.linspace(1, 2, 401), np.full(401, np.nan)], axis=1)
    low, high = interval(np.array([0.5, 0.5]), resampled, 10**9)
    np.testing.assert_allclose([low[0], high[0]], [0.025, 0.975])  # moved by the mean of the resamples, 1.5
    assert np.isnan([low[1], high[1]]).all()
    assert interval(np.array([0.1, 0.1]), resampled, 10**9, floor=0.0)[0][0] == 0
    wide = interval(np.array([0.5, 0.5]), resampled, 2)
    np.testing.assert_allclose(wide[1][0] - wide[0][0], 0.95 * np.sqrt(2))


def ranking(index: list[float], half_width: float, below: tuple[int, ...] = ()) -> pd.DataFrame:
    values = np.array([*index, 0.0])
    return pd.DataFrame(
        {
            "total": values,
            "low_design": values - half_width,
            "high_design": values + half_width,
            "below_dummy": [place in below or place == len(index) for place in range(len(values))],
        }
    )


@pytest.mark.parametrize(
    ("half", "width", "below", "held"),
    [
        ([0.5, 0.3, 0.2, 0.1], 0.01, (), True),
        ([0.3, 0.5, 0.2, 0.1], 0.01, (), False),  # first and second changed places
        ([0.3, 0.5, 0.2, 0.1], 0.15, (), True),  # their intervals overlap
        ([0.5, 0.3, 0.1, 0.2], 0.01, (), False),  # third and fourth
        ([0.5, 0.3, 0.1, 0.2], 0.01, (3,), True),  # the fourth is not told apart from the dummy
        ([0.3, 0.5, 0.2, 0.1], 0.01, (0, 1, 2, 3), True),  # none is
    ],
)
def test_convergence_is_the_order_of_the_top(
    half: list[float], width: float, below: tuple[int, ...], held: bool
) -> None:
    whole = ranking([0.5, 0.3, 0.2, 0.1], width, below)
    found = compare(whole, ranking(half, width, below), "total")
    assert found.converged == held
    assert found.largest_change == pytest.approx(np.abs(np.array(half) - [0.5, 0.3, 0.2, 0.1]).max())
    kept = 4 - len(below)
    assert np.isnan(found.rank_correlation) == (kept < 2)


def test_rank_correlation_of_one_swap() -> None:
    found = compare(ranking([4, 3, 2, 1], 0.1), ranking([3, 4, 2, 1], 0.1), "total")
    assert found.rank_correlation == pytest.approx(1 - 6 * 2 / (4 * 15))
