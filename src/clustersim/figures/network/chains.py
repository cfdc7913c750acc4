"""The firms of a chain as one point on a circle: lines are pairs of two chains, bars outwards those within one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.path import Path

from clustersim.analysis.network import Network
from clustersim.analysis.rows import Row
from clustersim.figures import style
from clustersim.figures.network.state import POINT, POINT_COLOUR, State, in_lines, look
from clustersim.messages import text
from clustersim.spec.state import CHANNELS

CIRCLE, BAR_BEGINS, BAR_ENDS, NUMBERS = 0.6, 0.68, 1.05, 1.14  # distance from the middle; the panel ends at 1.2
PANEL = 1.2
BAR_WIDTH = 0.075
LARGEST = 46.0  # area of the largest chain's point, square points
WIDEST, THINNEST = 2.0, (0.1, 0.8)  # of lines, points; the thinnest of own search, and of the other channels
SHADE = (0.35, 0.9)  # opacity of own search, which is everywhere, and of the other channels
INWARD, MORE_INWARD = 0.35, 0.12  # where lines bend to, of their middle's distance: first channel, each other one
KEY_WIDTH = 90  # characters
CURVE = (Path.MOVETO, Path.CURVE3, Path.CURVE3)


class ChainPanels:
    """Square panels; lines, bars and points have one scale in all."""

    def __init__(self, found: Network, states: Sequence[State]):
        self.found, self.states = found, states
        angle = 2 * np.pi * np.arange(len(found.chains)) / len(found.chains)
        self.outward = np.column_stack([np.sin(angle), np.cos(angle)])  # the first at the top, then clockwise

    @cached_property
    def most(self) -> dict[str, float]:
        """Of all panels: firms of a chain, pairs within one, pairs of two by one channel."""
        bundles = [_bundles(state) for state in self.states]
        within = [one[one["first"] == one["second"]].groupby("first")["pairs"].sum().max() for one in bundles]
        between = [one.loc[one["first"] != one["second"], "pairs"].max() for one in bundles]
        firms = [state.firms["chain"].value_counts().max() for state in self.states]
        return {
            name: max(1.0, float(np.nanmax(numbers)))
            for name, numbers in (("firms", firms), ("within", within), ("between", between))
        }

    def height(self, width: float) -> float:
        """Of a panel, inches."""
        return width - 0.3

    def draw(self, axes: Axes, state: State) -> None:
        bundles = _bundles(state)
        between = bundles[bundles["first"] != bundles["second"]]
        for channel in [one for one in CHANNELS if one in set(between["channel"])]:
            self._links(axes, between[between["channel"] == channel], channel)
        self._bars(axes, bundles[bundles["first"] == bundles["second"]])
        number = np.bincount(state.firms["chain"], minlength=len(self.outward))
        areas = LARGEST * number / self.most["firms"]
        x, y = CIRCLE * self.outward.T
        axes.scatter(x, y, s=areas, c=POINT_COLOUR, **POINT)
        for chain, place in enumerate(NUMBERS * self.outward, start=1):
            axes.annotate(str(chain), place, ha="center", va="center", fontsize=7)
        axes.set(xlim=(-PANEL, PANEL), ylim=(-PANEL, PANEL), xticks=[], yticks=[], aspect="equal")
        axes.spines[:].set_visible(False)

    def _links(self, axes: Axes, bundles: pd.DataFrame, channel: str) -> None:
        ends = [CIRCLE * self.outward[bundles[side]] for side in ("first", "second")]
        inward, other_channel = INWARD + MORE_INWARD * CHANNELS.index(channel), int(channel != CHANNELS[0])
        paths = [Path([one, inward * (one + other) / 2, other], CURVE) for one, other in zip(*ends, strict=True)]
        widths = np.maximum(THINNEST[other_channel], WIDEST * bundles["pairs"] / self.most["between"])
        drawn: dict[str, Any] = {"edgecolors": look(channel)["color"], "linestyles": [look(channel)["linestyle"]]}
        drawn |= {"facecolors": "none", "alpha": SHADE[other_channel], "zorder": 2}
        axes.add_collection(PathCollection(paths, linewidths=widths, label=channel, **drawn))

    def _bars(self, axes: Axes, within: pd.DataFrame) -> None:
        """Outwards from each chain, a part for each channel."""
        scale = (BAR_ENDS - BAR_BEGINS) / self.most["within"]
        begin = np.full(len(self.outward), BAR_BEGINS)
        for channel in CHANNELS:
            rows: list[Row] = list(within[within["channel"] == channel].itertuples())
            for row in rows:
                end = begin[row.first] + scale * row.pairs
                axes.add_patch(_bar(self.outward[row.first], begin[row.first], end, channel))
                begin[row.first] = end

    def notes(self) -> list[str]:
        pairs = {"between": f"{self.most['between']:,.0f}", "within": f"{self.most['within']:,.0f}"}
        chains = [f"{number} {name.replace('_', ' ')}" for number, name in enumerate(self.found.chains, start=1)]
        key = text("figure.network.chains", chains=in_lines(chains, KEY_WIDTH))
        return [text("figure.network.groups", **pairs), key]

    def marks(self, channels: Sequence[str]) -> dict[str, Any]:
        """Label -> its bar and its line."""
        return {
            text(f"channel.{channel}"): (Patch(**_fill(channel)), Line2D([], [], **look(channel)))
            for channel in channels
        }


def _bundles(state: State) -> pd.DataFrame:
    """Pairs by channel and chains, whichever buys: channel, first, second (equal within a chain), pairs."""
    chain = state.firms.set_index("firm")["chain"]
    ends = np.column_stack([chain.loc[state.pairs[side]].to_numpy() for side in ("supplier", "buyer")])
    low, high = ends.min(axis=1), ends.max(axis=1)
    ends_and_channel = pd.DataFrame({"channel": state.pairs["channel"].to_numpy(), "first": low, "second": high})
    return ends_and_channel.groupby(["channel", "first", "second"]).size().rename("pairs").reset_index()


def _bar(outward: np.ndarray, begin: float, end: float, channel: str) -> Polygon:
    across = BAR_WIDTH / 2 * np.array([-outward[1], outward[0]])
    corners = [begin * outward + across, end * outward + across, end * outward - across, begin * outward - across]
    return Polygon(corners, zorder=3, **_fill(channel))


def _fill(channel: str) -> dict[str, Any]:
    number = CHANNELS.index(channel)
    return {"facecolor": style.COLOURS[number], "hatch": style.HATCHES[number], "linewidth": 0}
