"""Shapley values and interactions: games with known answers, and the definitions by all orders of the players."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim.analysis.attribution.shapley import (
    COLUMNS,
    INTERACTION_COLUMNS,
    MOST_PLAYERS,
    coalitions,
    interaction_weights,
    interactions,
    shapley,
    totals,
    weights,
)

type Array = np.ndarray[Any, Any]
type Members = frozenset[int]

T_2 = 4.302652729911275  # Student's t, 2 degrees of freedom, 95%


def names(players: int) -> list[str]:
    return [f"instrument {player}" for player in range(players)]


def game(players: int, worth: Callable[[Members], float], seeds: int = 1) -> Array:
    """(2^players, seeds) of a game that is told by the set of its members."""
    column = [worth(members(mask, players)) for mask in range(2**players)]
    return np.repeat(np.array(column, dtype=float)[:, None], seeds, axis=1)


def members(mask: int, players: int) -> Members:
    return frozenset(player for player in range(players) if mask >> player & 1)


def mask_of(chosen: Members) -> int:
    return sum(1 << player for player in chosen)


def by_all_orders(effects: Array, players: int) -> Array:
    """(players, seeds): what each adds when it joins, over all orders in which they may join."""
    added = np.zeros((players, effects.shape[1]))
    for order in permutations(range(players)):
        mask = 0
        for player in order:
            added[player] += effects[mask | 1 << player] - effects[mask]
            mask |= 1 << player
    return added / math.factorial(players)


def interaction_by_definition(effects: Array, players: int, pair: tuple[int, int]) -> Array:
    total = np.zeros(effects.shape[1])
    others = [player for player in range(players) if player not in pair]
    first, second = (1 << player for player in pair)
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            base = mask_of(frozenset(chosen))
            derivative = effects[base | first | second] - effects[base | first] - effects[base | second] + effects[base]
            share = math.factorial(size) * math.factorial(players - size - 2) / math.factorial(players - 1)
            total += share * derivative
    return total


def random_game(players: int, seeds: int, seed: int) -> Array:
    return np.random.Generator(np.random.Philox(seed)).normal(size=(2**players, seeds))


def values_of(effects: Array) -> list[float]:
    players = len(effects).bit_length() - 1
    return list(shapley(effects, names(players))["shapley"])


# Games with known answers


def test_glove_game() -> None:
    """One left glove, two right ones; a pair is worth 1 (Shapley 2/3, 1/6, 1/6)."""
    effects = game(3, lambda who: float(0 in who and len(who) > 1))
    assert values_of(effects) == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=1e-15)


def test_airport_game() -> None:
    """Runways cost 8, 11, 13 and 18; each stretch is shared by those who need it (Littlechild and Owen 1973)."""
    cost = [8.0, 11.0, 13.0, 18.0]
    effects = game(4, lambda who: max((cost[player] for player in who), default=0.0))
    assert values_of(effects) == pytest.approx([2.0, 3.0, 4.0, 9.0], abs=1e-14)


def test_weighted_voting_in_the_council_of_six() -> None:
    """Council of the EEC of 1958: 12 of the votes 4, 4, 4, 2, 2, 1; the last state is never decisive."""
    votes = [4, 4, 4, 2, 2, 1]
    effects = game(6, lambda who: float(sum(votes[player] for player in who) >= 12))
    expected = [14 / 60, 14 / 60, 14 / 60, 9 / 60, 9 / 60, 0.0]
    assert values_of(effects) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("players", [1, 2, 5, MOST_PLAYERS])
def test_unanimity_game_is_shared_equally(players: int) -> None:
    found = shapley(game(players, lambda who: float(len(who) == players)), names(players))
    assert found["shapley"].to_numpy() == pytest.approx(np.full(players, 1 / players), abs=1e-14)
    if players > 1:
        assert (found["alone"] == 0).all()
        assert (found["synergy"] == 1).all()  # complements: nothing alone, everything beside the others
    assert (found["left_out"] == 1).all()


def test_additive_game() -> None:
    """Effects add up: what an instrument adds does not depend on the others."""
    own = np.array([[1.0, 2.0, 6.0], [0.0, 0.5, -0.25], [-3.0, -1.0, -2.0]])
    effects = np.array([sum((own[player] for player in members(mask, 3)), np.zeros(3)) for mask in range(8)])
    found = shapley(effects, ["a", "b", "c"])
    for column in ("shapley", "alone", "left_out"):
        assert found[column].to_numpy() == pytest.approx(own.mean(axis=1), abs=1e-14)
    assert found["synergy"].to_numpy() == pytest.approx(np.zeros(3), abs=1e-14)
    assert found["alone_low"].to_numpy() == pytest.approx(found["low"].to_numpy(), abs=1e-13)
    assert found["left_out_high"].to_numpy() == pytest.approx(found["high"].to_numpy(), abs=1e-13)


def test_two_instruments_by_hand() -> None:
    """phi_1 = (v(1) - v(0)) / 2 + (v(12) - v(2)) / 2, in each of three seeds; t of 2 degrees for the intervals."""
    effects = np.array([[1.0, 1.0, 1.0], [3.0, 4.0, 5.0], [2.0, 2.0, 2.0], [8.0, 7.0, 12.0]])
    first = shapley(effects, ["a", "b"]).iloc[0]
    # alone 2, 3, 4; left out 6, 5, 10; so 4, 4, 7 of 7, 6, 11.
    assert first["shapley"] == pytest.approx(5.0)
    assert first["standard_error"] == pytest.approx(1.0)  # deviations -1, -1, 2: variance 3, over 3 seeds
    assert (first["low"], first["high"]) == pytest.approx((5.0 - T_2, 5.0 + T_2))
    half = T_2 / math.sqrt(3)  # standard deviation 1
    assert (first["alone"], first["alone_low"], first["alone_high"]) == pytest.approx((3.0, 3.0 - half, 3.0 + half))
    half = T_2 * math.sqrt(7 / 3)  # deviations -1, -2, 3: variance 7
    assert first["left_out"] == pytest.approx(7.0)
    assert (first["left_out_low"], first["left_out_high"]) == pytest.approx((7.0 - half, 7.0 + half))
    half = T_2 * math.sqrt(4 / 3)  # 4, 2, 6: variance 4, over 3 seeds
    assert (first["synergy"], first["synergy_low"], first["synergy_high"]) == pytest.approx((4.0, 4 - half, 4 + half))
    assert first["share"] == pytest.approx(5.0 / 8.0)
    assert first["seeds"] == 3


# Axioms and the definition


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 10**6))
def test_equal_to_all_orders(players: int, seeds: int, seed: int) -> None:
    effects = random_game(players, seeds, seed)
    expected = by_all_orders(effects, players)
    assert weights(players) @ effects == pytest.approx(expected, abs=1e-12)
    assert shapley(effects, names(players))["shapley"].to_numpy() == pytest.approx(expected.mean(axis=1), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, MOST_PLAYERS), st.integers(0, 10**6))
def test_values_add_up_in_each_seed(players: int, seed: int) -> None:
    """Effects have a gate: v(0) is not 0, and stands beside the values of the instruments."""
    effects = random_game(players, 3, seed)
    together = (weights(players) @ effects).sum(axis=0)
    assert np.abs(together + effects[0] - effects[-1]).max() < 1e-12
    told = totals(effects).set_index("total")["mean"]
    assert told["residual"] < 1e-12
    assert told["gate"] == pytest.approx(effects[0].mean())
    assert told["all"] == pytest.approx(effects[-1].mean())
    assert told["instruments"] == pytest.approx(effects[-1].mean() - effects[0].mean(), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10**6), st.data())
def test_a_dummy_gets_what_it_adds_alone(players: int, seed: int, data: st.DataObject) -> None:
    dummy = data.draw(st.integers(0, players - 1))
    effects = random_game(players, 3, seed)
    with_it = np.array([mask >> dummy & 1 for mask in range(2**players)], dtype=bool)
    effects[with_it] = effects[np.flatnonzero(with_it) ^ (1 << dummy)]
    assert (weights(players) @ effects)[dummy] == pytest.approx(np.zeros(3), abs=1e-12)
    beside = [row for row, pair in enumerate(combinations(range(players), 2)) if dummy in pair]
    assert np.abs((interaction_weights(players) @ effects)[beside]).max() < 1e-12


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(0, 10**6), st.data())
def test_names_do_not_matter(players: int, seed: int, data: st.DataObject) -> None:
    """Numbered otherwise, each instrument has the same value; so two that are alike have the same one."""
    new = data.draw(st.permutations(range(players)))
    effects = random_game(players, 2, seed)
    renamed = np.empty_like(effects)
    for mask in range(2**players):
        renamed[mask_of(frozenset(new[player] for player in members(mask, players)))] = effects[mask]
    before, after = values_of(effects), values_of(renamed)
    assert [after[new[player]] for player in range(players)] == pytest.approx(before, abs=1e-12)


def test_alike_instruments_have_equal_values() -> None:
    effects = game(4, lambda who: len(who & {0, 2}) ** 2 + 3.0 * (1 in who) * len(who))
    values = values_of(effects)
    assert values[0] == pytest.approx(values[2], abs=1e-14)


def test_the_gate_moves_no_value() -> None:
    """An amount that all coalitions have, the empty one too, belongs to no instrument."""
    effects = random_game(4, 5, 1)
    gate = np.array([5.0, -2.0, 0.0, 1.0, 100.0])
    plain, moved = shapley(effects, names(4)), shapley(effects + gate, names(4))
    columns = [column for column in COLUMNS if column != "instrument"]
    assert moved[columns].to_numpy() == pytest.approx(plain[columns].to_numpy(), abs=1e-12, nan_ok=True)
    change = totals(effects + gate)["mean"] - totals(effects)["mean"]
    assert list(change) == pytest.approx([gate.mean(), 0.0, gate.mean(), 0.0], abs=1e-12)


# Interactions


@pytest.mark.parametrize("together", [(0, 1), (0, 2, 3), (0, 1, 2, 3)])
def test_interaction_in_unanimity_games(together: tuple[int, ...]) -> None:
    """1 / (|T| - 1) for both in T, else 0 (Grabisch and Roubens 1999)."""
    found = interactions(game(4, lambda who: float(who >= set(together))), names(4))
    for row, pair in zip(found.itertuples(), combinations(range(4), 2), strict=True):
        assert row.interaction == pytest.approx(1 / (len(together) - 1) if set(pair) <= set(together) else 0, abs=1e-14)
        assert (row.first, row.second) == tuple(names(4)[player] for player in pair)


def test_no_interaction_where_effects_add_up() -> None:
    found = interactions(game(5, lambda who: 7.0 + sum(2.0**player for player in who), seeds=3), names(5))
    assert len(found) == 10
    assert np.abs(found[["interaction", "low", "high"]].to_numpy()).max() < 1e-12


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(0, 10**6))
def test_interaction_by_its_definition(players: int, seed: int) -> None:
    effects = random_game(players, 3, seed)
    for row, pair in zip(interaction_weights(players) @ effects, combinations(range(players), 2), strict=True):
        assert row == pytest.approx(interaction_by_definition(effects, players, pair), abs=1e-12)


def test_interaction_of_two_by_hand() -> None:
    effects = np.array([[1.0, 1.0, 1.0], [3.0, 4.0, 5.0], [2.0, 2.0, 2.0], [8.0, 7.0, 12.0]])
    found = interactions(effects, ["a", "b"])  # 4, 2, 6
    assert tuple(found.columns) == INTERACTION_COLUMNS
    half = T_2 * math.sqrt(4.0 / 3)
    assert found.iloc[0].tolist() == ["a", "b", pytest.approx(4.0), *map(pytest.approx, (4 - half, 4 + half)), 3]


def test_one_instrument_has_no_pairs() -> None:
    found = interactions(random_game(1, 3, 0), ["a"])
    assert tuple(found.columns) == INTERACTION_COLUMNS
    assert len(found) == 0


# Shares, few seeds, refusals


def test_share_is_reported_only_where_there_is_something_to_share() -> None:
    up = np.array([[0.0, 0.0, 0.0], [1.0, 1.1, 0.9]])
    assert shapley(up, ["a"])["share"].item() == pytest.approx(1.0)
    assert shapley(-up, ["a"])["share"].item() == pytest.approx(1.0)
    unclear = np.array([[0.0, 0.0, 0.0], [1.0, -1.1, 0.9]])
    assert math.isnan(shapley(unclear, ["a"])["share"].item())
    assert math.isnan(shapley(np.zeros((2, 3)), ["a"])["share"].item())


def test_shares_add_up_to_one() -> None:
    effects = random_game(4, 6, 3) + np.arange(16.0)[:, None]
    found = shapley(effects, names(4))
    assert found["share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_one_seed_has_values_and_no_intervals() -> None:
    found = shapley(random_game(3, 1, 0), names(3))
    assert tuple(found.columns) == COLUMNS
    ends = [column for column in COLUMNS if column.endswith(("low", "high", "error", "share"))]
    assert found[ends].isna().all(axis=None)
    assert found[["shapley", "alone", "left_out", "synergy"]].notna().all(axis=None)
    assert (found["seeds"] == 1).all()


def test_coalitions_are_the_masks_in_order() -> None:
    assert coalitions(3) == (0, 1, 2, 3, 4, 5, 6, 7)
    assert len(coalitions(MOST_PLAYERS)) == 1024


@pytest.mark.parametrize("players", [-1, 0, MOST_PLAYERS + 1])
def test_number_of_players_is_limited(players: int) -> None:
    with pytest.raises(ValueError, match=f"not {players}"):
        coalitions(players)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("function", [shapley, interactions, lambda effects, _: totals(effects)])
def test_an_effect_that_is_not_finite_is_refused(function: Callable[..., Any], value: float) -> None:
    effects = np.zeros((8, 4))
    effects[5, 2] = effects[6, 0] = value
    with pytest.raises(ValueError, match="coalition 5 in seed 2"):
        function(effects, names(3))


@pytest.mark.parametrize("shape", [(7, 2), (9, 2), (4, 2), (8,), (8, 0), (8, 2, 1)])
def test_wrong_shapes_are_refused(shape: tuple[int, ...]) -> None:
    for function in (shapley, interactions):
        with pytest.raises(ValueError, match=r"shape|no seed"):
            function(np.zeros(shape), names(3))


@pytest.mark.parametrize("shape", [(), (0, 3), (1, 3), (6, 3), (8, 0), (2**11, 1)])
def test_totals_refuse_what_is_no_game(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape|no seed|not 0|not 11"):
        totals(np.zeros(shape))


def test_a_name_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        shapley(np.zeros((4, 2)), ["a", "a"])
