"""The effect of a policy shared among its instruments: Shapley values and interactions, exact, seed by seed.

The instruments of a policy are the players of a game, and v(S) is the effect, in one seed, of the policy with the
instruments S only. All 2^k coalitions are simulated on the same seeds, so nothing is sampled but the seeds.

Symbol   Here
------   ----
N, k     all instruments of the policy, and their number
S        a coalition, written as a bit mask: bit i is set where instrument i is on
v(S)     `effects[S]`, the difference from no alliance, in percent of the twin, points, or an amount
v(0)     `effects[0]`, the gate: what is on in every coalition, the empty one too; it need not be 0
phi_i    Shapley value of instrument i (Shapley 1953)
I_ij     Shapley interaction index of i and j (Grabisch and Roubens 1999, doi:10.1007/s001820050125)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from clustersim.analysis.intervals import Interval, mean_interval
from clustersim.arrays import Array

MOST_PLAYERS = 10  # 1024 coalitions, each a simulated arm

COLUMNS = (
    *("instrument", "shapley", "low", "high", "standard_error", "alone", "alone_low", "alone_high"),
    *("left_out", "left_out_low", "left_out_high", "share", "synergy", "synergy_low", "synergy_high", "seeds"),
)
TOTAL_COLUMNS = ("total", "mean", "low", "high", "standard_error", "seeds")
INTERACTION_COLUMNS = ("first", "second", "interaction", "low", "high", "seeds")


def coalitions(players: int) -> tuple[int, ...]:
    """Bit masks of all coalitions, 0 .. 2^players - 1, in the order of the rows of `effects`.

    Raises:
        ValueError: there are fewer than 1 or more than `MOST_PLAYERS` players.
    """
    if not 1 <= players <= MOST_PLAYERS:
        raise ValueError(f"1 to {MOST_PLAYERS} instruments can be told apart, not {players}")
    return tuple(range(2**players))


def weights(players: int) -> Array:
    """Shape (players, 2^players): times v gives the Shapley values.

    A coalition S without i counts with |S|! (k - |S| - 1)! / k!, the chance that just S stands before i in a random
    order: positive where i joins it, negative where it stands alone.
    """
    inside, size = _members(players)
    chance = np.array([1.0 / (players * comb(players - 1, others)) for others in range(players)])
    others = np.where(inside, size - 1, size)
    return np.where(inside, 1.0, -1.0) * chance[np.minimum(others, players - 1)]


def interaction_weights(players: int) -> Array:
    """Shape (pairs, 2^players), pairs (0, 1), (0, 2), .. in order: times v gives the interaction indices.

    A coalition S without i and j counts with |S|! (k - |S| - 2)! / (k - 1)!, for what i and j bring it together less
    what each of them brings it.
    """
    inside, size = _members(players)
    first, second = np.array(list(combinations(range(players), 2)), dtype=np.int64).reshape(-1, 2).T
    both = inside[first].astype(np.int64) + inside[second]
    chance = np.array([1.0 / ((players - 1) * comb(players - 2, others)) for others in range(players - 1)])
    return np.where(both == 1, -1.0, 1.0) * chance[size - both] if len(first) else np.zeros(both.shape)


def shapley(effects: Array, names: Sequence[str]) -> pd.DataFrame:
    """The share of each instrument in the effect of the policy, beside what it does alone and when it is left out.

    Args:
        effects: (2^k, seeds) row m is the effect of coalition m in each seed, in one unit.
        names: k different names; bit i of a mask is `names[i]`.

    Returns:
        A row for each instrument, in the order of `names`; intervals are 95%, Student's t over seeds, and NaN for one
        seed. In the unit of `effects`:

        - `shapley`, `low`, `high`, `standard_error`: mean of its Shapley values. In each seed the values of all
          instruments and the gate add up to the effect of the policy; see `totals`.
        - `alone`: v(i) - v(0), what it adds to the gate alone.
        - `left_out`: v(N) - v(N without i), what is lost without it.
        - `synergy`: left_out - alone. Positive: complements, it adds more beside the others than by itself;
          negative: substitutes.

        `share` is shapley / (v(N) - v(0)), means over seeds, a number and not percent; NaN where the interval of the
        denominator contains 0 or there is only one seed. It may be negative or above 1. `seeds`: their number.

    Raises:
        ValueError: the rows are not 2^k, there is no seed, a name stands twice, or an effect is not finite; the first
            such (coalition, seed) is named.
    """
    names = _distinct(names)
    effects = _checked(effects, len(names))
    everyone = len(effects) - 1
    told = _told(effects[everyone] - effects[0])
    rows = []
    for player, (name, values) in enumerate(zip(names, weights(len(names)) @ effects, strict=True)):
        alone = effects[1 << player] - effects[0]
        left_out = effects[everyone] - effects[everyone ^ (1 << player)]
        found = mean_interval(values)
        row = {"instrument": name, "shapley": found.mean, "low": found.low, "high": found.high}
        row |= {"standard_error": found.standard_error, "share": found.mean / told, "seeds": found.seeds}
        row |= _columns("alone", mean_interval(alone)) | _columns("left_out", mean_interval(left_out))
        rows.append(row | _columns("synergy", mean_interval(left_out - alone)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def totals(effects: Array) -> pd.DataFrame:
    """What the Shapley values add up to.

    Args:
        effects: (2^k, seeds), as in `shapley`.

    Returns:
        A row for each `total`, with mean, low, high (95% over seeds), standard_error and seeds, in the unit of
        `effects`: `gate` is v(0), `instruments` the sum of all Shapley values, `all` is v(N), and `residual` the mean
        over seeds of |gate + instruments - all|, which is 0 but for rounding in each seed.

    Raises:
        ValueError: as `shapley`.
    """
    effects = np.asarray(effects, dtype=np.float64)
    players = max(len(effects).bit_length() - 1, 0) if effects.ndim else 0
    effects = _checked(effects, players)
    gate, together, whole = effects[0], (weights(players) @ effects).sum(axis=0), effects[-1]
    samples = {"gate": gate, "instruments": together, "all": whole, "residual": np.abs(gate + together - whole)}
    found = {name: mean_interval(sample) for name, sample in samples.items()}
    rows = [(name, one.mean, one.low, one.high, one.standard_error, one.seeds) for name, one in found.items()]
    return pd.DataFrame(rows, columns=list(TOTAL_COLUMNS))


def interactions(effects: Array, names: Sequence[str]) -> pd.DataFrame:
    """The Shapley interaction index of each pair of instruments.

    Positive: the two add more together than the sum of what each adds without the other, over all coalitions of the
    others (complements); negative: less (substitutes). 0 for all pairs where effects simply add up.

    Args:
        effects, names: as in `shapley`.

    Returns:
        k (k - 1) / 2 rows: `first`, `second` in the order of `names`, `interaction` (mean over seeds, in the unit of
        `effects`), `low`, `high` (95% over seeds), `seeds`.

    Raises:
        ValueError: as `shapley`.
    """
    names = _distinct(names)
    effects = _checked(effects, len(names))
    pairs = combinations(names, 2)
    found = [mean_interval(values) for values in interaction_weights(len(names)) @ effects]
    rows = [(*pair, one.mean, one.low, one.high, one.seeds) for pair, one in zip(pairs, found, strict=True)]
    return pd.DataFrame(rows, columns=list(INTERACTION_COLUMNS))


def _members(players: int) -> tuple[Array, Array]:
    """(players, 2^players) bool, who is in each coalition, and (2^players,) how many."""
    masks = np.array(coalitions(players))
    inside = (masks >> np.arange(players)[:, None] & 1).astype(bool)
    return inside, inside.sum(axis=0)


def _distinct(names: Sequence[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError(f"a name stands twice: {list(names)}")
    return list(names)


def _checked(effects: Array, players: int) -> Array:
    effects = np.asarray(effects, dtype=np.float64)
    expected = len(coalitions(players))
    if effects.ndim != 2 or len(effects) != expected:
        raise ValueError(f"effects of {players} instruments have shape ({expected}, seeds), not {effects.shape}")
    if effects.shape[1] == 0:
        raise ValueError("effects hold no seed")
    wrong = np.argwhere(~np.isfinite(effects))
    if len(wrong):
        coalition, seed = wrong[0]
        raise ValueError(f"the effect of coalition {coalition} in seed {seed} is {effects[coalition, seed]}")
    return effects


def _told(whole: Array) -> float:
    """Mean of v(N) - v(0); NaN where its interval contains 0, so that no share of it is told."""
    found = mean_interval(whole)
    return found.mean if found.low > 0 or found.high < 0 else np.nan


def _columns(name: str, found: Interval) -> dict[str, float]:
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
