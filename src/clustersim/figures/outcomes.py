"""Pairing and output over time: the difference of each arm from no alliance, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clustersim.figures import helpers, style
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording

PANELS = ("pairing_rate", "output")


def outcomes(monthly: pd.DataFrame, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """Two panels, pairing rate (points) and output (%): monthly differences with 95% bands over seeds.

    Args:
        monthly: `Estimates.monthly`.
        axes: two Axes to draw into; None makes a figure.

    Returns:
        The Axes, shape (2,).
    """
    with style.context():
        drawn = np.array(axes) if axes is not None else style.panels(2, 1, 5.6)[:, 0]
        for panel, measure in zip(drawn, PANELS, strict=True):
            _panel(panel, monthly[monthly["measure"] == measure], measure)
        drawn[-1].set_xlabel(text("figure.month"))
    return drawn


def _panel(axes: Axes, rows: pd.DataFrame, measure: str) -> None:
    axes.axhline(0, color="black", linewidth=0.8)
    looks = style.looks(list(rows["arm"].unique()))
    for number, (arm, look) in enumerate(looks.items()):
        helpers.draw(axes, rows[rows["arm"] == arm], "effect", look, number)
    helpers.month_axis(axes, int(rows["month"].max()))
    helpers.label_ends(axes, rows, "effect", looks)
    unit = wording.unit_name(MEASURES[measure].effect_unit)
    title = wording.measure_title(measure)
    baseline = _baseline(rows, measure)
    intervals = style.interval_note(int(rows["seeds"].max()))
    note = text("figure.over_time", intervals=intervals, baseline=baseline)
    style.heading(axes, text("figure.difference", measure=title, unit=unit), note)


def _baseline(rows: pd.DataFrame, measure: str) -> str:
    unit = MEASURES[measure].unit
    level = wording.quantity(wording.level_text(rows["baseline"].mean(), unit), unit)
    kind = "share" if unit == "percent" else "amount"
    return text(f"figure.baseline_{kind}", level=level)
