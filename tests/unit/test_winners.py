"""Who gains and who loses: against numbers computed by hand, and a slow walk over firms."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim.analysis.attribution.firm_twins import MEMBERSHIP
from clustersim.analysis.attribution.firm_winners import COLUMNS, DIMENSIONS, over_seeds, winners, winners_by_seed
from clustersim.analysis.intervals import student_quantile

T_1 = 12.706204736432095  # Student's t, 1 degree of freedom, 95%

LABELS = {
    "size_class": ["small", "large", "small", "small", "small"],
    "tier": [0, 0, 1, 1, 1],
    "site": ["East", "East", "West", "West", "West"],
    "chain": ["food"] * 5,
    "member_at_start": [True, False, False, False, False],
    "member_ever": [1, 1, 0, 0, 1],
}


def runs(arm: str, outputs: dict[int, list[float]], **labels: list[Any]) -> pd.DataFrame:
    """Runs of five firms, a list of outputs for each seed; the last row is one that firms enter on."""
    parts = [
        pd.DataFrame({"arm": arm, "seed": seed, "firm": range(5), "output": output} | LABELS | labels)
        for seed, output in outputs.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(incumbent=table["firm"] < 4)


# Changes of seed 3: 10, -5, 0 percent, firm 3 has no twin that produces; of seed 7: 0.5, -1, 50, 0.
TWIN = {3: [100.0, 200.0, 50.0, 0.0, 0.0], 7: [100.0, 200.0, 50.0, 10.0, 0.0]}
OWN = {3: [110.0, 190.0, 50.0, 5.0, 80.0], 7: [100.5, 198.0, 75.0, 10.0, 0.0]}


def town(own: dict[int, list[float]] | None = None, twin: dict[int, list[float]] | None = None) -> pd.DataFrame:
    """Nobody is a member in the twin."""
    nobody = {name: [0] * 5 for name in MEMBERSHIP}
    return pd.concat([runs("no_alliance", twin or TWIN, **nobody), runs("policy", own or OWN)], ignore_index=True)


def row_of(table: pd.DataFrame, dimension: str = "total", group: str = "all") -> dict[str, Any]:
    found = table[(table["dimension"] == dimension) & (table["group"] == group)].to_dict("records")
    assert len(found) == 1
    return {str(name): value for name, value in found[0].items()}


def only_total(frame: pd.DataFrame, **options: Any) -> dict[str, Any]:
    return row_of(winners(frame, "policy", **options))


# Numbers by hand


def test_total_by_hand() -> None:
    found = only_total(town())
    gain = [100 / 3, 25.0]  # the rise by 0.5 percent is within the threshold
    lose = [100 / 3, 0.0]  # so is the fall by 1
    assert (found["arm"], found["against"], found["seeds"]) == ("policy", "no_alliance", 2)
    assert (found["firms"], found["left_out"]) == (3.5, 0.5)
    assert found["gain"] == pytest.approx(statistics.mean(gain))
    half = T_1 * (gain[0] - gain[1]) / 2  # of two numbers the standard error is half their distance
    assert (found["gain_low"], found["gain_high"]) == pytest.approx((found["gain"] - half, found["gain"] + half))
    half = T_1 * lose[0] / 2
    assert found["lose"] == pytest.approx(50 / 3)
    assert (found["lose_low"], found["lose_high"]) == pytest.approx((found["lose"] - half, found["lose"] + half))
    half = T_1 * 25.0 / 2  # net is 0 and 25
    assert (found["net"], found["net_low"], found["net_high"]) == pytest.approx((12.5, 12.5 - half, 12.5 + half))
    assert found["median_change"] == pytest.approx((0.0 + 0.25) / 2)
    assert found["change_10"] == pytest.approx((-4.0 - 0.7) / 2)  # a fifth of the way from -5 to 0; 0.3 from -1 to 0
    assert found["change_90"] == pytest.approx((8.0 + 35.15) / 2)  # 0.8 from 0 to 10; 0.7 from 0.5 to 50
    # A tenth of 3 and of 4 firms: 0.3 of a rise of 10 of 10, and 0.4 of a rise of 25 of 25.5.
    assert found["concentration"] == pytest.approx((0.3 + 0.4 * 25 / 25.5) / 2)
    assert math.isnan(found["surely_gain"])
    assert math.isnan(found["surely_lose"])


def test_groups_by_hand() -> None:
    table = winners(town(), "policy")
    assert tuple(table.columns) == COLUMNS
    east, west = row_of(table, "site", "East"), row_of(table, "site", "West")
    assert (east["gain"], east["lose"], east["firms"]) == (25.0, 25.0, 2.0)
    assert (west["gain"], west["lose"], west["firms"], west["left_out"]) == (25.0, 0.0, 1.5, 0.5)
    assert west["concentration"] == pytest.approx(0.2)  # in seed 3 nobody gains; in seed 7 a tenth of 2 firms
    assert east["median_change"] == pytest.approx((2.5 - 0.25) / 2)
    assert math.isnan(row_of(table, "size_class", "large")["concentration"])


def test_the_groups_of_each_dimension_are_all_firms() -> None:
    table = winners(town(), "policy")
    assert list(table["dimension"].unique()) == ["total", *DIMENSIONS]
    for _, part in table.groupby("dimension"):
        assert part["firms"].sum() == pytest.approx(3.5)
        assert part["left_out"].sum() == pytest.approx(0.5)


def test_labels_are_those_of_the_arm() -> None:
    table = winners(town(), "policy")
    members = row_of(table, "member_ever", "yes")  # firms 0 and 1; the one that enters is not counted
    assert (members["firms"], members["gain"], members["lose"]) == (2.0, 25.0, 25.0)
    turned = winners(town(), "no_alliance", "policy")
    assert list(turned[turned["dimension"] == "member_ever"]["group"]) == ["no"]


def test_groups_are_named_in_words_and_ordered() -> None:
    frame = town()
    frame["site"] = pd.Categorical(frame["site"], categories=["West", "North", "East"])
    table = winners(frame, "policy").groupby("dimension", sort=False)["group"].agg(list)
    assert table["site"] == ["West", "East"]  # as in the categories, and no row where there is no firm
    assert table["tier"] == ["0", "1"]
    assert table["member_at_start"] == ["no", "yes"]


def test_other_arm_as_twin() -> None:
    """An arm against itself: nothing changes, nobody gains."""
    found = row_of(winners(town(), "policy", "policy", same_firms=True))
    assert found["against"] == "policy"
    numbers = ("gain", "gain_high", "lose", "median_change", "change_10", "change_90", "surely_gain", "surely_lose")
    assert [found[name] for name in numbers] == [0.0] * len(numbers)
    assert math.isnan(found["concentration"])
    assert (found["firms"], found["left_out"]) == (4.0, 0.0)


# Edges


def test_entrants_and_zero_twins_do_not_count() -> None:
    plain = town()
    other = plain.copy()
    own = other["arm"] == "policy"
    other.loc[own & (other["firm"] == 4), "output"] = 1e6
    other.loc[own & (other["firm"] == 3) & (other["seed"] == 3), "output"] = 1e6
    pd.testing.assert_frame_equal(winners(plain, "policy"), winners(other, "policy"))


def test_seeds_without_firms_to_compare() -> None:
    twin = {3: [100.0, 200.0, 0.0, 0.0, 0.0], 7: TWIN[7]}
    table = winners(town(twin=twin), "policy")
    west = row_of(table, "site", "West")
    assert (west["seeds"], west["firms"], west["left_out"], west["gain"]) == (1, 1.0, 1.0, 50.0)
    assert math.isnan(west["gain_low"])
    nothing = {seed: [0.0] * 5 for seed in TWIN}
    found = only_total(town(twin=nothing), same_firms=True)
    assert (found["seeds"], found["firms"], found["left_out"]) == (0, 0.0, 4.0)
    assert all(math.isnan(found[name]) for name in ("gain", "lose", "median_change", "concentration", "surely_gain"))


def test_a_firm_that_ends_loses_all() -> None:
    found = only_total(town({3: [0.0] * 5, 7: [0.0] * 5}))
    assert (found["lose"], found["median_change"], found["change_90"]) == (100.0, -100.0, -100.0)


def test_one_seed_has_no_interval() -> None:
    found = only_total(town({3: OWN[3]}, {3: TWIN[3]}), same_firms=True)
    assert found["seeds"] == 1
    assert found["gain"] == pytest.approx(100 / 3)
    ends = ("gain_low", "gain_high", "lose_low", "net_high", "surely_gain", "surely_lose")
    assert all(math.isnan(found[name]) for name in ends)


def test_seeds_of_one_arm_only_are_left_out() -> None:
    frame = town(OWN | {9: [1.0] * 5}, TWIN | {11: [1.0] * 5})
    pd.testing.assert_frame_equal(winners(frame, "policy"), winners(town(), "policy"))


@pytest.mark.parametrize(("threshold", "gain", "lose"), [(0.0, 75.0, 25.0), (1.0, 50.0, 0.0), (2.0, 25.0, 0.0)])
def test_the_threshold_itself_is_neither_gain_nor_loss(threshold: float, gain: float, lose: float) -> None:
    frame = town({3: [101.0, 198.0, 51.0, 10.3, 0.0]}, {3: [100.0, 200.0, 50.0, 10.0, 0.0]})  # 1, -1, 2, 3 percent
    found = only_total(frame, threshold=threshold)
    assert (found["gain"], found["lose"]) == (gain, lose)


def test_order_and_kind_of_columns_do_not_matter() -> None:
    frame = town()
    other = frame.sample(frac=1.0, random_state=4).astype({"arm": "category", "site": "category", "tier": np.int8})
    pd.testing.assert_frame_equal(winners(frame, "policy"), winners(other, "policy"))


@pytest.mark.parametrize("firms", [5, 25, 100])
def test_equal_rises_are_not_concentrated(firms: int) -> None:
    labels = dict.fromkeys(DIMENSIONS, 0)
    parts = [
        pd.DataFrame({"arm": arm, "seed": 1, "firm": range(firms), "output": output} | labels)
        for arm, output in (("no_alliance", 10.0), ("policy", 12.0))
    ]
    frame = pd.concat(parts).assign(incumbent=True)
    assert only_total(frame)["concentration"] == pytest.approx(0.1)
    frame.loc[(frame["firm"] > 0) & (frame["arm"] == "policy"), "output"] = 10.0
    assert only_total(frame)["concentration"] == pytest.approx(min(1.0, firms / 10))


# Firms followed over the seeds


def test_sure_gains_by_hand() -> None:
    """Differences of firm 0: 10, 12, 11; of 1: -20, -22, -21; of 2: 30, -5, 1; of 3: 0, 0, 0."""
    base = [100.0, 200.0, 50.0, 10.0, 0.0]
    differences = {1: [10, -20, 30, 0, 9], 2: [12, -22, -5, 0, 9], 3: [11, -21, 1, 0, 9]}
    own = {seed: list(np.add(base, change)) for seed, change in differences.items()}
    frame = town(own, dict.fromkeys(own, base))
    table = winners(frame, "policy", same_firms=True)
    total, east, west = row_of(table), row_of(table, "site", "East"), row_of(table, "site", "West")
    assert (total["surely_gain"], total["surely_lose"]) == (25.0, 25.0)
    assert (east["surely_gain"], east["surely_lose"]) == (50.0, 50.0)
    assert (west["surely_gain"], west["surely_lose"]) == (0.0, 0.0)
    assert winners(frame, "policy")["surely_gain"].isna().all()


@pytest.mark.parametrize(("threshold", "gain", "lose"), [(8.5, 25.0, 25.0), (8.6, 0.0, 25.0), (9.3, 0.0, 0.0)])
def test_sure_gains_lie_beyond_the_threshold(threshold: float, gain: float, lose: float) -> None:
    """Firm 0 rises by 8.52 to 13.48 percent of 100, firm 1 falls by 9.26 to 11.74 percent of 200."""
    base = [100.0, 200.0, 50.0, 10.0, 0.0]
    differences = {1: [10, -20, 0, 0, 9], 2: [12, -22, 0, 0, 9], 3: [11, -21, 0, 0, 9]}
    own = {seed: list(np.add(base, change)) for seed, change in differences.items()}
    found = only_total(town(own, dict.fromkeys(own, base)), threshold=threshold, same_firms=True)
    assert (found["surely_gain"], found["surely_lose"]) == (gain, lose)


def test_a_firm_counts_in_a_group_by_its_seeds_there() -> None:
    """Firm 0 is a member in seeds 1 and 2 only, firm 1 in one seed: too few to tell."""
    base = [100.0, 200.0, 50.0, 10.0, 0.0]
    own = {1: [110.0, 210.0, *base[2:]], 2: [111.0, *base[1:]], 3: [1.0, *base[1:]]}
    frame = town(own, dict.fromkeys(own, base)).assign(member_ever=False)
    member = (frame["arm"] == "policy") & (
        (frame["firm"].eq(0) & frame["seed"].isin([1, 2])) | (frame["firm"].eq(1) & frame["seed"].eq(1))
    )
    frame.loc[member, "member_ever"] = True
    found = row_of(winners(frame, "policy", same_firms=True), "member_ever", "yes")
    assert (found["surely_gain"], found["surely_lose"], found["seeds"]) == (100.0, 0.0, 2)


def lottery(shift: float) -> pd.DataFrame:
    """1,500 firms, 12 seeds: what an arm does to a firm is luck, and `shift` of its output."""
    draws = np.random.Generator(np.random.Philox(5)).lognormal(3.0, 0.4, size=(2, 12, 1500))
    draws[1] *= 1.0 + shift
    index = pd.MultiIndex.from_product(
        [["no_alliance", "policy"], range(12), range(1500)], names=["arm", "seed", "firm"]
    )
    frame = pd.DataFrame({"output": draws.ravel()}, index=index).reset_index()
    return frame.assign(incumbent=True, **dict.fromkeys(DIMENSIONS, 0))


def test_chance_alone_gives_gainers_but_no_sure_ones() -> None:
    """The negative control: nearly half of the firms gain, yet net is 0, and few gain surely."""
    found = only_total(lottery(0.0), threshold=0.0, same_firms=True)
    assert found["gain"] > 45.0
    assert found["net_low"] < 0.0 < found["net_high"]
    assert 1.0 < found["surely_gain"] < 4.0
    assert 1.0 < found["surely_lose"] < 4.0
    beyond = only_total(lottery(0.0), threshold=10.0, same_firms=True)
    assert beyond["surely_gain"] < found["surely_gain"]
    assert beyond["surely_lose"] < found["surely_lose"]


def test_a_lasting_rise_gives_sure_gains() -> None:
    found = only_total(lottery(0.5), same_firms=True)
    assert found["net_low"] > 0.0
    assert found["surely_gain"] > 50.0
    assert found["surely_lose"] < 0.5


# The same by a slow walk


def quantile(values: list[float], level: float) -> float:
    ordered, place = sorted(values), level * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def concentration(rises: list[float]) -> float:
    counted, left = 0.0, len(rises) / 10
    for rise in sorted(rises, reverse=True):
        counted += min(left, 1.0) * rise
        left = max(left - 1.0, 0.0)
    return counted / sum(rises) if sum(rises) > 0 else math.nan


def interval(sample: list[float]) -> tuple[float, float, float]:
    if len(sample) < 2:
        return (sample[0] if sample else math.nan, math.nan, math.nan)
    half = student_quantile(len(sample) - 1) * statistics.stdev(sample) / math.sqrt(len(sample))
    mean = statistics.mean(sample)
    return mean, mean - half, mean + half


def slowly(frame: pd.DataFrame, dimension: str, group: str, threshold: float) -> dict[str, float]:
    """One row of the table, firm by firm."""
    rows = {(row["arm"], row["seed"], row["firm"]): row for row in frame.to_dict("records")}
    arms = [{seed for arm, seed, _ in rows if arm == name} for name in ("policy", "no_alliance")]
    seeds = sorted(arms[0] & arms[1])
    changes: dict[int, list[float]] = {seed: [] for seed in seeds}
    rises: dict[int, list[float]] = {seed: [] for seed in seeds}
    by_firm: dict[int, list[tuple[float, float]]] = {}
    left_out = 0
    for (arm, seed, firm), row in rows.items():
        if arm != "policy" or seed not in seeds or not row["incumbent"]:
            continue
        label = "all" if dimension == "total" else row[dimension]
        if (("yes" if label else "no") if dimension in MEMBERSHIP else str(label)) != group:
            continue
        own, twin = row["output"], rows["no_alliance", seed, firm]["output"]
        if twin == 0:
            left_out += 1
            continue
        changes[seed].append(100 * (own - twin) / twin)
        rises[seed].append(max(own - twin, 0.0))
        by_firm.setdefault(firm, []).append((own, twin))
    there = [values for values in changes.values() if values]
    gain = [100 * sum(value > threshold for value in values) / len(values) for values in there]
    lose = [100 * sum(value < -threshold for value in values) / len(values) for values in there]
    shares = [share for values in rises.values() if values and not math.isnan(share := concentration(values))]
    firms = [values for values in by_firm.values() if len(values) > 1]
    margin = threshold / 100
    risen = [interval([own - twin - margin * twin for own, twin in values])[1] > 0 for values in firms]
    fallen = [interval([own - twin + margin * twin for own, twin in values])[2] < 0 for values in firms]
    found: dict[str, float] = {"seeds": len(there), "left_out": left_out / len(seeds)}
    found["firms"] = sum(map(len, there)) / len(seeds)
    samples = {"gain": gain, "lose": lose, "net": [up - down for up, down in zip(gain, lose, strict=True)]}
    for name, sample in samples.items():
        found[name], found[f"{name}_low"], found[f"{name}_high"] = interval(sample)
    for name, level in {"change_10": 0.1, "median_change": 0.5, "change_90": 0.9}.items():
        found[name] = interval([quantile(values, level) for values in there])[0]
    found["concentration"] = interval(shares)[0]
    found["surely_gain"] = 100 * sum(risen) / len(firms) if firms else math.nan
    found["surely_lose"] = 100 * sum(fallen) / len(firms) if firms else math.nan
    return found


def random_runs(firms: int, seeds: int, seed: int) -> pd.DataFrame:
    """Labels differ between arms and seeds, some output is 0, some firms enter, and an arm lacks a seed."""
    draws = np.random.Generator(np.random.Philox(seed))
    index = pd.MultiIndex.from_product([["no_alliance", "policy"], range(seeds + 1), range(firms)])
    frame = index.set_names(["arm", "seed", "firm"]).to_frame(index=False)
    size = len(frame)
    frame["output"] = np.where(draws.random(size) < 0.1, 0.0, draws.integers(1, 12, size) * 10.0)
    for number, name in enumerate(DIMENSIONS):
        frame[name] = draws.integers(0, 2 + number % 3, size) if name not in MEMBERSHIP else draws.random(size) < 0.6
    frame["site"] = np.array(["East", "North", "West", "South"])[frame["site"]]
    frame["incumbent"] = frame["firm"] < max(1, firms - 2)
    return frame[(frame["arm"] == "policy") | (frame["seed"] != seeds)].sample(frac=1.0, random_state=seed)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 10**6), st.sampled_from([0.0, 1.0, 10.0, 50.0]))
def test_equal_to_a_slow_walk(firms: int, seeds: int, seed: int, threshold: float) -> None:
    frame = random_runs(firms, seeds, seed)
    table = winners(frame, "policy", threshold=threshold, same_firms=True)
    for row in table.to_dict("records"):
        expected = slowly(frame, row["dimension"], row["group"], threshold)
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert set(expected) == set(COLUMNS) - {"arm", "against", "dimension", "group"}


# Refusals


def test_an_unknown_arm_is_refused() -> None:
    for arms in (("committee", "no_alliance"), ("policy", "committee")):
        with pytest.raises(ValueError, match="no arm committee; there are no_alliance, policy"):
            winners(town(), *arms)


def test_points_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="twice"):
        winners(pd.concat([town(), town()]), "policy")


def test_different_firms_are_refused() -> None:
    frame = town()
    with pytest.raises(ValueError, match="same firms"):
        winners(frame[~((frame["arm"] == "policy") & (frame["firm"] == 2))], "policy")
    with pytest.raises(ValueError, match="same firms"):
        winners(frame[~((frame["arm"] == "no_alliance") & (frame["firm"] == 2))], "policy")


def test_arms_without_a_common_seed_are_refused() -> None:
    with pytest.raises(ValueError, match="share no seed"):
        winners(town({1: OWN[3]}, {2: TWIN[3]}), "policy")


@pytest.mark.parametrize("column", ["output", "site", "tier", "member_ever", "incumbent"])
def test_gaps_are_refused(column: str) -> None:
    frame = town().astype({"tier": float, "member_ever": object, "incumbent": object})
    frame.loc[12, column] = np.nan  # in the arm; labels of its twin are not read
    with pytest.raises(ValueError, match=column):
        winners(frame, "policy")
    with pytest.raises(ValueError, match=f"no column {column}"):
        winners(frame.drop(columns=column), "policy")


def test_words_are_no_flags() -> None:
    frame = town()
    frame["member_ever"] = np.where(frame["member_ever"] == 1, "yes", "no")
    with pytest.raises(ValueError, match="member_ever"):
        winners(frame, "policy")


@pytest.mark.parametrize("threshold", [-1.0, math.nan])
def test_a_threshold_is_not_negative(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        winners(town(), "policy", threshold=threshold)


# Read in parts


def test_parts_of_a_table_give_the_same_as_the_whole() -> None:
    whole = town()
    parts = [winners_by_seed(whole[whole["seed"] == seed], "policy") for seed in (3, 7)]
    found = over_seeds(pd.concat(parts, ignore_index=True))
    expected = winners(whole, "policy")
    expected = expected[expected["dimension"].isin(["total", "size_class"])].set_index(["dimension", "group"])
    assert len(found) == len(expected) == 3
    for row in found.to_dict("records"):
        told = expected.loc[(row["dimension"], row["group"])].to_dict()
        numbers = {name: value for name, value in row.items() if name in told}
        assert numbers == pytest.approx({name: told[name] for name in numbers}, nan_ok=True)


def test_a_group_that_a_part_lacks_counts_in_the_others_only() -> None:
    whole = town()
    parts = []
    for seed, size in ((3, "small"), (7, "large")):
        part = whole[whole["seed"] == seed].assign(size_class=size)
        parts.append(winners_by_seed(part, "policy"))
    found = over_seeds(pd.concat(parts, ignore_index=True))
    assert row_of(found, "size_class", "small")["seeds"] == 1
    assert row_of(found, "size_class", "large")["gain"] == 25.0
    assert row_of(found)["gain"] == pytest.approx(100 / 6 + 12.5)
