"""Winners of a grid's cells, where they flip, and the rules that describe them: against known regions."""

from __future__ import annotations

import itertools
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.mapping.cell_winners import flip_summary, flips, winners
from clustersim.analysis.mapping.discovery import rules
from clustersim.arrays import Array

SEEDS = 20
SIDE = 11
AXIS = np.linspace(0.0, 1.0, SIDE)

needs_prim = pytest.mark.skipif(find_spec("ema_workbench") is None, reason="ema_workbench is not installed")


def noise(seeds: int = SEEDS) -> Array:
    """Noise over seeds with the mean 0 and the standard deviation 1, symmetric."""
    half = np.random.default_rng(1).standard_normal(seeds // 2)
    drawn = np.concatenate([half, -half])
    return drawn / drawn.std(ddof=1)


def one_row(first_noise: float = 1.0, second_noise: float = 0.0) -> pd.DataFrame:
    """Cells x = 0 .. 1: `a` leads `b` by 10 (x - 0.5); both are far above 0."""
    a = 100.0 + 10.0 * (AXIS[:, None] - 0.5) + first_noise * noise()
    b = np.full_like(a, 100.0) + second_noise * noise()
    return winners(np.stack([a, b], axis=1), ["a", "b"], margin=2.0)


def grid() -> pd.DataFrame:
    return pd.DataFrame(list(itertools.product(AXIS, AXIS)), columns=["delay", "trust"])


def box(points: pd.DataFrame, **ranges: tuple[float, float]) -> Array:
    inside = [points[name].between(low - 1e-9, high + 1e-9) for name, (low, high) in ranges.items()]
    return np.all(inside, axis=0)


# Winners


def test_the_better_arm_wins_and_its_lead_is_known() -> None:
    found = one_row()
    assert found["winner"].tolist() == ["b"] * 5 + ["a"] * 6 or found["winner"].tolist() == ["b"] * 6 + ["a"] * 5
    assert found["lead"].to_numpy() == pytest.approx(np.abs(10.0 * (AXIS - 0.5)), abs=1e-9)
    assert found["second"].tolist() == ["a" if name == "b" else "b" for name in found["winner"]]
    assert found["effect"].to_numpy() == pytest.approx(100.0 + np.maximum(10.0 * (AXIS - 0.5), 0.0))


def test_confidence_is_full_deep_inside_and_one_half_on_the_edge() -> None:
    confidence = one_row()["confidence"]
    assert confidence[0] == confidence[10] == 1.0
    assert confidence[5] == pytest.approx(0.5, abs=0.04)
    assert confidence[6] > 0.95


def test_the_interval_is_that_of_the_paired_difference() -> None:
    found = one_row()
    expected = mean_interval(1.0 + noise())
    assert found.loc[6, ["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])
    assert found["decided"].tolist() == [True] * 5 + [False] + [True] * 5
    assert found["matters"].tolist() == [True] * 3 + [False] * 5 + [True] * 3


def test_noise_that_the_arms_share_costs_no_confidence() -> None:
    """The differences of the arms are the same in all seeds, however much the seeds differ."""
    shared = one_row(first_noise=50.0, second_noise=50.0)
    assert shared["decided"].tolist() == [True] * 5 + [False] + [True] * 5
    assert shared["confidence"].drop(5).tolist() == [1.0] * 10


def test_doing_nothing_wins_where_every_arm_is_worse() -> None:
    effects = np.stack([np.full((1, SEEDS), -1.0) + 0.1 * noise(), np.full((1, SEEDS), -2.0)], axis=1)
    found = winners(effects, ["a", "b"], margin=0.5).iloc[0]
    assert (found["winner"], found["second"]) == ("no_alliance", "a")
    assert found["effect"] == 0.0
    assert found["lead"] == pytest.approx(1.0)
    assert found["confidence"] == 1.0


def test_where_less_is_better_the_least_wins() -> None:
    effects = np.stack([np.full((1, SEEDS), -1.0) + 0.1 * noise(), np.full((1, SEEDS), -2.0)], axis=1)
    found = winners(effects, ["a", "b"], margin=0.5, better=-1).iloc[0]
    assert (found["winner"], found["second"]) == ("b", "a")
    assert found["effect"] == -2.0
    assert found["lead"] == pytest.approx(1.0)


def test_equal_contestants_share_and_the_first_is_reported() -> None:
    found = winners(np.zeros((1, 1, SEEDS)), ["a"], margin=0.5).iloc[0]
    assert found["winner"] == "no_alliance"
    assert found["confidence"] == 0.5
    assert not found["decided"]


def test_one_seed_has_a_winner_and_nothing_to_be_sure_of() -> None:
    found = winners(np.array([[[3.0], [1.0]]]), ["a", "b"], margin=1.0).iloc[0]
    assert found["winner"] == "a"
    assert found["lead"] == 2.0
    assert np.isnan([found["low"], found["high"], found["confidence"]]).all()
    assert not found["decided"]
    assert found["matters"]


def test_few_seeds_are_not_surer_than_their_interval_says() -> None:
    """With 4 seeds, confidence agrees with the normal probability of a lead of one standard error."""
    effects = 0.5 + noise(4)[None, None]
    assert winners(effects, ["a"], margin=0.0).loc[0, "confidence"] == pytest.approx(0.841, abs=0.07)


def test_confidence_does_not_depend_on_the_other_cells() -> None:
    generator = np.random.default_rng(2)
    effects = generator.standard_normal((150, 3, 8))
    arms = ["a", "b", "c"]
    whole = winners(effects, arms, margin=0.1)
    part = winners(effects[100:], arms, margin=0.1)
    pd.testing.assert_frame_equal(whole.iloc[100:].reset_index(drop=True), part)


def test_effects_that_do_not_fit_are_refused() -> None:
    effects = np.zeros((2, 2, 3))
    with pytest.raises(ValueError, match="shape"):
        winners(effects, ["a"], margin=1.0)
    with pytest.raises(ValueError, match="without no_alliance"):
        winners(effects, ["no_alliance", "a"], margin=1.0)
    with pytest.raises(ValueError, match="better"):
        winners(effects, ["a", "b"], margin=1.0, better=0)
    effects[1, 0, 2] = np.nan
    with pytest.raises(ValueError, match="cell 1, seed 2: the effect of 'a'"):
        winners(effects, ["a", "b"], margin=1.0)


# Flips


def test_flips_are_the_pairs_of_neighbours_that_differ() -> None:
    winner = np.array([["a", "a", "b"], ["a", "c", "b"]])
    assert flips(winner).to_numpy().tolist() == [
        [0, 1, 0, 2, "a", "b"],
        [0, 1, 1, 1, "a", "c"],
        [1, 0, 1, 1, "a", "c"],
        [1, 1, 1, 2, "c", "b"],
    ]


def test_a_map_with_one_winner_has_no_flips() -> None:
    winner = np.full((4, 3), "a")
    found = flips(winner)
    assert found.empty
    assert list(found) == ["x", "y", "to_x", "to_y", "winner", "other"]
    assert not flip_summary(winner, np.ones((4, 3), dtype=bool)).flips


def test_the_summary_distinguishes_all_cells_from_decided_ones() -> None:
    winner = np.array([["a", "a", "b"], ["a", "no_alliance", "b"]])
    decided = np.array([[True, True, False], [False, False, False]])
    found = flip_summary(winner, decided, arms=["a", "b", "c"])
    assert found.flips
    assert not found.flips_decided
    assert (found.cells, found.decided_cells) == (6, 2)
    shares = found.shares.set_index("arm")
    assert shares["share"].to_dict() == pytest.approx({"a": 1 / 2, "b": 1 / 3, "no_alliance": 1 / 6, "c": 0.0})
    assert shares["share_decided"].to_dict() == {"a": 1.0, "b": 0.0, "no_alliance": 0.0, "c": 0.0}


def test_nothing_decided_has_no_shares_of_decided_cells() -> None:
    found = flip_summary(np.array(["a", "b"]), np.zeros(2, dtype=bool))
    assert found.flips
    assert not found.flips_decided
    assert found.shares["share_decided"].isna().all()


# Rules


@needs_prim
@pytest.mark.parametrize(
    "ranges",
    [
        {"delay": (0.6, 1.0)},
        {"delay": (0.2, 0.7), "trust": (0.3, 0.8)},
        {"delay": (0.0, 0.4), "trust": (0.5, 1.0)},
        {"delay": (0.4, 0.4), "trust": (0.9, 0.9)},
    ],
)
def test_a_rectangle_is_found_within_a_cell(ranges: dict[str, tuple[float, float]]) -> None:
    points = grid()
    found = rules(points, box(points, **ranges)).set_index("parameter")
    assert set(found.index) == set(ranges)
    for name, (low, high) in ranges.items():
        assert abs(found.loc[name, "low"] - low) <= 0.1 + 1e-9
        assert abs(found.loc[name, "high"] - high) <= 0.1 + 1e-9
    assert (found[["coverage", "density"]] == 1.0).all(axis=None)
    assert found["mass"].iloc[0] == pytest.approx(box(points, **ranges).mean())


@needs_prim
def test_the_box_of_where_an_arm_wins_follows_from_its_effects() -> None:
    points = grid()
    a = 10.0 * (points["delay"].to_numpy()[:, None] - 0.55) + noise()
    won = (winners(a[:, None], ["a"], margin=1.0)["winner"] == "a").to_numpy()
    found = rules(points, won)
    assert found["parameter"].tolist() == ["delay"]
    assert 0.5 <= found.loc[0, "low"] <= 0.6
    assert found.loc[0, "high"] == 1.0


@needs_prim
def test_what_does_not_matter_is_not_in_the_rules() -> None:
    generator = np.random.default_rng(0)
    points = pd.DataFrame(generator.random((300, 5)), columns=["scenario", "b", "c", "d", "e"])
    won = (points["scenario"] > 0.5) & (points["d"] < 0.6)
    told = won.to_numpy() ^ (generator.random(300) < 0.05)
    found = rules(points, told)
    assert found["parameter"].tolist() == ["scenario", "d"]
    assert found["density"].iloc[0] > 0.85
    pd.testing.assert_frame_equal(found, rules(points, told))


@pytest.mark.parametrize("everywhere", [True, False])
def test_an_arm_that_wins_everywhere_or_nowhere_has_no_rules(everywhere: bool) -> None:
    found = rules(grid(), np.full(SIDE**2, everywhere))
    assert found.empty
    assert list(found) == ["parameter", "low", "high", "coverage", "density", "mass"]


def test_without_the_library_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis", None)
    points = grid()
    with pytest.raises(ImportError, match="ema_workbench"):
        rules(points, box(points, delay=(0.6, 1.0)))


def test_points_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        rules(grid(), np.ones(3, dtype=bool))
    with pytest.raises(ValueError, match="missing"):
        rules(grid().replace(0.5, np.nan), np.ones(SIDE**2, dtype=bool))
