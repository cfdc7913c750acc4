"""Every firm a point: tiers are columns, chains rows, and lines are pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path

from clustersim.analysis.network import Network
from clustersim.figures import style
from clustersim.figures.network.state import POINT, POINT_COLOUR, State, folded, look
from clustersim.messages import text
from clustersim.spec.state import CHANNELS, SIZE_CLASSES

SIDE, ASIDE = 0.12, 0.03  # of a panel's width: from its side to the outer tiers; firms from the middle of their tier
LINE, LOWEST, HIGHEST = 0.105, 1.5, 3.3  # inches of height for a firm, and of a panel
AREAS = (7.0, 20.0, 46.0)  # of a firm by size class, square points
BEND, MORE_BEND, MOST_BEND = 0.1, 0.1, 0.15  # of a link's length: first channel, each other one; of the panel
WIDTHS = dict(zip(CHANNELS, (0.7, 1.3, 1.1, 1.1, 0.7), strict=True))
NAME_WIDTH = 16  # characters
CURVE = (Path.MOVETO, Path.CURVE3, Path.CURVE3)


class FirmPanels:
    """Panels of one width and height; a firm that was there from the start has the same place in all."""

    def __init__(self, found: Network, states: Sequence[State]):
        self.found = found
        self.entered = any(not state.firms["incumbent"].all() for state in states)
        self.lines = np.array([self._lines(states, chain) for chain in range(len(found.chains))])

    @staticmethod
    def _lines(states: Sequence[State], chain: int) -> int:
        """As many as the chain's fullest tier has firms in any panel, and one between chains."""
        of_chain = [state.firms.loc[state.firms["chain"] == chain, "tier"] for state in states]
        return 1 + max(int(tiers.value_counts().max()) if len(tiers) else 0 for tiers in of_chain)

    def height(self, _width: float) -> float:
        """Of a panel, inches."""
        return float(np.clip(LINE * self.lines.sum(), LOWEST, HIGHEST))

    def draw(self, axes: Axes, state: State) -> None:
        points = self._places(state.firms)
        for channel in [one for one in CHANNELS if one in set(state.pairs["channel"])]:
            _links(axes, points, state.pairs[state.pairs["channel"] == channel], channel)
        faces = np.where(points["entered"], "white", POINT_COLOUR)
        areas = np.array(AREAS)[points["size_class"]]
        axes.scatter(points["x"], points["y"], s=areas, c=faces, **POINT)

    def _places(self, firms: pd.DataFrame) -> pd.DataFrame:
        """x and y by firm, in parts of the panel: the largest above the others, those that entered below them."""
        order = ["chain", "tier", "entered", "size_class", "firm"]
        rising = [True, True, True, False, True]
        ordered = firms.assign(entered=~firms["incumbent"]).sort_values(order, ascending=rising)
        place = ordered.groupby(["chain", "tier"]).cumcount().to_numpy()
        begin = np.cumsum([0, *self.lines])[ordered["chain"].to_numpy()]
        aside = np.where(place % 2, ASIDE, -ASIDE)  # links within a column do not run through its points
        x, y = self._column(ordered["tier"].to_numpy()) + aside, (begin + place + 1.0) / self.lines.sum()
        return ordered.assign(x=x, y=y).set_index("firm")

    def _column(self, tier: np.ndarray) -> np.ndarray:
        return SIDE + (1 - 2 * SIDE) * tier / max(1, self.found.tiers - 1)

    def scales(self, axes: Axes, *, names: bool) -> None:
        """Tiers below; chains at the left, if `names`."""
        tiers, ends = np.arange(self.found.tiers), np.cumsum(self.lines)
        axes.set_xlim(0, 1)
        axes.set_ylim(1, 0)
        said = [text("figure.network.tier", tier=tier) for tier in tiers]
        axes.set_xticks(self._column(tiers), said, fontsize=style.SMALL)
        for end in ends[:-1] / ends[-1]:
            axes.axhline(end, color=style.LIGHT, linewidth=0.8, zorder=1)
        chains = [folded(name.replace("_", " "), NAME_WIDTH) for name in self.found.chains]
        axes.set_yticks((ends - self.lines / 2) / ends[-1], chains, fontsize=style.SMALL)
        axes.tick_params(length=0, labelleft=names)
        axes.spines[:].set_visible(False)

    def notes(self) -> list[str]:
        return [text("figure.network.firms")]

    def marks(self, channels: Sequence[str]) -> dict[str, Any]:
        """Label -> its line or point."""
        lines = {text(f"channel.{one}"): Line2D([], [], linewidth=WIDTHS[one], **look(one)) for one in channels}
        points = {
            text(f"figure.network.size.{name}"): _point(area, POINT_COLOUR)
            for name, area in zip(SIZE_CLASSES, AREAS, strict=True)
        }
        entered = {text("figure.network.entered"): _point(AREAS[1], "white")} if self.entered else {}
        return {**lines, **points, **entered}


def _links(axes: Axes, points: pd.DataFrame, pairs: pd.DataFrame, channel: str) -> None:
    """Arcs from suppliers to buyers, of each two firms one."""
    ends = pairs[["supplier", "buyer"]].drop_duplicates()
    places = [points.loc[ends[side], ["x", "y"]].to_numpy() for side in ends]
    bend = BEND + MORE_BEND * CHANNELS.index(channel)
    drawn: dict[str, Any] = {"edgecolors": look(channel)["color"], "linestyles": [look(channel)["linestyle"]]}
    axes.add_collection(
        PathCollection(
            [_arc(start, end, bend) for start, end in zip(*places, strict=True)],
            facecolors="none", linewidths=WIDTHS[channel], alpha=0.85, zorder=2, clip_on=False, label=channel, **drawn,
        )
    )  # fmt: skip


def _arc(start: np.ndarray, end: np.ndarray, bend: float) -> Path:
    across = np.array([end[1] - start[1], start[0] - end[0]])
    length = float(np.hypot(*across))
    return Path([start, (start + end) / 2 + min(bend, MOST_BEND / length) * across, end], CURVE)


def _point(area: float, face: str) -> Artist:
    looks: dict[str, Any] = {"linestyle": "", "marker": "o", "color": POINT_COLOUR}
    return Line2D([], [], markerfacecolor=face, markersize=math.sqrt(area), **looks)
