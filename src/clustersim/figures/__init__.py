"""Figures: from estimates to matplotlib Axes, and all of them to files.

Every figure is a function of frames of `clustersim.experiment.estimates.Estimates` that draws into given Axes
or into new ones and returns them. It states its baseline, its interval and its number of seeds by itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from clustersim.experiment.estimates import Estimates
from clustersim.figures import style
from clustersim.figures.channels import channels
from clustersim.figures.forest import forest
from clustersim.figures.outcomes import outcomes
from clustersim.figures.shock import shock

__all__ = ["channels", "forest", "outcomes", "save_all", "shock"]

FORMATS = ("png", "svg")


def save_all(write: Callable[[str, bytes], object], estimates: Estimates, language: str | None = None) -> list[str]:
    """Every figure as PNG (200 dpi) and SVG. The same estimates give the same bytes.

    Args:
        write: called with the name of a file and its content.

    Returns:
        The names of the files; none where the scenario has no policy.
    """
    if estimates.effects.empty:
        return []
    drawn = {
        "outcomes": outcomes(estimates.monthly, language),
        "forest": forest(estimates.effects, language),
        "channels": channels(estimates.effects, language),
    }
    if len(estimates.shock):
        drawn["shock"] = shock(estimates.shock, language)
    names = []
    for name, axes in drawn.items():
        for kind in FORMATS:
            names.append(f"{name}.{kind}")
            write(names[-1], _rendered(axes, kind))
    return names


def _rendered(axes: np.ndarray, kind: str) -> bytes:
    figure = axes.flat[0].get_figure()
    assert isinstance(figure, Figure)
    target = io.BytesIO()
    undated = {"Date": None} if kind == "svg" else {"Software": None}
    with style.context():
        figure.savefig(target, format=kind, dpi=200, metadata=undated)
    return target.getvalue()
