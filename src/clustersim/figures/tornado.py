"""What a conclusion depends on: the effect of an arm where a parameter is low and where it is high."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from clustersim.analysis.rows import Row
from clustersim.figures import style
from clustersim.measures import MEASURES
from clustersim.messages import current_language, text
from clustersim.reports import wording

MOST, FEWEST = 12, 6  # parameters shown: those beyond chance, and at least so many that noise can be seen too
NAME_WIDTH = {"en": 44, "zh": 24}  # characters of a line
MOST_LINES = 2
BAR = 0.36  # of a row: the height of the bar of an end
COLOURS = {"low": style.COLOURS[4], "high": style.COLOURS[0]}
GREYS = {"low": "#dedede", "high": "#c4c4c4"}
SMALLEST = 7  # points, of the values of parameters


@dataclass(frozen=True)
class TornadoOf:
    """What a tornado is of.

    Attributes:
        measure, arm: whose difference from no alliance.
        seeds: at each point.
        names: parameter -> what it means, in words that may be empty, and its key.
    """

    measure: str
    arm: str
    seeds: int
    names: Mapping[str, tuple[str, str]]


def tornado(table: pd.DataFrame, of: TornadoOf, axes: Axes | None = None) -> Axes:
    """Two bars for each parameter, from the mean over all points to the mean where it is lowest and highest.

    The widest swing first, down to the last one beyond chance, six at least and twelve at most; those that are not
    beyond chance are grey and hatched.

    Args:
        table: as of `analysis.swings.tornado`; at least one row.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    shown = _shown(table)
    rows: list[Row] = list(shown.itertuples())
    labels = [_folded(of.names[row.parameter]) for row in rows]
    with style.context():
        drawn = style.panel(_height(labels)) if axes is None else axes
        drawn.axvline(0, color="black", linewidth=0.8)
        drawn.axvline(rows[0].mean, color=style.GREY, linewidth=0.8, linestyle=style.LINES[1])
        for place, row in enumerate(rows):
            for end, at in (("low", place - BAR / 2), ("high", place + BAR / 2)):
                _end(drawn, row, end, at)
                _value(drawn, row, end, at)
        drawn.margins(x=0.14)
        drawn.set_yticks(range(len(rows)), labels, fontsize=style.SMALL, linespacing=style.LINE_SPACING)
        drawn.set_ylim(len(rows) - 0.5, -0.5)
        drawn.tick_params(axis="y", length=0)
        drawn.spines["left"].set_visible(False)
        drawn.xaxis.set_major_locator(MaxNLocator(6))
        unit = wording.unit_name(MEASURES[of.measure].effect_unit)
        drawn.set_xlabel(text("figure.tornado.axis", unit=unit))
        title = text("figure.tornado.title", measure=wording.mid_sentence(wording.measure_title(of.measure)))
        style.heading_of_all(drawn, title, _note(table, len(shown), of))
    return drawn


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    beyond = np.flatnonzero(table["beyond_chance"])
    last = int(beyond[-1]) + 1 if beyond.size else 0
    return table.head(min(MOST, max(FEWEST, last)))


def _folded(name: tuple[str, str]) -> str:
    """The words in lines, the key below them."""
    told, key = name
    width = NAME_WIDTH[current_language()]
    lines = textwrap.wrap(told, width)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][: width - 2].rstrip() + " …"]
    return "\n".join([*lines, key])


def _height(labels: list[str]) -> float:
    """Inches: all rows are as high as the tallest label needs."""
    lines = max(label.count("\n") + 1 for label in labels)
    return 1.9 + len(labels) * max(0.3, 0.05 + 0.135 * lines)


def _end(axes: Axes, row: Row, end: str, place: float) -> None:
    """The bar of one end with its interval."""
    value, low, high = _numbers(row, end)
    colour = (COLOURS if row.beyond_chance else GREYS)[end]
    hatch = None if row.beyond_chance else style.HATCHES[1]
    axes.barh(place, value - row.mean, BAR, left=row.mean, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
    if math.isfinite(low):
        axes.plot([low, high], [place, place], color=_ink(row), linewidth=0.8)


def _value(axes: Axes, row: Row, end: str, place: float) -> None:
    """What the parameter is at an end, behind the bar and its interval."""
    value = getattr(row, f"{end}_value")
    right = getattr(row, end) >= row.mean
    ends = [number for number in _numbers(row, end) if math.isfinite(number)]
    axes.annotate(
        f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}", (max(ends) if right else min(ends), place),
        xytext=(3 if right else -3, 0), textcoords="offset points", ha="left" if right else "right", va="center",
        fontsize=SMALLEST, color=_ink(row),
    )  # fmt: skip


def _numbers(row: Row, end: str) -> tuple[float, float, float]:
    """Mean effect at an end, and its interval."""
    return getattr(row, end), getattr(row, f"{end}_low"), getattr(row, f"{end}_high")


def _ink(row: Row) -> str:
    return "black" if row.beyond_chance else style.GREY


def _note(table: pd.DataFrame, shown: int, of: TornadoOf) -> str:
    """Whose effect it is, what the bars and lines are, what is grey, and what is left out."""

    def said(key: str, **fields: object) -> str:
        return text(f"figure.tornado.{key}", **fields)

    runs = {"points": f"{int(table['points'].iloc[0]):,}", "seeds": of.seeds}
    parts = [said("whose", arm=wording.arm_name(of.arm), **runs), said("bars"), said("grey")]
    more = table.iloc[shown:]
    parts += [said("more", number=len(more), most=f"{more['swing'].abs().max():.2g}")] if len(more) else []
    return "\n".join(parts)
