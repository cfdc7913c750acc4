"""Pairing and output over time: the difference of each arm from no alliance, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from clustersim.experiment import wording
from clustersim.figures import style
from clustersim.measures import MEASURES
from clustersim.messages import text

PANELS = ("pairing_rate", "output")
LINE = 0.09  # a line of a label, as a share of the height of a panel


def outcomes(monthly: pd.DataFrame, language: str | None = None, axes: Sequence[Axes] | None = None) -> np.ndarray:
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
            _panel(panel, monthly[monthly["measure"] == measure], measure, language)
        drawn[-1].set_xlabel(text("figure.month", language))
    return drawn


def _panel(axes: Axes, rows: pd.DataFrame, measure: str, language: str | None) -> None:
    axes.axhline(0, color="black", linewidth=0.8)
    arms = list(rows["arm"].unique())
    for number, arm in enumerate(arms):
        _arm(axes, rows[rows["arm"] == arm], number)
    axes.margins(x=0.01)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 3, 6, 10]))
    _label_ends(axes, rows, arms, language)
    unit = wording.unit_name(MEASURES[measure].effect_unit, language)
    title = wording.measure_title(measure, language)
    baseline = _baseline(rows, measure, language)
    intervals = style.interval_note(int(rows["seeds"].max()), language)
    note = text("figure.over_time", language, intervals=intervals, baseline=baseline)
    style.heading(axes, text("figure.difference", language, measure=title, unit=unit), note)


def _arm(axes: Axes, rows: pd.DataFrame, number: int) -> None:
    which = number % len(style.COLOURS)
    months = rows["month"].to_numpy()
    axes.fill_between(months, rows["low"], rows["high"], color=style.COLOURS[which], alpha=0.2, linewidth=0)
    axes.plot(
        months,
        rows["effect"],
        color=style.COLOURS[which],
        linestyle=style.LINES[which],
        marker=style.MARKERS[which],
        markevery=(min(number, len(months) - 1), max(1, len(months) // 6)),
        markersize=4,
    )


def _label_ends(axes: Axes, rows: pd.DataFrame, arms: list[str], language: str | None) -> None:
    """The arms' names behind the ends of their lines, moved apart where they would overlap."""
    last = rows[rows["month"] == rows["month"].max()].set_index("arm")
    ends = [float(last.loc[arm, "effect"]) for arm in arms]
    labels = [style.arm_label(arm, language) for arm in arms]
    low, high = axes.get_ylim()
    places = style.spread(
        [(end - low) / (high - low) for end in ends], [LINE * (label.count("\n") + 1) for label in labels]
    )
    for number, (label, end, place) in enumerate(zip(labels, ends, places, strict=True)):
        colour = style.COLOURS[number % len(style.COLOURS)]
        axes.annotate(
            label,
            (float(rows["month"].max()), end),
            xytext=(1.03, place),
            textcoords="axes fraction",
            color=colour,
            va="center",
            arrowprops={
                **{"arrowstyle": "-", "color": colour, "linewidth": 0.5},
                **{"relpos": (0.0, 0.5), "shrinkA": 0, "shrinkB": 2},
            },
        )
    axes.set_ylim(low, high)


def _baseline(rows: pd.DataFrame, measure: str, language: str | None) -> str:
    unit = MEASURES[measure].unit
    level = wording.quantity(wording.level_text(rows["baseline"].mean(), unit), unit, language)
    kind = "share" if unit == "percent" else "amount"
    return text(f"figure.baseline_{kind}", language, level=level)
