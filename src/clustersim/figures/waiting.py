"""How long needs wait: the share of them that is served by each number of months, resource by resource."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clustersim.figures import helpers, style
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.scenario.model import NO_ALLIANCE

ALONE = Look(style.GREY, "", "-", equal=False)
ABREAST, MOST_IN_A_ROW = 2, 3  # panels in a row: of four resources, of any other number


def waiting(curves: pd.DataFrame, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """A panel for each resource: percent of its needs served by months waited, with 95% bands; no alliance in grey.

    Arms at equal money are left out where there are more than four policies.

    Args:
        curves: as of `analysis.waiting_times.waiting_curves`; at least one row.
        axes: as many as there are resources in the table; None makes a figure.

    Returns:
        The Axes, shape (resources,).
    """
    resources = list(curves["resource"].unique())
    every = list(curves["arm"].unique())
    shown = helpers.without_equal_money(every)
    with style.context():
        drawn = np.array(axes) if axes is not None else _panels(len(resources))
        looks = {NO_ALLIANCE: ALONE, **style.looks(shown)}
        for panel, resource in zip(drawn, resources, strict=True):
            _panel(panel, curves[(curves["resource"] == resource) & curves["arm"].isin(looks)], looks)
            if panel is not drawn[0]:
                style.panel_name(panel, _name(resource))
        abreast = _in_a_row(len(resources))
        for panel in drawn[-abreast:]:
            panel.set_xlabel(text("figure.waiting.axis"))
        intervals = style.interval_note(int(curves["seeds"].max()))
        note = text("figure.waiting.note", intervals=intervals)
        note = helpers.with_left_out(note, every, shown)
        style.heading_of_all(drawn[0], text("figure.waiting.title"), note, _name(resources[0]))
        _label(drawn[:abreast][-1], curves[curves["resource"] == resources[:abreast][-1]], looks)
    return drawn


def _in_a_row(resources: int) -> int:
    return ABREAST if resources == ABREAST**2 else MOST_IN_A_ROW


def _panels(resources: int) -> np.ndarray:
    """Axes of a figure, shape (resources,), in rows of equal panels."""
    abreast = min(_in_a_row(resources), resources)
    rows = -(-resources // abreast)
    grid = style.panels(rows, abreast, 1.25 + 1.9 * rows).ravel()
    for empty in grid[resources:]:
        empty.remove()
    return grid[:resources]


def _name(resource: str) -> str:
    name = wording.named("resource", resource)
    return name[:1].upper() + name[1:]


def _label(axes: Axes, rows: pd.DataFrame, looks: dict[str, Look]) -> None:
    """The arms' names behind the last panel of the first row, where they have the room of the other rows too."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # how high the panel is is known from here on
    told = {arm: look for arm, look in looks.items() if (rows["arm"] == arm).any()}
    helpers.label_ends(axes, rows[rows["arm"].isin(told)], "level", told)


def _panel(axes: Axes, rows: pd.DataFrame, looks: dict[str, Look]) -> None:
    for number, (arm, look) in enumerate(looks.items()):
        if (rows["arm"] == arm).any():
            helpers.draw(axes, rows[rows["arm"] == arm], "level", look, number)
    helpers.month_axis(axes, int(rows["month"].max()))
    axes.set_ylim(0, 100)
