"""Waiting: how many needs are served within a year, and how long they wait.

A need leaves its spell served, lapsed, or still waiting at the end of the horizon. Those still waiting are censored
(Kaplan & Meier 1958); a lapsed need can no longer be served, so lapsing competes with serving (Aalen & Johansen 1978).
Where nothing lapses, the share served is one less the Kaplan-Meier estimate. Only needs that open within the horizon
count: what was open at its beginning has waited for an unknown time in a world without policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clustersim.measures import Measure

if TYPE_CHECKING:
    import pandas as pd

YEAR = 12


def served_by_wait(spells: pd.DataFrame) -> np.ndarray:
    """Share of needs served by each number of months waited, 0 first; empty without needs.

    With d served and l lapsed after w months, of r that have waited at least w: share(w) = sum over v <= w of
    S(v) d(v) / r(v), S(v) = product over u < v of 1 - (d(u) + l(u)) / r(u).

    Args:
        spells: columns opened, ended and outcome (served, lapsed, waiting).
    """
    counted = spells[spells["opened"] >= 1]
    wait = (counted["ended"] - counted["opened"]).to_numpy(dtype=np.int64)
    served, gone = (
        np.bincount(wait[counted["outcome"].isin(outcomes)], minlength=wait.max(initial=-1) + 1)
        for outcomes in (["served"], ["served", "lapsed"])
    )
    at_risk = np.bincount(wait)[::-1].cumsum()[::-1]
    waiting = np.concatenate([[1.0], np.cumprod(1.0 - gone / at_risk)])[:-1]
    share: np.ndarray = np.cumsum(waiting * served / at_risk)
    return share


def served_within_year(spells: pd.DataFrame) -> pd.Series:
    """100 x share of the needs served within 12 months of their opening, by run; NaN where none opens.

    Args:
        spells: columns arm, seed, opened, ended and outcome, of one resource.
    """

    import pandas as pd  # `list measures` names the measures and computes none

    def of_run(run: pd.DataFrame) -> float:
        share = served_by_wait(run)
        return 100.0 * float(share[min(YEAR, len(share) - 1)]) if share.size else np.nan

    found = {key: of_run(run) for key, run in spells.groupby(["arm", "seed"], sort=False)}
    return pd.Series(found, dtype=float).rename_axis(["arm", "seed"])


def months_waited(spells: pd.DataFrame) -> float:
    """Median months waited: the first month by which half of the needs are served; NaN where it is never reached."""
    reached = np.flatnonzero(served_by_wait(spells) >= 0.5)
    return float(reached[0]) if reached.size else np.nan


MEASURES = (Measure("served_within_year", "percent", "level points", served_within_year, reads="spells"),)
