"""Estimates of what a shock does: each arm with its shock against the same arm and seed without it."""

from __future__ import annotations

import pandas as pd

from clustersim import measures as registry
from clustersim.analysis import paired
from clustersim.analysis.effects import effects
from clustersim.analysis.intervals import mean_interval
from clustersim.execution.run_values import in_order_of, of_one_point, shock_values, with_and_without_shock
from clustersim.spec.parameters import Values

SHOCK_COLUMNS = ["arm", "month", "level", "low", "high", "seeds"]


def resilience(series: pd.DataFrame, *, parameters: Values) -> pd.DataFrame:
    """What a shock does to each arm, against what it does to no_alliance; columns as `effects`.

    An arm's own loss is measured against the same arm and seed without the shock. No rows without a shock.
    """
    series = of_one_point(series)
    values = shock_values(series)
    if values.empty:
        return pd.DataFrame(columns=["arm", "against", *paired.COLUMNS])
    return effects(values, registry.read_from("shock"), parameters=parameters)


def shock_by_month(series: pd.DataFrame) -> pd.DataFrame:
    """Output with the shock in percent of the same arm and seed without it, month by month; no_alliance included.

    Returns:
        A row for each (arm, month) with level, low, high (95%) and seeds; none without a shock.
    """
    series = of_one_point(series)
    both = with_and_without_shock(series)
    if both is None:
        return pd.DataFrame(columns=SHOCK_COLUMNS)
    relative = in_order_of(100.0 * both.shocked / both.unshocked, series)
    rows = []
    for arm in relative.index.unique("arm"):
        for month, values in relative.xs(arm, level="arm").items():
            found = mean_interval(values.to_numpy())
            rows.append((arm, month, found.mean, found.low, found.high, found.seeds))
    return pd.DataFrame(rows, columns=SHOCK_COLUMNS)
