"""Lines over months: one for each arm, with its band, and its name behind its end."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from clustersim.figures import style
from clustersim.figures.style import LINE_SPACING, Look

LINE = 0.09  # a line of a label, as a share of the height of a panel


def draw(axes: Axes, rows: pd.DataFrame, column: str, look: Look, number: int) -> None:
    """A line with a band from `low` to `high` and a few markers, which `number` keeps apart from other lines'."""
    months = rows["month"].to_numpy()
    axes.fill_between(months, rows["low"], rows["high"], color=look.colour, alpha=0.2, linewidth=0)
    axes.plot(
        months,
        rows[column],
        color=look.colour,
        linestyle=look.line,
        marker=look.marker,
        markerfacecolor=look.face,
        markevery=(min(number, len(months) - 1), max(1, len(months) // 6)),
        markersize=4,
    )


def month_axis(axes: Axes, months: int) -> None:
    """Ticks at whole years, or at half years where there are few."""
    step = next(step for step in (1, 3, 6, 12, 24, 60, 120, 240, months) if months <= 8 * step)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.margins(x=0.01)


def label_ends(axes: Axes, rows: pd.DataFrame, column: str, looks: dict[str, Look], language: str | None) -> None:
    """The arms' names behind the ends of their lines, moved apart where they would overlap."""
    last = rows[rows["month"] == rows["month"].max()].set_index("arm")
    ends = [float(last.loc[arm, column]) for arm in looks]
    labels = [style.arm_label(arm, language) for arm in looks]
    low, high = axes.get_ylim()
    heights = [LINE * (label.count("\n") + 1) for label in labels]
    places = style.spread([(end - low) / (high - low) for end in ends], heights)
    above = max(0.0, *(place + height / 2 - 1 for place, height in zip(places, heights, strict=True)))
    for label, look, end, place in zip(labels, looks.values(), ends, places, strict=True):
        axes.annotate(
            label,
            (float(rows["month"].max()), end),
            xytext=(1.03, place - above),
            textcoords="axes fraction",
            color=look.colour,
            va="center",
            linespacing=LINE_SPACING,
            arrowprops={
                **{"arrowstyle": "-", "color": look.colour, "linewidth": 0.5},
                **{"relpos": (0.0, 0.5), "shrinkA": 0, "shrinkB": 2},
            },
        )
    axes.set_ylim(low, high)
