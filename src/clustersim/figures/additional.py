"""Which pairs are additional, which were there anyway, and which a policy has lost."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from clustersim.figures import helpers, style
from clustersim.messages import text
from clustersim.reports import wording

PARTS = ("deadweight", "additional", "twin_only")
COLOURS = ("#999999", style.COLOURS[0], style.COLOURS[4])


def additional(effects: pd.DataFrame, axes: Axes | None = None) -> Axes:
    """Stacked bars: pair-months there anyway and additional; to the left those of the twin only; the net in words.

    Args:
        effects: `Estimates.effects`.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    levels = effects.pivot(index="arm", columns="measure", values="level").loc[effects["arm"].unique()]
    parts = levels[list(PARTS)].assign(twin_only=-levels["twin_only"])
    net = effects[effects["measure"] == "net_additional"]
    with style.context():
        drawn = style.panel(1.9 + helpers.height_of_rows(list(parts.index))) if axes is None else axes
        helpers.stack(drawn, parts, "figure.additional", COLOURS)
        drawn.axvline(0, color="black", linewidth=0.8)
        for place, row in enumerate(net.itertuples()):
            said = text("figure.additional.net", net=wording.effect_text(row))
            helpers.behind(drawn, parts.iloc[place].clip(lower=0).sum(), place, said)
        helpers.rows_of_arms(drawn, list(parts.index), "figure.additional.axis")
        intervals = style.interval_note(int(effects["seeds"].max()))
        note = text("figure.additional.note", intervals=intervals)
        style.heading(drawn, text("figure.additional.title"), note)
    return drawn
