"""Whether half of the design would have told the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim.analysis.rank_correlation import spearman
from clustersim.arrays import Array

TOP = 3


@dataclass(frozen=True)
class Convergence:
    """The whole design against its first half, over the real factors.

    Attributes:
        converged: the order of the top factors held; see `compare`.
        rank_correlation: Spearman's, of the main index over the factors told apart from the dummy in either; NaN
            with fewer than two of them or all tied.
        largest_change: largest absolute change of the main index.
    """

    converged: bool
    rank_correlation: float
    largest_change: float


def compare(whole: pd.DataFrame, half: pd.DataFrame, main: str) -> Convergence:
    """Compare two tables of the same factors, the dummy last; `main` is the column of the main index.

    The order of the top three (of all, if fewer) holds if in the half none of them changes place with another
    factor, unless the design intervals of the two overlap in the whole. Factors below the dummy in both are left
    out; with none left, nothing contradicts the half.
    """
    kept = ~(whole["below_dummy"] & half["below_dummy"]).to_numpy()  # never the dummy
    now, before = whole[main].to_numpy(dtype=float), half[main].to_numpy(dtype=float)
    return Convergence(
        _order_held(whole[kept], now[kept], before[kept]),
        _rank_correlation(now[kept], before[kept]),
        float(np.abs(now - before)[:-1].max()),
    )


def _order_held(whole: pd.DataFrame, now: Array, before: Array) -> bool:
    low, high = whole["low_design"].to_numpy(dtype=float), whole["high_design"].to_numpy(dtype=float)
    top = np.argsort(-now, kind="stable")[:TOP]
    swapped = (now[top, None] > now) & (before[top, None] < before)
    apart = low[top, None] > high
    return not bool((swapped & apart).any())


def _rank_correlation(now: Array, before: Array) -> float:
    if not all(len(one) and np.ptp(one) > 0 for one in (now, before)):
        return float("nan")
    return round(float(spearman(now[:, None], before[:, None]).item()), 12)  # equal orders are 1 to the last bit
