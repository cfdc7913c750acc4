"""What a conclusion depends on: the mean effect where a parameter is lowest and where it is highest, over points.

All other parameters vary as they do at all points. So an end holds a difference of the parameter and the luck of which
points fall into it; only a parameter whose rank correlation with the effect is beyond chance is told apart from that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.rank_correlation import rank_correlations
from clustersim.arrays import Array

FIFTH = 20.0  # percent of the points at each end
FEWEST = 40  # points: an end of fewer than eight says nothing
COLUMNS = (
    *("parameter", "low_value", "high_value", "low", "low_low", "low_high", "high", "high_low", "high_high"),
    *("swing", "mean", "correlation", "threshold", "beyond_chance", "points"),
)


def swings(names: Sequence[str], values: Array, effects: Array) -> pd.DataFrame:
    """The swing of each parameter, the widest first; no rows where there are fewer than `FEWEST` points.

    Args:
        names: of the parameters. values: shape (points, parameters), numbers. Points must be independent draws or a
            grid: neighbours on a trajectory are neither.
        effects: mean over seeds at each point, shape (points,).

    Returns:
        - `low`, `high`: mean effect over the points in the lowest and in the highest fifth of the parameter's values,
          points that tie with the last one included; with `_low`, `_high`, 95% by Student's t over these points.
        - `low_value`, `high_value`: mean value of the parameter there. `swing`: high less low.
        - `mean`: over all `points`.
        - `correlation` (Spearman), `threshold`, `beyond_chance`: see `clustersim.analysis.rank_correlation`.
    """
    varied = [place for place in range(len(names)) if np.ptp(values[:, place]) > 0] if len(values) >= FEWEST else []
    if not varied:
        return pd.DataFrame(columns=list(COLUMNS))
    found, thresholds = rank_correlations(values[:, varied], effects[:, None])
    rows = [
        {"parameter": names[place], **_ends(values[:, place], effects), "correlation": correlation}
        for place, correlation in zip(varied, found[:, 0], strict=True)
    ]
    table = pd.DataFrame(rows).assign(mean=effects.mean(), threshold=thresholds[0], points=len(effects))
    table["beyond_chance"] = table["correlation"].abs() > table["threshold"]
    order = table["swing"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order, list(COLUMNS)].reset_index(drop=True)


def _ends(values: Array, effects: Array) -> dict[str, float]:
    low, high = np.percentile(values, [FIFTH, 100.0 - FIFTH])
    row: dict[str, float] = {}
    for end, there in (("low", values <= low), ("high", values >= high)):
        found = mean_interval(effects[there])
        row |= {f"{end}_value": float(values[there].mean()), end: found.mean}
        row |= {f"{end}_low": found.low, f"{end}_high": found.high}
    return row | {"swing": row["high"] - row["low"]}
