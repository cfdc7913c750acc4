"""What a result depends on: the main index of each factor with its two intervals, and that of the dummy."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from clustersim.analysis.rows import Row
from clustersim.analysis.sensitivity.design import DUMMY
from clustersim.analysis.sensitivity.indices import METHOD
from clustersim.execution.factors import Factor
from clustersim.figures import style
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.factor_words import short_names
from clustersim.scenario.model import NO_ALLIANCE

MOST = 15
NAME_WIDTH, NOTE_WIDTH = 38, 72  # characters of a line of a factor's name, of the note
BAR = style.COLOURS[5]  # the lightest blue: black lines stay visible on it
GREY_BAR, GREY_HATCH = "#dedede", "#a0a0a0"
APART = 0.18  # of a row: where the two intervals lie, above and below the middle of their bar


@dataclass(frozen=True)
class IndicesOf:
    """What indices were computed of.

    Attributes:
        method: `sobol`, `morris` or `pawn`.
        measure: whose difference from no alliance (or level, if `arm` is no_alliance) was analysed.
        arm: name of the policy arm.
        rows: points that were run. seeds: at each point.
    """

    method: str
    measure: str
    arm: str
    rows: int
    seeds: int


def sensitivity(table: pd.DataFrame, of: IndicesOf, axes: Axes | None = None) -> Axes:
    """A bar for each factor, the largest main index first, at most 15; the dummy's index as a line.

    Args:
        table: `analysis.sensitivity.Result.table`.
        of: what was analysed, and how.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    main = METHOD[of.method].MAIN
    factors = table[table["factor"] != DUMMY].sort_values(main, ascending=False, kind="stable")
    shown = factors.head(MOST)
    names = short_names([Factor(name, (name,)) for name in table["factor"]])
    labels = [_folded(names[factor]) for factor in shown["factor"]]
    with style.context():
        drawn = style.panel(_height(labels)) if axes is None else axes
        for place, row in enumerate(shown.itertuples()):
            _bar(drawn, row, place, getattr(row, main))
        _names_of_intervals(drawn, next(shown.itertuples()))
        drawn.set_yticks(range(len(shown)), labels, fontsize=8, linespacing=1.1)
        drawn.set_ylim(len(shown) + 0.2, -0.6)
        if shown[main].any():
            drawn.set_xlim(left=min(0.0, drawn.get_xlim()[0]))
        else:
            drawn.set_xlim(0, 1)  # nothing moved: no scale comes from the indices
        _dummy(drawn, table, main)
        _finish(drawn, of)
        left_out = factors[main].iloc[MOST:]
        title = text("figure.study.sensitivity.title", measure=wording.measure_title(of.measure))
        style.heading(drawn, title, _note(shown, left_out, of))
    return drawn


def _folded(name: str) -> str:
    """In lines, broken behind dots."""
    lines = [""]
    for part in name.replace(".", ".\0").split("\0"):
        if lines[-1] and len(lines[-1]) + len(part) > NAME_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _height(labels: Sequence[str]) -> float:
    """Inches: all rows are as high as the tallest label needs."""
    lines = max(label.count("\n") + 1 for label in labels)
    return 1.9 + len(labels) * max(0.27, 0.03 + 0.125 * lines)


def _bar(axes: Axes, row: Row, place: int, value: float) -> None:
    grey = bool(row.below_dummy)
    with mpl.rc_context({"hatch.color": GREY_HATCH}):
        axes.barh(
            place, value, height=0.72, color=GREY_BAR if grey else BAR, edgecolor=GREY_HATCH,
            hatch=style.HATCHES[1] if grey else None, linewidth=0.0,
        )  # fmt: skip
    colour = style.GREY if grey else "black"
    above, below = _places(row)
    _interval(axes, (row.low_design, row.high_design), place + above, colour, "-")
    _interval(axes, (row.low_seeds, row.high_seeds), place + below, colour, (0, (3, 1.5)))
    if hasattr(row, "first") and math.isfinite(row.first):
        axes.plot(row.first, place, "o", color="black", markerfacecolor="white", markersize=4.5, clip_on=False)


def _places(row: Row) -> tuple[float, float]:
    """Of the intervals over the design and over the seeds, from the middle of the bar; one alone lies there."""
    return (-APART, APART) if math.isfinite(row.low_seeds) else (0.0, 0.0)


def _interval(axes: Axes, ends: tuple[float, float], place: float, colour: str, line: object) -> None:
    """A line with caps; the caps are never dashed."""
    if not all(math.isfinite(end) for end in ends):
        return
    axes.plot(ends, [place, place], color=colour, linestyle=line, linewidth=1.0)
    axes.plot(ends, [place, place], "|", color=colour, markersize=4.5, markeredgewidth=1.0)


def _names_of_intervals(axes: Axes, first: Row) -> None:
    """Said once, behind the ends of the first bar's intervals."""
    above, below = _places(first)
    for name, end, place in (("design", first.high_design, above), ("seeds", first.high_seeds, below)):
        if math.isfinite(end):
            axes.annotate(
                text(f"figure.study.sensitivity.{name}"), (end, place), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=style.SMALL,
            )  # fmt: skip


def _dummy(axes: Axes, table: pd.DataFrame, main: str) -> None:
    """A dashed line, its name below the bars on the side that has room."""
    found = table.loc[table["factor"] == DUMMY, main]
    if found.empty:
        return
    level = float(found.iloc[0])
    axes.axvline(level, color="black", linestyle=style.LINES[1], linewidth=0.9)
    low, high = axes.get_xlim()
    right = level < (low + high) / 2
    axes.annotate(
        text("figure.study.sensitivity.dummy", level=f"{level:.2g}"),
        (level, 0), xytext=(4 if right else -4, 3), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
        ha="left" if right else "right", va="bottom", fontsize=style.SMALL,
    )  # fmt: skip


def _finish(axes: Axes, of: IndicesOf) -> None:
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    measure = MEASURES[of.measure]
    unit = wording.unit_name(measure.unit if of.arm == NO_ALLIANCE else measure.effect_unit)
    axes.set_xlabel(text(f"figure.study.index.{of.method}", unit=unit))


def _note(shown: pd.DataFrame, left_out: pd.Series, of: IndicesOf) -> str:
    def said(key: str, **fields: object) -> str:
        return text(f"figure.study.sensitivity.{key}", **fields)

    runs = said("runs" if of.seeds > 1 else "run", rows=f"{of.rows:,}", seeds=of.seeds)
    whose = "alone" if of.arm == NO_ALLIANCE else "against"
    both = bool(shown["low_seeds"].notna().any())
    subject = textwrap.wrap(said(whose, arm=wording.arm_name(of.arm)), NOTE_WIDTH)
    lines = [*subject, runs, said("whiskers" if both else "whisker")]
    lines += [said("first")] if "first" in shown else []
    lines += [said("grey")] if shown["below_dummy"].any() else []
    lines += [said("more", number=len(left_out), most=f"{left_out.max():.2g}")] if len(left_out) else []
    return "\n".join(lines)
