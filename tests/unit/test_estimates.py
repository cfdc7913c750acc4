"""Values of runs, paired effects, their intervals and verdicts: against numbers computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from result_tables import ARMS, SHARES, estimates_of, groups_of, run_rows, simulated_series, spells_of

from clustersim import measures, messages
from clustersim.analysis.estimates import (
    contrasts,
    cost_ratios,
    effects,
    effects_by_year,
    estimate,
    firm_values,
    group_effects,
    headline_values,
    monthly_differences,
    resilience,
    waiting,
)
from clustersim.analysis.intervals import mean_interval, ratio_interval, seeds_needed, student_quantile
from clustersim.analysis.paired import differences
from clustersim.analysis.shocks import shock_by_month
from clustersim.analysis.verdicts import Verdict, verdict, within_margin
from clustersim.analysis.waiting_times import waiting_curves
from clustersim.measures import MEASURES
from clustersim.measures.cost import RATIOS
from clustersim.measures.waiting import months_waited, served_by_wait
from clustersim.spec.parameters import defaults

PARAMETERS = defaults()
HEADLINE = measures.headline()


def one_value(columns: dict[str, Any], months: int = 24, **changes: float) -> pd.Series:
    """The measures of a single run."""
    series = run_rows("no_alliance", 0, months, columns)
    return headline_values(series, parameters=PARAMETERS.replace(**changes)).loc[("no_alliance", 0)]


def two_arms(own: list[float], twin: list[float], column: str = "output") -> pd.DataFrame:
    """Values of two arms with one month a seed and a number in one column."""
    runs = [("no_alliance", twin), ("policy", own)]
    rows = [run_rows(arm, seed, 1, {column: value}) for arm, sums in runs for seed, value in enumerate(sums)]
    return headline_values(pd.concat(rows), parameters=PARAMETERS)


def effect_row(own: list[float], twin: list[float], column: str, measure: str) -> pd.Series:
    return effects(two_arms(own, twin, column), [MEASURES[measure]], parameters=PARAMETERS).iloc[0]


# Intervals


@pytest.mark.parametrize(
    ("degrees", "tabled"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (30, 2.0423), (99, 1.9842), (1000, 1.9623)],
)
def test_the_quantile_of_student_is_the_tabled_one(degrees: int, tabled: float) -> None:
    assert student_quantile(degrees) == pytest.approx(tabled, abs=5e-5)


def test_the_two_ways_to_the_quantile_meet() -> None:
    assert student_quantile(1000) - student_quantile(1001) == pytest.approx(2.374e-6, rel=0.02)


def test_the_interval_of_a_mean() -> None:
    found = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    assert (found.mean, found.seeds) == (2.5, 4)
    assert found.standard_error == pytest.approx(0.645497, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((0.445739, 4.554261), abs=1e-5)


def test_one_seed_has_a_mean_and_no_interval() -> None:
    found = mean_interval(np.array([3.0]))
    assert found.mean == 3.0
    assert math.isnan(found.low) and math.isnan(found.high) and math.isnan(found.standard_error)


def test_the_interval_covers_the_truth_at_its_level() -> None:
    samples = np.random.default_rng(1).normal(0.7, 2.0, size=(4000, 6))
    covered = [found.low <= 0.7 <= found.high for found in map(mean_interval, samples)]
    assert np.mean(covered) == pytest.approx(0.95, abs=3.5 * math.sqrt(0.95 * 0.05 / 4000))


def test_rows_that_are_enterprises_would_cover_far_less() -> None:
    random = np.random.default_rng(2)
    by_seed = random.normal(0, 1, size=(500, 8, 1))
    enterprises = by_seed + random.normal(0, 1, size=(500, 8, 40))
    seeds = [found.low <= 0 <= found.high for found in map(mean_interval, enterprises.mean(axis=2))]
    rows = [found.low <= 0 <= found.high for found in map(mean_interval, enterprises.reshape(500, -1))]
    assert np.mean(seeds) > 0.92
    assert np.mean(rows) < 0.5


def test_the_interval_of_a_ratio_covers_the_truth() -> None:
    random = np.random.default_rng(3)
    covered = []
    for _ in range(2000):
        below = random.normal(2.0, 0.8, 10)
        found = ratio_interval(3.0 * below + random.normal(0, 1, 10), below)
        covered.append(found.low <= 3.0 <= found.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=3.5 * math.sqrt(0.95 * 0.05 / 2000))


def test_a_ratio_is_the_ratio_of_means() -> None:
    found = ratio_interval(np.array([2.0, 4.0, 9.0]), np.array([1.0, 2.0, 1.5]))
    assert found.mean == pytest.approx(15 / 4.5)
    # Residuals of the numerators from 10/3 of the denominators are -4/3, -8/3 and 4.
    assert found.standard_error == pytest.approx(math.sqrt((16 + 64 + 144) / 9 / 2 / 3) / 1.5)
    assert found.low < found.mean < found.high


@pytest.mark.parametrize("below", [[1.0, -1.0, 0.5], [-1.0, -1.1, -1.2], [0.0, 0.0, 0.0]])
def test_no_ratio_is_reported_over_what_may_be_nothing(below: list[float]) -> None:
    assert math.isnan(ratio_interval(np.array([1.0, 1.0, 1.1]), np.array(below)).mean)


@pytest.mark.parametrize(("deviation", "half"), [(3.0, 0.5), (1.0, 1.0), (0.1, 5.0), (40.0, 0.25)])
def test_the_seeds_needed_are_the_fewest(deviation: float, half: float) -> None:
    seeds = int(seeds_needed(deviation, half))
    assert student_quantile(seeds - 1) * deviation / math.sqrt(seeds) <= half
    assert seeds == 2 or student_quantile(seeds - 2) * deviation / math.sqrt(seeds - 1) > half


# Verdicts


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.5, 2.0, Verdict.BETTER),
        (0.1, 1.1, Verdict.BETTER),
        (-2.0, -1.5, Verdict.WORSE),
        (-1.1, -0.1, Verdict.WORSE),
        (-1.0, 1.0, Verdict.NO_PRACTICAL_DIFFERENCE),
        (0.2, 0.8, Verdict.NO_PRACTICAL_DIFFERENCE),
        (0.0, 0.0, Verdict.NO_PRACTICAL_DIFFERENCE),
        (-1.01, 0.5, Verdict.UNDECIDED),
        (0.0, 1.01, Verdict.UNDECIDED),
        (math.nan, math.nan, Verdict.UNDECIDED),
    ],
)
def test_the_verdict_on_an_interval(low: float, high: float, said: Verdict) -> None:
    assert verdict(low, high, margin=1.0) == said


def test_where_less_is_better_the_verdict_turns() -> None:
    assert verdict(1.5, 2.0, 1.0, better=-1) == Verdict.WORSE
    assert verdict(-2.0, -1.5, 1.0, better=-1) == Verdict.BETTER
    assert verdict(-0.5, 1.0, 1.0, better=-1) == Verdict.NO_PRACTICAL_DIFFERENCE


def test_a_clear_sign_can_be_smaller_than_the_margin() -> None:
    assert within_margin(0.6, 1.0, verdict(0.1, 1.1, 1.0))
    assert not within_margin(1.0, 1.0, verdict(0.9, 1.1, 1.0))
    assert not within_margin(0.5, 1.0, Verdict.NO_PRACTICAL_DIFFERENCE)


# Values of runs


def test_the_pairing_rate_is_that_of_the_last_12_months() -> None:
    paired = [0.0] * 12 + [50.0] * 6 + [100.0] * 6
    assert one_value({"slots": 200.0, "paired_slots": paired})["pairing_rate"] == pytest.approx(37.5)


def test_output_is_a_sum_over_the_horizon() -> None:
    value = one_value({"output": np.arange(1.0, 25.0), "value_added": 2.0, "entrant_output": 0.5})
    assert (value["output"], value["value_added"], value["incumbent_output"]) == (300.0, 48.0, 288.0)


def test_only_the_chosen_months_count() -> None:
    series = run_rows("no_alliance", 0, 24, {"output": np.arange(1.0, 25.0)})
    values = headline_values(series, range(3, 6), parameters=PARAMETERS)
    assert values["output"].tolist() == [12.0]


def test_rerouted_and_replaced_make_up_local_sales() -> None:
    value = one_value({"local_sales": 9.0, "local_orders": 10.0}, months=2, reroute=0.25)
    assert (value["rerouted"], value["replaced"], value["local_sales"]) == (5.0, 13.0, 18.0)


def test_cost_tax_and_shares_are_taken_at_their_parameters() -> None:
    columns = {"staff_months": 2.0, "money": 3.0, "firm_days": 99.0, "value_added": 10.0}
    value = one_value(columns, months=2, price_staff_month=1.5, tax_rate=0.2)
    assert (value["public_cost"], value["tax"]) == (12.0, 4.0)


def test_further_shares() -> None:
    columns = {
        **{"bought_local": 1.0, "bought_outside": 3.0, "output": 3.0, "full_output": 4.0},
        **{"slot_volume": 8.0, "paired_volume": 2.0, "enterprises": 10.0, "enterprises_paired": 6.0},
        **{"needs_served": 3.0, "needs_lapsed": 1.0, "members": 5.0, "members_paired": 4.0},
    }
    names = ("local_inputs", "utilisation", "pairing_rate_by_volume", "enterprises_with_pair", "needs_served")
    value = one_value(columns)
    assert [value[name] for name in names] == [25.0, 75.0, 25.0, 60.0, 75.0]
    assert value["members_with_pair"] == 80.0


def test_counts_of_pairs_and_entrants() -> None:
    columns = {
        **{"additional": 5.0, "twin_only": 2.0, "deadweight": 30.0, "channel_tie": 4.0},
        "entries": np.repeat([0.0, 1.0, 0.5], 8),
    }
    value = one_value(columns)
    assert (value["net_additional"], value["deadweight"], value["entrants"]) == (72.0, 720.0, 12.0)
    assert value["pairs_by_tie"] == 4.0


def test_shares_of_nothing_are_not_a_number() -> None:
    value = one_value({})
    assert np.isnan([value["members_with_pair"], value["needs_served"], value["pairing_rate"]]).all()


def test_arms_without_their_shock_stay_out_of_the_headline() -> None:
    series = simulated_series(shock=True, seeds=2)
    assert list(headline_values(series, parameters=PARAMETERS).index.unique("arm")) == [
        *("no_alliance", "cluster_committee", "chain_leader", "committee_without_projects")
    ]


# Effects


def test_an_effect_in_percent_is_the_mean_of_the_seeds_percentages() -> None:
    row = effect_row([110.0, 330.0, 216.0], [100.0, 300.0, 200.0], "output", "output")
    assert row["effect"] == pytest.approx((10 + 10 + 8) / 3)
    assert row["standard_error"] == pytest.approx(2 / 3)
    assert (row["low"], row["high"]) == pytest.approx((28 / 3 - 4.302653 * 2 / 3, 28 / 3 + 4.302653 * 2 / 3), abs=1e-5)
    assert (row["baseline"], row["level"], row["seeds"], row["verdict"]) == (200.0, pytest.approx(656 / 3), 3, "better")


def test_an_effect_in_points_and_its_variance_gain() -> None:
    series = [
        run_rows(arm, seed, 1, {"slots": 100.0, "paired_slots": paired})
        for arm, sums in {"no_alliance": [20.0, 30.0, 40.0], "policy": [23.0, 32.0, 44.0]}.items()
        for seed, paired in enumerate(sums)
    ]
    values = headline_values(pd.concat(series), parameters=PARAMETERS)
    row = effects(values, [MEASURES["pairing_rate"]], parameters=PARAMETERS).iloc[0]
    assert (row["effect"], row["effect_unit"], row["margin"]) == (pytest.approx(3.0), "points", 1.0)
    assert row["variance_gain"] == pytest.approx((100 + 111) / 1)
    assert row["seeds_needed"] == 18  # half-width 1/2 at a standard deviation of 1: 2.1098 / sqrt(18) = 0.497


def test_what_all_arms_of_a_seed_share_does_not_blur_the_effect() -> None:
    calm = effect_row([3.0, 5.0, 4.0], [1.0, 2.0, 3.0], "patents", "patents")
    rough = effect_row([1003.0, 5.0, 504.0], [1001.0, 2.0, 503.0], "patents", "patents")
    assert rough[["effect", "low", "high"]].tolist() == pytest.approx(calm[["effect", "low", "high"]].tolist())
    assert rough["variance_gain"] > 1000 * calm["variance_gain"]


def test_the_share_of_seeds_in_which_the_arm_is_better() -> None:
    assert effect_row([2.0, 2.0, 0.0, 1.0], [1.0] * 4, "patents", "patents")["share_better"] == 0.5
    lost = effect_row([2.0, 2.0, 0.0, 1.0], [1.0] * 4, "lost_outside_unpaired", "lost_outside_unpaired")
    assert lost["share_better"] == 0.25


def test_one_seed_is_undecided() -> None:
    row = effect_row([120.0], [100.0], "output", "output")
    assert (row["effect"], row["verdict"], row["seeds"]) == (pytest.approx(20.0), "undecided", 1)
    assert row[["low", "high", "standard_error", "variance_gain", "seeds_needed"]].isna().all()


def test_arms_that_are_equal_in_every_seed_do_not_differ() -> None:
    row = effect_row([100.0, 200.0], [100.0, 200.0], "output", "output")
    assert (row["effect"], row["low"], row["high"], row["verdict"]) == (0, 0, 0, "no_practical_difference")
    assert (row["seeds_needed"], row["variance_gain"]) == (2, math.inf)


def test_a_baseline_of_nothing_gives_no_percentage() -> None:
    row = effect_row([1.0, 2.0, 3.0], [0.0, 1.0, 2.0], "output", "output")
    assert (row["effect"], row["seeds"]) == (pytest.approx(75.0), 2)


def test_measures_without_a_margin_get_no_verdict() -> None:
    assert effect_row([1.0, 2.0], [0.0, 0.0], "patents", "patents")["verdict"] == ""


def test_only_seeds_of_both_arms_are_compared() -> None:
    values = two_arms([10.0, 20.0, 30.0], [5.0, 5.0, 5.0], "patents").drop(index=("no_alliance", 1))
    row = effects(values, [MEASURES["patents"]], parameters=PARAMETERS).iloc[0]
    assert (row["effect"], row["level"], row["seeds"]) == (15.0, 20.0, 2)


def test_neither_the_order_of_rows_nor_the_names_of_seeds_matter() -> None:
    series = simulated_series()
    found = effects_of(series)
    shuffled = series.sample(frac=1, random_state=7)
    renamed = series.assign(seed=series["seed"].map(lambda seed: 1000 - 7 * seed))
    again = (
        effects_of(shuffled).set_index(["arm", "measure"]).loc[list(zip(found["arm"], found["measure"], strict=True))]
    )
    pd.testing.assert_frame_equal(again.reset_index()[found.columns], found, check_exact=True)
    pd.testing.assert_frame_equal(effects_of(renamed), found, check_exact=False, rtol=1e-9)


def effects_of(series: pd.DataFrame) -> pd.DataFrame:
    return effects(headline_values(series, parameters=PARAMETERS), measures.read_from("window"), parameters=PARAMETERS)


def test_arms_as_categories_and_a_single_point_change_nothing() -> None:
    series = simulated_series(shock=True, seeds=3)
    coded = series.assign(arm=pd.Categorical(series["arm"]), point=np.int32(0), month=series["month"].astype(np.int16))
    for found, again in zip(vars(estimates_of(series)).values(), vars(estimates_of(coded)).values(), strict=True):
        pd.testing.assert_frame_equal(again, found, check_dtype=False)


def test_points_are_never_averaged_over() -> None:
    series = simulated_series(seeds=2)
    several = pd.concat([series.assign(point=0), series.assign(point=1)])
    for of in (headline_values, resilience):
        with pytest.raises(ValueError, match="several parameter points"):
            of(several, parameters=PARAMETERS)


def test_a_contrast_is_between_two_policies() -> None:
    series = simulated_series(noise=0.0)
    values = headline_values(series, parameters=PARAMETERS)
    found = contrasts(values, HEADLINE, parameters=PARAMETERS).set_index(["arm", "against", "measure"])["effect"]
    assert found[("chain_leader", "cluster_committee", "pairing_rate")] == pytest.approx(4 * (0.25 - 0.5))
    assert len(found) == 3 * len(HEADLINE)


def test_the_change_of_output_is_that_of_local_and_outside_sales() -> None:
    found = effects_of(simulated_series()).pivot(index="arm", columns="measure", values=["level", "baseline"])
    change = found["level"] - found["baseline"]
    parts = change["local_sales"] + change["outside_sales"]
    pd.testing.assert_series_equal(parts, change["output"], check_names=False)
    pd.testing.assert_series_equal(change["rerouted"] + change["replaced"], change["local_sales"], check_names=False)


def test_each_year_stands_alone_and_a_short_last_one_is_kept() -> None:
    series = simulated_series(months=30)
    years = effects_by_year(series, HEADLINE, parameters=PARAMETERS)
    months = years[["year", "first_month", "last_month"]].drop_duplicates().to_numpy().tolist()
    assert months == [[1, 1, 12], [2, 13, 24], [3, 25, 30]]
    whole = effects_of(series).set_index(["arm", "measure"])["level"]
    added = years[years["measure"] == "output"].groupby("arm")["level"].sum()
    assert added["chain_leader"] == pytest.approx(whole[("chain_leader", "output")])


def test_months_are_compared_month_by_month() -> None:
    rows = [run_rows("no_alliance", seed, 2, {"output": [100.0, 200.0]}) for seed in range(2)]
    rows += [run_rows("policy", seed, 2, {"output": [101.0 + seed, 220.0]}) for seed in range(2)]
    monthly = monthly_differences(pd.concat(rows), [MEASURES["output"]], parameters=PARAMETERS)
    assert monthly["effect"].tolist() == pytest.approx([1.5, 10.0])
    assert (monthly["high"] - monthly["effect"]).tolist() == pytest.approx([12.7062 * 0.5, 0.0], abs=1e-4)
    assert monthly["baseline"].tolist() == [100.0, 200.0]


def test_a_group_is_compared_with_itself_in_the_twin() -> None:
    series = simulated_series()
    found = group_effects(groups_of(series, SHARES), parameters=PARAMETERS)
    assert found["dimension"].unique().tolist() == ["total", "size_class", "member_at_start"]
    whole = effects_of(series).set_index(["arm", "measure"])
    for row in found[
        found["group"].isin(["all", "small"]) & found["measure"].isin(["pairing_rate", "output"])
    ].itertuples():
        assert row.effect == pytest.approx(whole.loc[(row.arm, row.measure), "effect"])
        assert row.high == pytest.approx(whole.loc[(row.arm, row.measure), "high"])


def test_a_group_that_is_empty_in_a_seed_is_left_out_there() -> None:
    groups = groups_of(simulated_series(seeds=5), {("site", "A"): 1.0})
    numbers = groups.columns.difference(["arm", "seed", "dimension", "group"])
    groups.loc[groups["seed"] == 3, numbers] = 0.0
    found = group_effects(groups, parameters=PARAMETERS).set_index(["arm", "measure"])
    assert found.loc[("chain_leader", "pairing_rate"), "seeds"] == 4
    assert found.loc[("chain_leader", "output"), "seeds"] == 4


def test_the_cost_of_a_pair_year() -> None:
    values = headline_values(simulated_series(noise=0.0), parameters=PARAMETERS)
    found = cost_ratios(values).set_index(["arm", "measure"])
    # 24 months of 2 staff-months at 1.5 and 4 of money, over 24 months of 8 x 1/2 net slots: 7 / 4 a slot-month
    assert found.loc[("cluster_committee", "cost_per_pair_year"), "ratio"] == pytest.approx(12 * 7 / 4)


def shocked_series(relative: list[float]) -> pd.DataFrame:
    """One policy with the given output relative to 100, no_alliance with half the loss, two seeds."""
    rows = []
    for seed in range(2):
        for arm, weight in (("no_alliance", 0.5), ("policy", 1.0)):
            output = [100 * (1 - weight * (1 - share)) for share in relative]
            rows.append(run_rows(arm, seed, len(relative), {"output": output}))
            rows.append(run_rows(f"{arm} (no shock)", seed, len(relative), {"output": 100.0}))
    return pd.concat(rows)


def test_resilience_is_measured_against_the_same_arm_without_the_shock() -> None:
    series = shocked_series([1.0, 0.94, 0.80, 0.90, 0.96, 1.0])
    found = resilience(series, parameters=PARAMETERS).set_index("measure")
    assert found.loc["output_lost", ["baseline", "level", "effect"]].tolist() == pytest.approx(
        [40 / 12, 40 / 6, 40 / 12]
    )
    assert found.loc["trough", ["baseline", "level"]].tolist() == pytest.approx([10.0, 20.0])
    assert found.loc["recovery_months", ["baseline", "level"]].tolist() == [1.0, 3.0]
    assert found.loc["recovered", ["baseline", "level"]].tolist() == [100.0, 100.0]
    assert found.loc["output_lost", "verdict"] == "worse"


def test_a_run_that_does_not_recover_is_said_to() -> None:
    found = resilience(shocked_series([1.0, 0.8, 0.9, 0.92]), parameters=PARAMETERS).set_index("measure")
    assert found.loc["recovery_months", "level"] == 3.0
    assert found.loc["recovered", "level"] == 0.0


def test_without_a_shock_there_is_no_resilience() -> None:
    assert resilience(simulated_series(seeds=2), parameters=PARAMETERS).empty


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_scenario_without_policies_has_estimates_without_rows(seeds: int) -> None:
    found = estimates_of(simulated_series(["no_alliance"], seeds=seeds))
    assert all(frame.empty and len(frame.columns) for frame in vars(found).values())


# Registry


def test_every_measure_has_its_texts_and_units() -> None:
    for name in [*MEASURES, *(ratio.name for ratio in RATIOS)]:
        assert messages.has(f"measure.{name}.title") and messages.has(f"measure.{name}.definition")
    units = {unit for measure in MEASURES.values() for unit in (measure.unit, measure.effect_unit)}
    for unit in units | {ratio.unit for ratio in RATIOS}:
        assert messages.has(f"measure_unit.{unit}") and messages.has(f"quantity.{unit}")


def test_every_measure_states_its_formula_and_a_known_margin() -> None:
    assert all(measure.function.__doc__ for measure in MEASURES.values())
    assert {measure.margin for measure in MEASURES.values()} == {None, "pairing_margin", "output_margin"}
    assert [measure.name for measure in HEADLINE] == ["pairing_rate", "output", "value_added"]


def firms_of(outputs: dict[str, list[float]]) -> pd.DataFrame:
    """Output of the firms of seed 0 in each arm."""
    rows = [
        {"arm": arm, "seed": 0, "firm": firm, "output": output}
        for arm, values in outputs.items()
        for firm, output in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_the_gini_coefficient_counts_the_firms_of_every_arm() -> None:
    found = firm_values(firms_of({"no_alliance": [1.0, 1.0, 0.0], "mine": [1.0, 3.0, 9.0]}))["output_gini"]
    assert found["no_alliance", 0] == pytest.approx(0.0)
    assert found["mine", 0] == pytest.approx(100 * 2 / (2 * 4))  # |1 - 3| over twice the mean, the entrant left out


def test_firms_join_the_effects_when_they_are_given() -> None:
    series = simulated_series(ARMS[:2], seeds=3)
    firms = pd.concat([firms_of({arm: [1.0, 2.0] for arm in ARMS[:2]}).assign(seed=seed) for seed in range(3)])
    found = estimate(series, groups_of(series, SHARES), parameters=defaults(), firms=firm_values(firms)).effects
    assert found.set_index("measure").loc["output_gini", ["effect", "seeds"]].tolist() == [0.0, 3]


def spells(*needs: tuple[int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(needs, columns=["opened", "ended", "outcome"])


def test_the_share_served_is_kaplan_meier_where_nothing_lapses() -> None:
    # 4 needs: served after 1 month, cut off after 2, served after 3, cut off after 5: S = 3/4, then 3/4 x 1/2.
    share = served_by_wait(spells((1, 2, "served"), (1, 3, "waiting"), (1, 4, "served"), (1, 6, "waiting")))
    assert share == pytest.approx([0, 1 / 4, 1 / 4, 1 - 3 / 4 / 2, 1 - 3 / 8, 1 - 3 / 8])


def test_a_lapsed_need_is_never_served() -> None:
    share = served_by_wait(spells((1, 2, "lapsed"), (1, 3, "served")))
    assert share == pytest.approx([0, 0, 1 / 2])
    assert np.isnan(months_waited(spells((1, 2, "lapsed"), (1, 3, "lapsed"), (1, 9, "served"))))


def test_needs_of_the_burn_in_do_not_count() -> None:
    assert served_by_wait(spells((-5, 2, "served"))).size == 0
    assert months_waited(spells((0, 1, "served"), (1, 5, "served"))) == 4


def test_waiting_is_reported_for_each_resource_and_arm() -> None:
    found = waiting(spells_of(ARMS[:3]), ARMS[:3], parameters=defaults())
    assert found["arm"].tolist() == list(ARMS[1:3])
    assert found["effect"].tolist() == [0.0, 0.0]
    assert found["level"].tolist() == [50.0, 50.0]
    assert found["needs"].tolist() == [4, 4]
    assert waiting(None, ARMS, parameters=defaults()).empty


def test_curves_of_waiting_by_hand() -> None:
    """Seed 0: one of two needs is served in its month. Seed 1: one is served after a month, one lapses after two."""
    rows = [(0, 1, 1, "served"), (0, 1, 24, "waiting"), (1, 3, 4, "served"), (1, 3, 5, "lapsed"), (1, 0, 1, "served")]
    spells = pd.DataFrame(rows, columns=["seed", "opened", "ended", "outcome"]).assign(arm="no_alliance", firm=0)
    found = waiting_curves(spells.assign(resource="talent"), ARMS)
    assert found["month"].tolist() == list(range(24))  # the horizon ends at month 24
    assert found["level"].tolist() == [25.0, *[50.0] * 23]
    half = student_quantile(1) * 25.0
    assert (found["low"][0], found["high"][0]) == pytest.approx((25.0 - half, 25.0 + half))
    assert set(found["seeds"]) == {2}
    assert set(found["needs"]) == {4}  # what opened before the horizon does not count


def test_curves_are_reported_in_the_order_of_arms_and_end_after_two_years() -> None:
    spells = spells_of(ARMS[:3]).assign(ended=lambda table: table["ended"].replace(24, 60))
    found = waiting_curves(spells, [ARMS[2], ARMS[0]])
    assert found["arm"].unique().tolist() == [ARMS[2], ARMS[0]]
    assert found["month"].max() == 24
    assert waiting_curves(spells.assign(opened=0), ARMS).empty


def test_turnover_is_a_yearly_rate() -> None:
    value = one_value({"paired_slots": 40.0, "pairs_ended": 1.0})
    assert value["turnover"] == pytest.approx(100 * 12 / 40)
    assert value["pairs_ended"] == 24


def test_a_shock_is_followed_month_by_month() -> None:
    found = shock_by_month(simulated_series(ARMS[:2], seeds=3, shock=True))
    assert found.groupby("month")["level"].min().loc[[6, 7, 10, 11]].tolist() == pytest.approx([100, 90, 90, 100])
    assert shock_by_month(simulated_series(ARMS[:2], seeds=2)).empty


def test_arms_without_their_shock_are_in_no_group_table() -> None:
    groups = groups_of(simulated_series(), SHARES)
    beside = groups[groups["arm"] != "no_alliance"].assign(arm=lambda frame: frame["arm"].astype(str) + " (no shock)")
    found = group_effects(pd.concat([groups, beside]), parameters=PARAMETERS)
    assert len(found) > 0
    assert not found["arm"].str.endswith("(no shock)").any()


def test_a_rise_from_below_zero_is_a_rise() -> None:
    """Value added can be negative; percent of a negative twin would turn the sign of the effect."""
    own, twin = np.array([50.0, -150.0, 110.0, 1.0]), np.array([-100.0, -100.0, 100.0, 0.0])
    found = differences(own, twin, measures.MEASURES["value_added"])
    assert found[:3].tolist() == [150.0, -50.0, 10.0]
    assert math.isnan(found[3])
