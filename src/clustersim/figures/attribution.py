"""The effect of a policy shared among its instruments: Shapley values from the gate to the whole policy."""

from __future__ import annotations

import math
import textwrap
from types import SimpleNamespace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from clustersim import messages
from clustersim.analysis.rows import Row
from clustersim.figures import style
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording

BELOW_AXIS = 34  # points, from the axis to the legend below its label
BAR, GATE, WHOLE = style.COLOURS[5], "#c4c4c4", "#8c8c8c"
MARKS = {"alone": ("o", style.COLOURS[1], 0.24), "left_out": ("s", style.COLOURS[2], 0.38)}
BAR_AT = -0.12
NAME_WIDTH, NOTE_WIDTH = 22, 80  # characters of a line


def shapley(
    table: pd.DataFrame,
    totals: pd.DataFrame,
    arm: str,
    measure: str,
    axes: Axes | None = None,
) -> Axes:
    """Bars of the gate, of each instrument's Shapley value and of the whole policy, each with its 95% interval.

    Open marks below an instrument's bar show what it adds alone and what is lost without it.

    Args:
        table: as of `analysis.attribution.shapley.shapley`, in the order of the bars.
        totals: as of `analysis.attribution.shapley.totals`.
        arm: whose effect is shared out. measure: of which.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    unit = MEASURES[measure].effect_unit
    rows: list[Row] = list(table.itertuples())
    sums_of: list[Row] = list(totals.itertuples())
    sums = {str(row.total): _estimate(row, row.mean, unit) for row in sums_of}
    with style.context():
        drawn = style.panel(2.0 + 0.42 * (len(rows) + 2)) if axes is None else axes
        drawn.axvline(0, color="black", linewidth=0.8)
        bars = [sums["gate"], *(_estimate(row, row.shapley, unit) for row in rows), sums["all"]]
        colours = [GATE, *([BAR] * len(rows)), WHOLE]
        for place, (bar, colour) in enumerate(zip(bars, colours, strict=True)):
            _bar(drawn, bar, place, colour, place in (0, len(bars) - 1))
        for place, row in enumerate(rows, start=1):
            _marks(drawn, row, place)
        _rule_off(drawn, len(bars))
        _names(drawn, list(table["instrument"]))
        _legend(drawn)
        drawn.set_xlabel(text("figure.study.shapley.axis", unit=wording.unit_name(unit)))
        title = text("figure.study.shapley.title", measure=wording.measure_title(measure))
        style.heading(drawn, title, _note(bars, sums, arm, unit))
    return drawn


def _estimate(row: Row, value: float, unit: str) -> Row:
    """With the names that the words of an effect are made from."""
    return SimpleNamespace(effect=value, low=row.low, high=row.high, effect_unit=unit, seeds=int(row.seeds))


def _bar(axes: Axes, bar: Row, place: int, colour: str, is_sum: bool) -> None:
    """A bar with its interval; its number is outside the panel, where no bar or mark can cover it."""
    at = place + (0.0 if is_sum else BAR_AT)
    hatch = style.HATCHES[1] if is_sum else None
    axes.barh(at, bar.effect, height=0.46, color=colour, hatch=hatch, edgecolor="white", linewidth=0.0)
    if math.isfinite(bar.low):
        axes.plot([bar.low, bar.high], [at, at], color="black", linewidth=1.0, marker="|", markersize=6)
    axes.annotate(
        wording.effect_text(bar), (1, at), xytext=(6, 0), xycoords=axes.get_yaxis_transform(),
        textcoords="offset points", va="center", fontsize=style.SMALL, annotation_clip=False,
    )  # fmt: skip


def _marks(axes: Axes, row: Row, place: int) -> None:
    for name, (marker, colour, below) in MARKS.items():
        low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
        if math.isfinite(low):
            axes.plot([low, high], [place + below] * 2, color=colour, linewidth=0.9)
        axes.plot(getattr(row, name), place + below, marker, color=colour, markerfacecolor="white", markersize=4)


def _rule_off(axes: Axes, bars: int) -> None:
    """A thin line above the whole policy, as above the sum of a column of numbers."""
    axes.set_ylim(bars - 0.5, -0.5)
    axes.axhline(bars - 1.5, color=style.GREY, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))


def _names(axes: Axes, instruments: list[str]) -> None:
    gate, whole = (text(f"figure.study.shapley.{end}") for end in ("gate", "all"))
    labels = [gate, *(_instrument(name) for name in instruments), whole]
    axes.set_yticks(range(len(labels)), labels, linespacing=1.1)


def _instrument(label: str) -> str:
    """The instrument's title, or the label that the policy's author gave it."""
    key = f"instrument.{label}.title"
    return text(key) if messages.has(key) else "\n".join(textwrap.wrap(label.replace("_", " "), NAME_WIDTH))


def _legend(axes: Axes) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    handles: list[Any] = [Patch(color=BAR, linewidth=0, label=text("figure.study.shapley.shapley"))]
    for name, (marker, colour, _) in MARKS.items():
        said = text(f"figure.study.shapley.{name}")
        handles.append(Line2D([], [], color=colour, marker=marker, markerfacecolor="white", linewidth=0.9, label=said))
    below = axes.transAxes + ScaledTranslation(0, -BELOW_AXIS / 72, figure.dpi_scale_trans)
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below, ncols=len(handles),
        borderpad=0, borderaxespad=0,
    )  # fmt: skip


def _note(bars: list[Row], sums: dict[str, Row], arm: str, unit: str) -> str:
    """Whose effect it is, what the lines are, and the sum."""

    def said(key: str, **fields: object) -> str:
        return text(f"figure.study.shapley.{key}", **fields)

    seeds = bars[-1].seeds
    decimals = max(wording.interval_decimals(bar.low, bar.high) for bar in bars)
    parts = {name: wording.plain(sums[name].effect, decimals, signed=True) for name in ("gate", "instruments", "all")}
    lines = textwrap.wrap(said("note", arm=wording.arm_name(arm)), NOTE_WIDTH)
    lines.append(said("lines", intervals=style.interval_note(seeds)) if seeds > 1 else said("one_seed"))
    return "\n".join([*lines, said("sum", unit=wording.unit_name(unit), **parts)])
