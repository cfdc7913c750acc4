"""Figures: from estimates to matplotlib Axes, and all of them to files.

Every figure is a function of frames, of a run's estimates or of a study's findings, that draws into given Axes or into
new ones and returns them; `saving` knows which figures belong to what. A figure states its baseline, its interval and
its number of seeds by itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure

from clustersim.figures import style
from clustersim.figures.assumptions import assumption_range
from clustersim.figures.attribution import shapley
from clustersim.figures.channels import channels
from clustersim.figures.forest import forest
from clustersim.figures.outcomes import outcomes
from clustersim.figures.policy_map import policy_map
from clustersim.figures.saving import of_attribution, of_run, of_study
from clustersim.figures.sensitivity import sensitivity
from clustersim.figures.shock import shock

__all__ = [
    "assumption_range",
    "channels",
    "forest",
    "of_attribution",
    "of_run",
    "of_study",
    "outcomes",
    "policy_map",
    "save",
    "sensitivity",
    "shapley",
    "shock",
]

FORMATS = ("png", "svg")


def save(write: Callable[[str, bytes], object], drawn: Mapping[str, np.ndarray]) -> list[str]:
    """Every figure as PNG (200 dpi) and SVG. The same results give the same bytes.

    Args:
        write: called with the name of a file and its content.
        drawn: name -> Axes of a figure.

    Returns:
        The names of the files.
    """
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
