"""Scenario discovery: the box of parameter ranges that best describes where a policy wins.

PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010) peels thin slices off the space of parameters. The box that is told
is the one on its way with the best balance of coverage (share of the wins that lie inside) and density (share of the
inside that is won); limits that it can do without are taken back. One box describes one region: coverage tells how much
of the wins it leaves out.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import numpy as np
import pandas as pd

from clustersim.arrays import Array

COLUMNS = ("parameter", "low", "high", "coverage", "density", "mass")
NEEDED = 0.01  # a limit stays where taking it back costs more than this of the balance
SMALLEST_MASS = 0.05  # share of the cells; less where fewer are won


def is_installed() -> bool:
    """Whether the extra `discovery` is there."""
    return importlib.util.find_spec("ema_workbench") is not None


def rules(points: pd.DataFrame, wins: Array) -> pd.DataFrame:
    """The box that best describes the cells that are won.

    Args:
        points: a row for each cell, a numeric column for each parameter.
        wins: (cells,) bool.

    Returns:
        A row for each parameter that the box limits: `parameter`, `low`, `high` (where only one side is limited, the
        other is the end of the points' range), and the same in all rows: `coverage`, `density` and `mass` (share of
        all cells inside). No rows where the policy wins nowhere or everywhere, or no limits describe it better
        than none.

    Raises:
        ImportError: ema_workbench is not installed.
        ValueError: lengths do not fit, or a number is missing.
    """
    values = points.to_numpy(dtype=np.float64)
    won = np.asarray(wins, dtype=bool)
    if won.shape != (len(values),) or not np.isfinite(values).all():
        raise ValueError(f"{len(values)} cells need as many wins, not {won.shape}, and no missing parameter")
    if not won.any() or won.all():
        return _frame([])
    boxes = _peeled(values, won)
    balances = np.array([_balance(values, won, box) for box in boxes])
    # The widest among equals, so that rounding decides nothing.
    chosen = boxes[int(np.flatnonzero(balances >= balances.max() - 1e-12)[0])]
    box = _needed(values, won, chosen, _whole(values))
    return _told(points, values, won, box)


def _peeled(values: Array, won: Array) -> list[Array]:
    """All boxes on PRIM's executor, the whole space first; each (2, parameters): low and high."""
    with warnings.catch_warnings():
        # Only about its optional parts (ipyparallel, altair) and about pandas inside.
        warnings.simplefilter("ignore")
        prim = _prim()
        # Neutral names: PRIM drops a column called scenario. Floats: its integer path is a different algorithm.
        columns = pd.DataFrame(values, columns=[f"p{place}" for place in range(values.shape[1])])
        found = prim.Prim(columns, won, mass_min=min(SMALLEST_MASS, float(won.mean()))).find_box()
        return [box[columns.columns].to_numpy(dtype=np.float64) for box in found.box_lims]


def _prim() -> Any:
    try:
        from ema_workbench.analysis import prim
    except ImportError as missing:
        raise ImportError("rules need the package ema_workbench (3.0 or later); it is not installed") from missing
    return prim


def _inside(values: Array, box: Array) -> Array:
    inside: Array = np.all((values >= box[0]) & (values <= box[1]), axis=1)
    return inside


def _quality(values: Array, won: Array, box: Array) -> tuple[float, float, float]:
    """Coverage, density and mass; density is 0 where the box is empty."""
    inside = _inside(values, box)
    both = float((inside & won).sum())
    return both / float(won.sum()), both / max(float(inside.sum()), 1.0), float(inside.mean())


def _balance(values: Array, won: Array, box: Array) -> float:
    """Harmonic mean of coverage and density."""
    coverage, density, _ = _quality(values, won, box)
    return 2.0 * coverage * density / (coverage + density) if coverage + density > 0 else 0.0


def _whole(values: Array) -> Array:
    return np.array([values.min(axis=0), values.max(axis=0)])


def _needed(values: Array, won: Array, box: Array, whole: Array) -> Array:
    """The box without the limits that it can do without, the least needed first."""
    lowest = _balance(values, won, box) - NEEDED
    while True:
        looser = [_without(box, whole, side, place) for side, place in np.argwhere(_limits(box, whole))]
        if not looser:
            return box
        balances = [_balance(values, won, one) for one in looser]
        place = int(np.argmax(balances))
        if balances[place] < lowest:
            return box
        box = looser[place]


def _limits(box: Array, whole: Array) -> Array:
    """Which sides the box limits, (2, parameters) bool."""
    return np.array([box[0] > whole[0], box[1] < whole[1]])


def _without(box: Array, whole: Array, side: int, place: int) -> Array:
    looser = box.copy()
    looser[side, place] = whole[side, place]
    return looser


def _told(points: pd.DataFrame, values: Array, won: Array, box: Array) -> pd.DataFrame:
    quality = _quality(values, won, box)
    limited = np.flatnonzero(_limits(box, _whole(values)).any(axis=0))
    return _frame([(str(points.columns[int(place)]), box[0, place], box[1, place], *quality) for place in limited])


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"parameter": object, **dict.fromkeys(COLUMNS[1:], np.float64)})
