"""Fairness: how unequally output is spread over enterprises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clustersim.measures import Measure

if TYPE_CHECKING:
    import pandas as pd


def output_gini(firms: pd.DataFrame) -> pd.Series:
    """100 x Gini coefficient of output over the horizon, over the firms that produce in every arm.

    G = sum over firms of (2 rank - n - 1) y / (n sum of y), rank 1 the smallest output; 0: all equal. The same firms
    count in every arm, so that entrants do not masquerade as a change of inequality.

    Args:
        firms: columns arm, seed, firm and output.
    """
    everywhere = firms.groupby(["seed", "firm"])["output"].transform("min") > 0
    ordered = firms[everywhere].sort_values(["arm", "seed", "output"], kind="stable")
    by_run = ordered.groupby(["arm", "seed"], sort=False)["output"]
    rank, number = by_run.cumcount() + 1, by_run.transform("size")
    weighted = (ordered["output"] * (2 * rank - number - 1)).groupby([ordered["arm"], ordered["seed"]], sort=False)
    gini: pd.Series = 100.0 * weighted.sum() / (by_run.size() * by_run.sum().replace(0.0, np.nan))
    return gini


MEASURES = (Measure("output_gini", "gini", "amount", output_gini, better=0, reads="firms"),)
