"""Figures: from estimates to matplotlib Axes, and all of them to files.

Every figure is a function of frames, of a run's estimates or of a study's findings, that draws into given Axes or into
new ones and returns them: Axes, or an array of them where it has several panels. `saving` knows which figures belong
to what, `files` writes them. A figure states its baseline, its interval and its number of seeds by itself.
"""

from __future__ import annotations

from clustersim.figures.additional import additional
from clustersim.figures.assumptions import assumption_range
from clustersim.figures.attribution import shapley
from clustersim.figures.channels import channels
from clustersim.figures.cost import cost
from clustersim.figures.files import PRINT, Drawn, Plot, Saving, figure_of, save
from clustersim.figures.forest import forest
from clustersim.figures.funnel import funnel
from clustersim.figures.gains import gains
from clustersim.figures.network import network
from clustersim.figures.outcomes import outcomes
from clustersim.figures.policy_map import policy_map
from clustersim.figures.saving import of_attribution, of_pack, of_run, of_study
from clustersim.figures.sensitivity import sensitivity
from clustersim.figures.shock import shock
from clustersim.figures.tornado import TornadoOf, tornado
from clustersim.figures.waiting import waiting

__all__ = [
    "PRINT",
    "Drawn",
    "Plot",
    "Saving",
    "TornadoOf",
    "additional",
    "assumption_range",
    "channels",
    "cost",
    "figure_of",
    "forest",
    "funnel",
    "gains",
    "network",
    "of_attribution",
    "of_pack",
    "of_run",
    "of_study",
    "outcomes",
    "policy_map",
    "save",
    "sensitivity",
    "shapley",
    "shock",
    "tornado",
    "waiting",
]
