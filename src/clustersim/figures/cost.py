"""What a policy costs and what it adds: public cost and additional pairs, with lines of equal cost per pair."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from matplotlib.transforms import Bbox, BboxBase

from clustersim.analysis.rows import Row
from clustersim.arrays import Array
from clustersim.figures import style
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.scenario.model import NO_ALLIANCE

YEAR = 12  # slot-months of a pair-year
STEPS = (1.0, 2.0, 5.0)  # of the costs that have a line, times a power of ten
BESIDE = 4.0  # of the slope of the diagonal: a line is steeper or flatter by no more
NAME_WIDTH = 28  # characters
SIDES = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))  # of a point, where its name may stand
DISTANCES = (5.0, 14.0, 26.0, 40.0, 56.0, 74.0, 94.0)  # points


@dataclass(frozen=True)
class _Point:
    """An arm: cost (money) and net additional pair-years with their intervals, and its cost per pair-year."""

    arm: str
    cost: Row
    pairs: Row
    ratio: Row

    @property
    def at(self) -> tuple[float, float]:
        """Where its mark stands."""
        return self.cost.effect, self.pairs.effect / YEAR


def cost(effects: pd.DataFrame, ratios: pd.DataFrame, axes: Axes | None = None) -> Axes:
    """A point for each arm: public cost over the horizon and net additional pair-years, with 95% intervals both ways.

    The days that firms spend are not in the cost.

    Args:
        effects, ratios: of `Estimates`.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    points = _points(effects, ratios)
    with style.context():
        drawn = style.panel(3.9) if axes is None else axes
        looks = style.looks([point.arm for point in points])
        for point in points:
            _draw(drawn, point, looks[point.arm])
        paid = max(point.cost.effect for point in points) > 0
        _limits(drawn, paid=paid)
        if paid and max(point.pairs.effect for point in points) > 0:
            _lines_of_equal_cost(drawn)
        for axis in (drawn.xaxis, drawn.yaxis):
            axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
            axis.set_major_locator(MaxNLocator(6))
        drawn.set_xlabel(text("figure.cost.cost", unit=wording.unit_name("money")))
        drawn.set_ylabel(text("figure.cost.pairs"))
        seeds = int(effects["seeds"].max())
        note = text("figure.cost.note", intervals=style.interval_note(seeds))
        style.heading(drawn, text("figure.cost.title"), note)
        _names(drawn, points, looks)
    return drawn


def _points(effects: pd.DataFrame, ratios: pd.DataFrame) -> list[_Point]:
    rows: dict[Any, Row] = {(row.arm, row.measure): row for row in effects.itertuples()}
    costs: dict[Any, Row] = {row.arm: row for row in ratios[ratios["measure"] == "cost_per_pair_year"].itertuples()}
    return [
        _Point(arm, rows[arm, "public_cost"], rows[arm, "net_additional"], costs[arm])
        for arm in effects["arm"].unique()
    ]


def _draw(axes: Axes, point: _Point, look: Look) -> None:
    x, y = point.at
    if math.isfinite(point.pairs.low):
        axes.plot([point.cost.low, point.cost.high], [y, y], color=look.colour, linewidth=1.2)
        axes.plot([x, x], [point.pairs.low / YEAR, point.pairs.high / YEAR], color=look.colour, linewidth=1.2)
    axes.plot(x, y, look.marker, color=look.colour, markerfacecolor=look.face)


def _limits(axes: Axes, *, paid: bool) -> None:
    """Both axes begin at or below zero, which is no alliance. `paid`: some arm costs something."""
    axes.axhline(0, color="black", linewidth=0.8)
    axes.plot(0, 0, "+", color=style.GREY, markersize=8)
    axes.annotate(
        wording.arm_name(NO_ALLIANCE), (0, 0), xytext=(4, -4), textcoords="offset points", va="top",
        fontsize=style.SMALL, color=style.GREY,
    )  # fmt: skip
    axes.margins(0.1)
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    axes.set_xlim(min(left, 0.0), right if paid else 1.0)
    axes.set_ylim(min(bottom, 0.0), max(top, 0.0))


def _lines_of_equal_cost(axes: Axes) -> None:
    """From zero to the edge of the panel, each with its cost per pair-year."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    diagonal = right / top
    powers = range(math.floor(math.log10(diagonal / BESIDE)), math.ceil(math.log10(diagonal * BESIDE)) + 1)
    for price in [step * 10.0**power for power in powers for step in STEPS]:
        if diagonal / BESIDE <= price <= diagonal * BESIDE:
            end = (min(right, price * top), min(top, right / price))
            axes.plot([0, end[0]], [0, end[1]], color=style.GREY, linewidth=0.6, linestyle=style.LINES[1], zorder=0)
            _price(axes, price, end, at_top=price < diagonal)


def _price(axes: Axes, price: float, end: tuple[float, float], *, at_top: bool) -> None:
    axes.annotate(
        f"{price:,g}", (0.96 * end[0], 0.96 * end[1]), ha="center", va="center", fontsize=style.SMALL,
        color=style.GREY, path_effects=[withStroke(linewidth=3, foreground="white")], zorder=1,
        annotation_clip=at_top,
    )  # fmt: skip


def _names(axes: Axes, points: list[_Point], looks: dict[str, Look]) -> None:
    """The names, each as near to its point as it can stand clear of all points, lines of intervals and other names."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # what stands where is known from here on
    taken = [box for point in points for box in _marks(axes, point)]
    taken += [label.get_window_extent() for label in axes.texts]
    dot = figure.dpi / 72
    for point in points:
        name = axes.annotate(
            _label(point), point.at, xytext=(0, 0), textcoords="offset points", ha="center", va="center",
            color=looks[point.arm].colour, fontsize=style.SMALL, linespacing=style.LINE_SPACING,
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip
        at, half = axes.transData.transform(point.at), np.asarray(Text.get_window_extent(name).size) / 2
        places = [dot * shift + side * half for shift, side in _shifts()]
        boxes = [Bbox([at + place - half, at + place + half]) for place in places]
        best = int(np.argmin([_in_the_way(box, taken, axes.bbox) for box in boxes]))
        taken.append(boxes[best].padded(dot))
        _stand(axes, name, places[best] / dot, far=best >= len(SIDES))


def _stand(axes: Axes, name: Annotation, shift: Array, *, far: bool) -> None:
    """Puts a name so many points from its point; with a line between the two where it is far."""
    name.set_position(tuple(shift))
    if far:
        axes.annotate(
            "", name.xy, xytext=tuple(shift), textcoords="offset points", zorder=1,
            arrowprops={"arrowstyle": "-", "color": name.get_color(), "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip


def _shifts() -> list[tuple[Array, Array]]:
    """In points from a point to the near side of its name, and which side that is; the nearest first."""
    return [(distance * np.array(side), np.array(side)) for distance in DISTANCES for side in SIDES]


def _marks(axes: Axes, point: _Point) -> list[Bbox]:
    """Boxes of a point and of the lines of its intervals, in pixels."""
    x = (point.cost.effect, point.cost.low, point.cost.high)
    y = (point.pairs.effect / YEAR, point.pairs.low / YEAR, point.pairs.high / YEAR)
    ends = [[(x[0], y[0])] * 2]
    if math.isfinite(y[1]):
        ends += [[(x[1], y[0]), (x[2], y[0])], [(x[0], y[1]), (x[0], y[2])]]
    return [Bbox(axes.transData.transform(pair)).padded(3) for pair in ends]


def _in_the_way(box: Bbox, taken: list[Bbox], panel: BboxBase) -> float:
    """What a box covers of others and what of it lies outside the panel, in pixels squared."""
    covered = sum(both.width * both.height for other in taken if (both := Bbox.intersection(box, other)) is not None)
    inside = Bbox.intersection(box, panel)
    return covered + box.width * box.height - (inside.width * inside.height if inside is not None else 0.0)


def _label(point: _Point) -> str:
    """The arm, and what a pair-year costs, if known."""
    name = style.arm_label(point.arm, NAME_WIDTH)
    if not np.isfinite(point.ratio.ratio):
        return name
    decimals = wording.interval_decimals(point.ratio.low, point.ratio.high, most=1)
    numbers = (point.ratio.ratio, point.ratio.low, point.ratio.high)
    effect, low, high = (wording.plain(number, decimals) for number in numbers)
    return f"{name}\n{text('table.with_interval', effect=effect, low=low, high=high)}"
