"""The pairing funnel: how far the needs for goods came under each policy, compared with no alliance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from clustersim.analysis.pairing_funnel import BY_INTRODUCTION, GOODS, STAGES
from clustersim.analysis.rows import Row
from clustersim.figures import style
from clustersim.figures.files import figure_of
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.results import EQUAL_MONEY

MOST_ARMS = 4  # policies; where there are more, those at equal money are left out
COLUMNS = 2
SPLIT = ("paired", "lasting")
ALONE = Look(style.GREY, "", "-", equal=False)
PALE = 0.35  # of the bars of needs that are not yet paired
HEIGHT = 0.66  # of a bar, in rows
ROOM = 2.15  # widths of the longest bar: the labels stand behind the bars
HATCHED: dict[str, Any] = {"facecolor": "white", "hatch": "//////", "linewidth": 0.6}
NAME_WIDTH = 34  # characters


def funnel(table: pd.DataFrame) -> np.ndarray:
    """A panel for each arm: bars of its needs of goods by stage, with what became of them in words; no alliance first.

    A thin line on a bar is its 95% interval, an upright one the mean under no alliance.

    Args:
        table: as of `analysis.pairing_funnel.funnel`.

    Returns:
        The Axes, shape (arms,).
    """
    goods = table[table["resource"] == GOODS]
    arms = _shown(list(goods["arm"].unique()))
    looks = {NO_ALLIANCE: ALONE, **style.looks(list(goods["arm"].unique())[1:])}
    alone = _by_stage(goods, NO_ALLIANCE)
    rows = math.ceil(len(arms) / COLUMNS)
    with style.context():
        drawn = style.panels(rows, COLUMNS, 1.1 + 1.5 * rows).reshape(-1)
        widest = ROOM * float(goods.loc[goods["arm"].isin(arms), "mean"].max())
        for axes, arm in zip(drawn[: len(arms)], arms, strict=True):
            _panel(axes, _by_stage(goods, arm), looks[arm])
            if arm != NO_ALLIANCE:
                _beside(axes, alone)
            _finish(axes, arm, widest)
        for axes in drawn[len(arms) :]:
            axes.remove()
        _words(drawn[0], goods, len(arms) < goods["arm"].nunique())
    return drawn[: len(arms)]


def _shown(arms: Sequence[str]) -> list[str]:
    if len(arms) - 1 <= MOST_ARMS:
        return list(arms)
    return [arm for arm in arms if not arm.endswith(EQUAL_MONEY)]


def _by_stage(goods: pd.DataFrame, arm: str) -> dict[str, Row]:
    rows: list[Row] = list(goods[goods["arm"] == arm].itertuples())
    return {row.stage: row for row in rows}


def _panel(axes: Axes, needs: dict[str, Row], look: Look) -> None:
    for place, stage in enumerate(STAGES):
        row = needs[stage]
        if stage in SPLIT:
            _split_bar(axes, place, row.mean, needs[stage + BY_INTRODUCTION].mean, look)
        else:
            axes.barh(place, row.mean, height=HEIGHT, color=look.colour, alpha=PALE, linewidth=0)
        end = row.mean
        if math.isfinite(row.low) and row.high > row.low:
            axes.plot([row.low, row.high], [place] * 2, color="black", linewidth=0.9)
            end = row.high
        axes.annotate(
            _label(needs, stage), (end, place), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=style.SMALL,
        )  # fmt: skip


def _split_bar(axes: Axes, place: int, whole: float, introduced: float, look: Look) -> None:
    """Full: after an introduction; hatched: otherwise."""
    axes.barh(place, introduced, height=HEIGHT, color=look.colour, linewidth=0)
    with mpl.rc_context({"hatch.color": look.colour}):
        axes.barh(place, whole - introduced, left=introduced, height=HEIGHT, edgecolor=look.colour, **HATCHED)


def _label(needs: dict[str, Row], stage: str) -> str:
    """`21.4 (34%)`, and of pairs how many came about by an introduction."""
    row = needs[stage]
    count = wording.level_text(row.mean, "needs")
    if stage == "open" or not row.mean:
        return count
    share = wording.plain(100 * row.share, 0)
    if stage not in SPLIT:
        return text("figure.funnel.count", count=count, share=share)
    introduced = needs[stage + BY_INTRODUCTION].mean
    parts = {"introduced": wording.level_text(introduced, "needs")}
    key = "split" if introduced else "count"
    return text(f"figure.funnel.{key}", count=count, share=share, **parts)


def _beside(axes: Axes, alone: dict[str, Row]) -> None:
    """Where the bars end under no alliance; nothing is surveyed and introduced there."""
    for place, stage in enumerate(STAGES):
        mean = alone[stage].mean
        if mean > 0:
            ends = [place - 0.48, place + 0.48]
            edge = [withStroke(linewidth=3, foreground="white")]
            axes.plot([mean] * 2, ends, color="black", linewidth=1.6, solid_capstyle="butt", path_effects=edge)


def _finish(axes: Axes, arm: str, widest: float) -> None:
    names = [text(f"figure.funnel.stage.{stage}") for stage in STAGES]
    axes.set_yticks(range(len(STAGES)), names)
    axes.set_ylim(len(STAGES) - 0.5, -0.5)
    axes.set_xlim(0, widest)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)
    label = style.arm_label(arm, NAME_WIDTH).replace("\n", " · " if arm.endswith(EQUAL_MONEY) else "\n")
    axes.set_title(label, loc="left", fontsize=8.5, linespacing=style.LINE_SPACING)


def _words(axes: Axes, goods: pd.DataFrame, left_out: bool) -> None:
    """Title above all panels; below them what the marks mean, of which seeds, and what is left out."""
    figure = figure_of(axes)
    figure.suptitle(text("figure.funnel.title"), x=0.01, ha="left", fontsize=9.5)
    seeds = int(goods["seeds"].max())
    note = [text("figure.funnel.note"), text("figure.funnel.seeds", seeds=seeds)]
    note += [style.interval_note(seeds)] if seeds == 1 else []
    note += [text("figure.funnel.left_out")] if left_out else []
    with mpl.rc_context({"hatch.color": style.GREY}):
        handles = _handles()
    legend = figure.legend(
        handles=handles, loc="outside lower left", ncols=len(handles), title="\n".join(note), alignment="left",
        title_fontsize=style.SMALL, handlelength=1.5, columnspacing=1.2,
    )  # fmt: skip
    legend.get_title().set_linespacing(style.LINE_SPACING)


def _handles() -> list[Artist]:
    return [
        Patch(facecolor=style.GREY, linewidth=0, label=text("figure.funnel.by_introduction")),
        Patch(edgecolor=style.GREY, label=text("figure.funnel.otherwise"), **HATCHED),
        Line2D([], [], color="black", marker="|", linestyle="", markersize=8, markeredgewidth=1.6,
               label=text("figure.funnel.alone")),
        Line2D([], [], color="black", linewidth=0.9, label=text("figure.funnel.interval")),
    ]  # fmt: skip
