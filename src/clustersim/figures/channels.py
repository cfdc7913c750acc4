"""Where pairs come from."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from clustersim.figures import helpers, style
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.state import CHANNELS


def channels(effects: pd.DataFrame, axes: Axes | None = None) -> Axes:
    """Stacked bars: living pairs by the channel that made them, of each arm and of no alliance.

    Args:
        effects: `Estimates.effects`.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    pairs = _with_baseline(effects)
    used = pairs.loc[:, (pairs > 0).any()]
    with style.context():
        drawn = style.panel(1.75 + helpers.height_of_rows(list(pairs.index))) if axes is None else axes
        helpers.stack(drawn, used, "channel", style.COLOURS)
        for place, total in enumerate(used.sum(axis=1)):
            helpers.behind(drawn, total, place, wording.level_text(total, "pairs"))
        helpers.rows_of_arms(drawn, list(pairs.index), "figure.channels.axis")
        note = text("figure.channels.note", seeds=int(effects["seeds"].max()))
        style.heading(drawn, text("figure.channels.title"), note)
    return drawn


def _with_baseline(effects: pd.DataFrame) -> pd.DataFrame:
    """Mean pairs by channel: a row for no_alliance before those of the arms."""
    levels = effects.pivot(index="arm", columns="measure", values="level").loc[effects["arm"].unique()]
    baseline = effects.drop_duplicates("measure").set_index("measure")["baseline"].rename(NO_ALLIANCE)
    both = pd.concat([baseline.to_frame().T, levels])
    return both[[f"pairs_by_{channel}" for channel in CHANNELS]].set_axis(list(CHANNELS), axis="columns")
