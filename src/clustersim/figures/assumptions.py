"""Two ranges of each effect, never mixed: what other seeds would say, and what other assumptions would say."""

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

SEEDS_AT, RANGE_AT = -0.1, 0.12
RANGE_LINE = (0, (4, 1.5))
THICK, THIN = 6.0, 1.1
PALE = 0.45  # of the thick bar, so that its point stands out


def assumption_range(table: pd.DataFrame, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """A panel for each headline measure: each arm's 95% interval over seeds, and below it its range over points.

    Args:
        table: a row for each arm and measure. `arm`, `measure`, `effect_unit`; `effect`, `low`, `high` (95% over
            seeds, NaN with one seed), `seeds`; `range_low`, `range_mid`, `range_high` (5, 50, 95% over the points,
            NaN where nothing was varied), `points`, `range_seeds`; `margin`. With `baseline` and `unit` the level of
            no alliance is shown.
        axes: as many as there are headline measures in the table; None makes a figure.

    Returns:
        The Axes, shape (measures,).
    """
    told = set(table["measure"])
    names = [measure.name for measure in registry.headline() if measure.name in told]
    arms = list(table["arm"].unique())
    with style.context():
        drawn = np.array(axes) if axes is not None else style.panels(1, len(names), 2.1 + 0.72 * len(arms))[0]
        looks = style.looks(arms)
        for panel, name in zip(drawn, names, strict=True):
            _panel(panel, list(table[table["measure"] == name].itertuples()), looks)
        drawn[0].set_yticks(
            range(len(arms)), [style.arm_label(arm, 14) for arm in arms], linespacing=style.LINE_SPACING
        )
        _names_of_ranges(drawn[-1], table)
    return drawn


def _panel(axes: Axes, rows: list[Row], looks: dict[str, Look]) -> None:
    first = rows[0]
    axes.axvspan(-first.margin, first.margin, color=style.LIGHT, linewidth=0)
    axes.axvline(0, color="black", linewidth=0.8)
    for place, row in enumerate(rows):
        _seeds(axes, row, place + SEEDS_AT, looks[row.arm])
        _range(axes, row, place + RANGE_AT, looks[row.arm])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.margins(x=0.12)
    for said, at, shift in _told(rows):
        _numbers(axes, said, at, shift)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel(_axis(rows), fontsize=style.SMALL, linespacing=style.LINE_SPACING)
    style.heading(axes, wording.measure_title(first.measure), _baseline(first))


def _seeds(axes: Axes, row: Row, place: float, look: Look) -> None:
    if math.isfinite(row.low):
        axes.plot(
            [row.low, row.high], [place] * 2, color=look.colour, alpha=PALE, linewidth=THICK, solid_capstyle="butt"
        )
    axes.plot(row.effect, place, look.marker, color=look.colour, markerfacecolor=look.face, markersize=4)


def _range(axes: Axes, row: Row, place: float, look: Look) -> None:
    """Thin and dashed, with ticks at its ends and a taller one at its median; no marker, which is the estimate's."""
    if not math.isfinite(row.range_low):
        return
    ends = [row.range_low, row.range_high]
    axes.plot(ends, [place] * 2, color=look.colour, linewidth=THIN, linestyle=RANGE_LINE)
    axes.plot(ends, [place] * 2, "|", color=look.colour, markersize=4)
    axes.plot(row.range_mid, place, "|", color="black", markersize=8, markeredgewidth=1.3)


def _told(rows: list[Row]) -> list[tuple[str, float, int]]:
    """Words, their place and their shift in points: effect and interval above, the ends of the range below."""
    varied = [row for row in rows if math.isfinite(row.range_low)]
    most = wording.common_decimals((row.low, row.high) for row in rows)
    said = [(wording.effect_text(row, most), place + SEEDS_AT, 6) for place, row in enumerate(rows)]
    if varied:
        decimals = min(wording.interval_decimals(row.range_low, row.range_high) for row in varied)
        said += [(_ends(row, decimals), rows.index(row) + RANGE_AT, -6) for row in varied]
    return said


def _numbers(axes: Axes, said: str, at: float, shift: int) -> None:
    """At the side of the panel that lies away from zero."""
    low, high = axes.get_xlim()
    right = -low < high
    axes.annotate(
        said, (float(right), at), xytext=(0, shift), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
        ha="right" if right else "left", va="bottom" if shift > 0 else "top", fontsize=style.SMALL,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )  # fmt: skip


def _ends(row: Row, decimals: int) -> str:
    low, high = (wording.plain(value, decimals, signed=True) for value in (row.range_low, row.range_high))
    return text("figure.study.range.ends", low=low, high=high)


def _axis(rows: list[Row]) -> str:
    """Unit, what the two ranges are, and the margin."""
    first = rows[0]
    seeds = max(row.seeds for row in rows)
    varied = [row for row in rows if math.isfinite(row.range_low)]
    spread = text("figure.study.range.no_spread")
    if varied:
        counts = {"points": f"{max(row.points for row in varied):,}", "seeds": max(row.range_seeds for row in varied)}
        spread = text("figure.study.range.spread", **counts)
    return text(
        "figure.study.range.axis",
        unit=wording.unit_name(first.effect_unit),
        intervals=text(f"figure.study.range.{'intervals' if seeds > 1 else 'no_intervals'}", seeds=seeds),
        spread=spread,
        margin=text("figure.margin", margin=f"{first.margin:g}"),
    )


def _baseline(row: Row) -> str:
    if not (hasattr(row, "baseline") and hasattr(row, "unit")):
        return text("figure.study.range.baseline")
    level = wording.quantity(wording.level_text(row.baseline, row.unit), row.unit)
    return text("figure.no_alliance", level=level)


def _names_of_ranges(axes: Axes, table: pd.DataFrame) -> None:
    """Said once, behind the last panel, at the height of the first arm's two bars."""
    kinds = [("seeds", SEEDS_AT)]
    kinds += [("assumptions", RANGE_AT)] if table["range_low"].notna().any() else []
    for name, at in kinds:
        axes.annotate(
            text(f"figure.study.range.{name}"), (1, at), xytext=(4, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", va="center", fontsize=style.SMALL, color=style.GREY, annotation_clip=False,
        )  # fmt: skip
