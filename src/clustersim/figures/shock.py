"""A shock: output of each arm in percent of the same arm without it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from clustersim.figures import helpers, style
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.scenario.model import NO_ALLIANCE

MONTHS_BEFORE = 6
ALONE = Look(style.GREY, "", "-", equal=False)


def shock(by_month: pd.DataFrame, axes: Axes | None = None) -> Axes:
    """Output under the shock by month with 95% bands over seeds, no alliance in grey, from half a year before it on.

    Arms at equal money are left out where there are more than four policies.

    Args:
        by_month: `Estimates.shock`, with rows.
        axes: to draw into; None makes a figure.

    Returns:
        The Axes.
    """
    every = list(by_month["arm"].unique())
    policies = helpers.without_equal_money(every)
    by_month = by_month[by_month["arm"].isin([NO_ALLIANCE, *policies]) & (by_month["month"] >= _first(by_month))]
    with style.context():
        drawn = style.panel(3.2) if axes is None else axes
        looks = {NO_ALLIANCE: ALONE, **style.looks(policies)}
        drawn.axhline(100, color="black", linewidth=0.8)
        for number, (arm, look) in enumerate(looks.items()):
            helpers.draw(drawn, by_month[by_month["arm"] == arm], "level", look, number)
        helpers.month_axis(drawn, int(by_month["month"].max()))
        helpers.label_ends(drawn, by_month, "level", looks)
        drawn.set_xlabel(text("figure.month"))
        intervals = style.interval_note(int(by_month["seeds"].max()))
        note = text("figure.shock_note", intervals=intervals)
        note = helpers.with_left_out(note, every, policies)
        style.heading(drawn, text("figure.shock"), note)
    return drawn


def _first(by_month: pd.DataFrame) -> int:
    """The first month that is drawn."""
    hit = by_month.loc[by_month["level"] != 100, "month"]
    return max(int(by_month["month"].min()), int(hit.min()) - MONTHS_BEFORE) if len(hit) else 1
