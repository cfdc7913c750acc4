"""Resilience: output under a shock against the same arm and seed without it.

Relative output is output with the shock / output without it, month by month; 1 until the shock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clustersim.measures import Measure, ShockOutput, percent

if TYPE_CHECKING:
    import pandas as pd

RECOVERED = 0.95


def output_lost(output: ShockOutput) -> pd.Series:
    """100 x (output without the shock - output with it) / output without it, over the whole horizon."""
    without = output.unshocked.sum(axis=1)
    return percent(without - output.shocked.sum(axis=1), without)


def trough(output: ShockOutput) -> pd.Series:
    """100 x (1 - lowest relative output of a month)."""
    return 100.0 * (1.0 - (output.shocked / output.unshocked).min(axis=1))


def recovery_months(output: ShockOutput) -> pd.Series:
    """Months from the first month below 95% to the first one after the trough at 95% or more; 0: never below.

    A run that has not come back within the horizon counts up to its end, which is too short: see `recovered`.
    """
    relative = _relative(output)
    below = relative < RECOVERED
    months = np.where(below.any(axis=1), _recovery(relative) - below.argmax(axis=1), 0)
    return _of_runs(months.astype(float), output)


def recovered(output: ShockOutput) -> pd.Series:
    """100 where relative output is never below 95%, or back at it after its trough, else 0."""
    relative = _relative(output)
    back = (_recovery(relative) < relative.shape[1]) | (relative.min(axis=1) >= RECOVERED)
    return _of_runs(100.0 * back, output)


def _of_runs(numbers: np.ndarray, output: ShockOutput) -> pd.Series:
    import pandas as pd  # `list measures` names the measures and computes none

    return pd.Series(numbers, output.shocked.index)


def _relative(output: ShockOutput) -> np.ndarray:
    """Relative output, shape (runs, months)."""
    return (output.shocked / output.unshocked).to_numpy()


def _recovery(relative: np.ndarray) -> np.ndarray:
    """Column of the first month after the trough with 95% or more; the number of columns: there is none."""
    months = np.arange(relative.shape[1])
    back = (relative >= RECOVERED) & (months > relative.argmin(axis=1)[:, np.newaxis])
    return np.where(back.any(axis=1), back.argmax(axis=1), relative.shape[1])


MEASURES = (
    Measure(
        "output_lost",
        "percent",
        "level points",
        output_lost,
        better=-1,
        margin="output_margin",
        reads="shock",
    ),
    Measure("trough", "percent", "level points", trough, better=-1, reads="shock"),
    Measure("recovery_months", "months", "amount", recovery_months, better=-1, reads="shock"),
    Measure("recovered", "percent", "level points", recovered, reads="shock"),
)
