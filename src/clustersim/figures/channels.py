"""Where pairs come from, and which of them are additional."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from matplotlib.transforms import ScaledTranslation

from clustersim.experiment import wording
from clustersim.figures import style
from clustersim.messages import text
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.state import CHANNELS

PARTS = ("deadweight", "additional", "twin_only")
PARTS_COLOURS = ("#999999", style.COLOURS[0], style.COLOURS[4])
BELOW_AXIS = 34  # points, from the axis to the legend below its label


def channels(effects: pd.DataFrame, language: str | None = None, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """Two panels of stacked bars: living pairs by channel; pair-months there anyway, additional, only in the
    twin.

    Args:
        effects: `Estimates.effects`.
        axes: two Axes to draw into; None makes a figure.

    Returns:
        The Axes, shape (2,).
    """
    with style.context():
        drawn = np.array(axes) if axes is not None else _two_panels(effects["arm"].nunique())
        levels = effects.pivot(index="arm", columns="measure", values="level").loc[effects["arm"].unique()]
        seeds = int(effects["seeds"].max())
        _by_channel(drawn[0], _with_baseline(effects, levels), seeds, language)
        _additional(drawn[1], effects, levels, seeds, language)
    return drawn


def _two_panels(arms: int) -> np.ndarray:
    """Axes of heights in proportion to their bars: the first has one more, no_alliance."""
    return style.panels(2, 1, 3.2 + 0.65 * arms, ratios=(arms + 1, arms))[:, 0]


def _with_baseline(effects: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Mean pairs by channel: a row for no_alliance before those of the arms."""
    baseline = effects.drop_duplicates("measure").set_index("measure")["baseline"].rename(NO_ALLIANCE)
    both = pd.concat([baseline.to_frame().T, levels])
    return both[[f"pairs_by_{channel}" for channel in CHANNELS]].set_axis(list(CHANNELS), axis="columns")


def _by_channel(axes: Axes, pairs: pd.DataFrame, seeds: int, language: str | None) -> None:
    used = pairs.loc[:, (pairs > 0).any()]
    _stack(axes, used, "channel", style.COLOURS, language)
    for place, total in enumerate(used.sum(axis=1)):
        _behind(axes, total, place, wording.level_text(total, "pairs"))
    _finish(axes, list(pairs.index), "figure.pairs_axis", language)
    style.heading(axes, text("figure.channels", language), text("figure.channels_note", language, seeds=seeds))


def _additional(axes: Axes, effects: pd.DataFrame, levels: pd.DataFrame, seeds: int, language: str | None) -> None:
    parts = levels[list(PARTS)].assign(twin_only=-levels["twin_only"])
    _stack(axes, parts, "figure.part", PARTS_COLOURS, language)
    axes.axvline(0, color="black", linewidth=0.8)
    net = effects[effects["measure"] == "net_additional"]
    for place, row in enumerate(net.itertuples()):
        said = text("figure.net", language, net=wording.effect_text(row, language))
        _behind(axes, parts.iloc[place].clip(lower=0).sum(), place, said)
    _finish(axes, list(parts.index), "figure.slot_months_axis", language)
    note = text("figure.additional_note", language, intervals=style.interval_note(seeds, language))
    style.heading(axes, text("figure.additional", language), note)


def _stack(axes: Axes, parts: pd.DataFrame, words: str, colours: Sequence[str], language: str | None) -> None:
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
            label=text(f"{words}.{name}", language),
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


def _behind(axes: Axes, end: float, place: int, said: str) -> None:
    axes.annotate(said, (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=style.SMALL)


def _finish(axes: Axes, arms: list[str], unit: str, language: str | None) -> None:
    axes.set_yticks(
        range(len(arms)), [style.arm_label(arm, language, 20) for arm in arms], linespacing=style.LINE_SPACING
    )
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.margins(x=0.02)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlabel(text(unit, language))
