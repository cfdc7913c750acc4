"""Effects of all arms in the headline measures: points with intervals and the margin of practical
difference."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from clustersim import measures as registry
from clustersim.analysis.rows import Row
from clustersim.figures import style
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.reports import wording


def forest(effects: pd.DataFrame, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """A panel for each headline measure: each arm's difference from no alliance with its 95% interval.

    Args:
        effects: `Estimates.effects`.
        axes: three Axes to draw into; None makes a figure.

    Returns:
        The Axes, shape (3,).
    """
    names = [measure.name for measure in registry.headline()]
    arms = list(effects["arm"].unique())
    with style.context():
        height = 1.75 + 0.48 * len(arms)
        drawn = np.array(axes) if axes is not None else style.panels(1, len(names), height)[0]
        looks = style.looks(arms)
        for panel, name in zip(drawn, names, strict=True):
            _panel(panel, list(effects[effects["measure"] == name].itertuples()), looks)
        drawn[0].set_yticks(
            range(len(arms)), [style.arm_label(arm, 14) for arm in arms], linespacing=style.LINE_SPACING
        )
    return drawn


def _panel(axes: Axes, rows: list[Row], looks: dict[str, Look]) -> None:
    first = rows[0]
    axes.axvspan(-first.margin, first.margin, color=style.LIGHT, linewidth=0)
    axes.axvline(0, color="black", linewidth=0.8)
    for place, row in enumerate(rows):
        _estimate(axes, row, place, looks[row.arm])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.25)
    most = wording.common_decimals((row.low, row.high) for row in rows)
    for place, row in enumerate(rows):
        _numbers(axes, wording.effect_text(row, most), place)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    unit = wording.unit_name(first.effect_unit)
    intervals = style.interval_note(max(row.seeds for row in rows))
    margin = text("figure.margin", margin=f"{first.margin:g}")
    axis = text("figure.forest_axis", unit=unit, intervals=intervals)
    axes.set_xlabel(f"{axis}\n{margin}", fontsize=style.SMALL, linespacing=style.LINE_SPACING)
    level = wording.quantity(wording.level_text(first.baseline, first.unit), first.unit)
    title = wording.measure_title(first.measure)
    style.heading(axes, title, text("figure.no_alliance", level=level))


def _estimate(axes: Axes, row: Row, place: int, look: Look) -> None:
    if math.isfinite(row.low):
        axes.plot([row.low, row.high], [place, place], color=look.colour, linewidth=1.6)
    axes.plot(row.effect, place, look.marker, color=look.colour, markerfacecolor=look.face)


def _numbers(axes: Axes, said: str, place: int) -> None:
    """Effect and interval above the point, at the side of the panel that lies away from zero."""
    low, high = axes.get_xlim()
    right = -low < high
    axes.annotate(
        said, (float(right), place), xytext=(0, 7),
        xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right" if right else "left",
        fontsize=style.SMALL, path_effects=[withStroke(linewidth=3, foreground="white")],
    )  # fmt: skip
