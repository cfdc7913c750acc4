"""The network of one run: who buys from whom before the policy, and at the end without and with it, by channel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.legend_handler import HandlerTuple

from clustersim.analysis.network import Network
from clustersim.figures import style
from clustersim.figures.files import figure_of
from clustersim.figures.network.chains import ChainPanels
from clustersim.figures.network.firms import FirmPanels
from clustersim.figures.network.state import State, folded, in_lines
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.spec.state import CHANNELS

type Panels = FirmPanels | ChainPanels

MOST_FIRMS = 150  # each a point; where there are more, the firms of a chain are one point
COLUMNS = {3: 3, 4: 2}  # panels -> columns
NOTE_WIDTH = 86  # characters of a line below all panels of a row


def network(found: Network, arms: Sequence[str] | None = None) -> np.ndarray:
    """Panels of one seed: before the policy, and at the end under no alliance and under one or two policies.

    Up to 150 firms are a point each: tiers are columns and chains rows. Of more, the firms of a chain are one point on
    a circle, its area by their number; lines are as wide as they hold many pairs of two chains, bars as long as they
    hold many pairs within one. Places are the same in all panels.

    Args:
        arms: no alliance and the policies; None: the first two of the scenario.

    Returns:
        The Axes, shape (panels,).
    """
    shown = list(found.arms if arms is None else arms)
    states = _states(found, shown)
    many = max(len(state.firms) for state in states) > MOST_FIRMS
    panels: Panels = ChainPanels(found, states) if many else FirmPanels(found, states)
    columns = COLUMNS.get(len(states), len(states))
    rows = math.ceil(len(states) / columns)
    with style.context():
        drawn = style.panels(rows, columns, 1.3 + rows * (0.8 + panels.height(style.WIDTH / columns))).reshape(-1)
        for number, (axes, state) in enumerate(zip(drawn, states, strict=True)):
            panels.draw(axes, state)
            if isinstance(panels, FirmPanels):
                panels.scales(axes, names=number % columns == 0)
            _around(axes, state, columns)
        _words(drawn[0], found, panels, _channels(states))
    return drawn


def _states(found: Network, arms: Sequence[str]) -> list[State]:
    firms = {arm: found.firms[found.firms["arm"] == arm] for arm in arms}
    first = firms[arms[0]]
    before = State(text("figure.network.before"), first[first["incumbent"]], found.before)
    return [before, *(_at_the_end(found, arm, firms[arm]) for arm in arms)]


def _at_the_end(found: Network, arm: str, firms: pd.DataFrame) -> State:
    name = wording.arm_name(arm).replace("_", " ")
    title = text("figure.network.after", arm=name, month=found.months)
    return State(title, firms, found.after[found.after["arm"] == arm])


def _channels(states: Sequence[State]) -> list[str]:
    used = {channel for state in states for channel in state.pairs["channel"].unique()}
    return [channel for channel in CHANNELS if channel in used]


def _around(axes: Axes, state: State, columns: int) -> None:
    """What is shown, above; how many pairs there are, and of which channels, below."""
    counts = state.pairs["channel"].value_counts()
    parts = [f"{text(f'channel.{one}')} {counts[one]:,}" for one in CHANNELS if counts.get(one, 0)]
    first = text("figure.network.pairs" if parts else "figure.network.no_pairs", pairs=f"{len(state.pairs):,}")
    width = NOTE_WIDTH // columns
    items = [first + "".join(parts[:1]), *parts[1:]]
    axes.set_xlabel(in_lines(items, width), fontsize=style.SMALL, loc="left")
    axes.set_title(folded(state.title, width - 4), loc="left", fontsize=8.5)


def _words(axes: Axes, found: Network, panels: Panels, channels: Sequence[str]) -> None:
    """Title above all panels; below them what it is, what marks mean, and the channels."""
    figure = figure_of(axes)
    figure.suptitle(text("figure.network.title", seed=found.seed), x=0.01, ha="left", fontsize=9.5)
    note = [*panels.notes(), text("figure.network.baseline")]
    marks = panels.marks(channels)
    legend = figure.legend(
        marks.values(), marks.keys(), loc="outside lower left", ncols=min(4, len(marks)), title="\n".join(note),
        alignment="left", title_fontsize=style.SMALL, handlelength=3.2, columnspacing=1.2,
        handler_map={tuple: HandlerTuple(ndivide=None)},
    )  # fmt: skip
    legend.get_title().set_linespacing(style.LINE_SPACING)
