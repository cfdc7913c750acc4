"""What several figures are made of: lines over months with the arms' names behind their ends, and rows of bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator, StrMethodFormatter
from matplotlib.transforms import ScaledTranslation

from clustersim.figures import style
from clustersim.figures.style import LINE_SPACING, Look
from clustersim.messages import text
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.results import EQUAL_MONEY

LINE = 13.0  # points, a line of a label
MOST_ARMS = 4  # beyond which arms at equal money are left out where there are several panels
BELOW_AXIS = 34  # points, from the axis to the legend below its label


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


def label_ends(axes: Axes, rows: pd.DataFrame, column: str, looks: dict[str, Look]) -> None:
    """The arms' names behind the ends of their lines, moved apart where they would overlap."""
    last = rows[rows["month"] == rows["month"].max()].set_index("arm")
    ends = [float(last.loc[arm, column]) for arm in looks]
    labels = [style.arm_label(arm) for arm in looks]
    low, high = axes.get_ylim()
    line = LINE / _points_high(axes)
    heights = [line * (label.count("\n") + 1) for label in labels]
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


def _points_high(axes: Axes) -> float:
    """The height of a panel in points; before the figure is drawn only about, for its layout is not known."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().height * figure.get_figheight() * 72)


def without_equal_money(arms: Sequence[str]) -> list[str]:
    """The policy arms of `arms`; those at equal money only where there are no more than `MOST_ARMS` in all."""
    policies = [arm for arm in arms if arm != NO_ALLIANCE]
    return policies if len(policies) <= MOST_ARMS else [arm for arm in policies if not arm.endswith(EQUAL_MONEY)]


def with_left_out(note: str, arms: Sequence[str], drawn: Sequence[str]) -> str:
    """A note, and in a line of its own which policy arms are not drawn."""
    missing = [arm for arm in arms if arm != NO_ALLIANCE and arm not in drawn]
    own = [arm for arm in missing if not arm.endswith(EQUAL_MONEY)]
    said = [text("figure.left_out.equal_money")] if len(missing) > len(own) else []
    said += [text("figure.left_out.more", number=len(own))] if own else []
    return "\n".join([note, *said])


def stack(axes: Axes, parts: pd.DataFrame, words: str, colours: Sequence[str]) -> None:
    """Bars side by side from zero, a column of `parts` each; negative ones to the left.

    `words`: the catalogue's table with the columns' names.
    """
    start = np.zeros(len(parts))
    for number, name in enumerate(parts.columns):
        widths = parts[name].to_numpy(dtype=float)
        axes.barh(
            np.arange(len(parts)),
            widths,
            left=np.where(widths < 0, 0.0, start),
            height=0.62,
            color=colours[number],
            hatch=style.HATCHES[number],
            edgecolor="white",
            linewidth=0.5,
            label=text(f"{words}.{name}"),
        )
        start = start + np.clip(widths, 0.0, None)
    figure = axes.get_figure(root=True)
    assert figure is not None
    below = axes.transAxes + ScaledTranslation(0, -BELOW_AXIS / 72, figure.dpi_scale_trans)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=below,
        ncols=len(parts.columns),
        borderpad=0,
        borderaxespad=0,
    )


def behind(axes: Axes, end: float, place: int, said: str) -> None:
    """A number behind the end of a bar."""
    axes.annotate(said, (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=style.SMALL)


def height_of_rows(arms: Sequence[str]) -> float:
    """Inches: all rows are as high as the longest name needs."""
    lines = max(style.arm_label(arm).count("\n") + 1 for arm in arms)
    return len(arms) * max(0.32, 0.06 + 0.15 * lines)


def rows_of_arms(axes: Axes, arms: list[str], unit: str) -> None:
    """The arms' names beside rows of bars, the first one on top; `unit`: key of the label of the x axis."""
    axes.set_yticks(range(len(arms)), [style.arm_label(arm) for arm in arms], linespacing=style.LINE_SPACING)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.margins(x=0.02)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel(text(unit))
