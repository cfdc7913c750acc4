"""Estimates from waiting spells: how many needs of each resource are served within a year, and month by month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clustersim import measures as registry
from clustersim.analysis import paired
from clustersim.analysis.effects import effects
from clustersim.analysis.intervals import mean_interval
from clustersim.execution.run_values import with_shock
from clustersim.measures.waiting import months_waited, served_by_wait
from clustersim.spec.parameters import Values
from clustersim.spec.state import SERVICES

RESOURCES = ("goods", *SERVICES)
CURVE_COLUMNS = ["resource", "arm", "month", "level", "low", "high", "seeds", "needs"]
MOST_MONTHS = 24
WAITING_COLUMNS = ("resource", "needs", "needs_alone", "months", "months_alone")


def waiting(spells: pd.DataFrame | None, arms: Sequence[str], *, parameters: Values) -> pd.DataFrame:
    """How many needs of each resource are served within a year, in each arm against no_alliance.

    Args:
        spells: None where they are left out.
        arms: no_alliance and the policies, in the order in which they are told.

    Returns:
        As `effects`, with the columns `resource`, `needs` and `needs_alone` (opened in the arm, and with no alliance,
        in all seeds), `months` and `months_alone` (median wait of these, NaN where fewer than half are served).
    """
    parts = [] if spells is None else _by_resource(spells)
    frames = [_waiting_for(part, arms, parameters) for part in parts]
    nothing = pd.DataFrame(columns=[*WAITING_COLUMNS, "arm", "against", *paired.COLUMNS])
    return pd.concat(frames, ignore_index=True) if frames else nothing


def waiting_curves(spells: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Percent of the needs of each resource that are served by each number of months waited, in each arm.

    A need that lapses counts as never served, one that still waits at the end of the horizon is censored there; see
    `measures.waiting.served_by_wait`. Behind the longest wait of a seed its share stays as it is.

    Args:
        arms: no_alliance and the policies, in the order in which they are told.

    Returns:
        A row for each resource, arm and month from 0 to two years, or to the end of the horizon: `level` (mean over
        seeds in which a need opens), `low`, `high` (95%, Student's t over seeds, each month for itself), `seeds`,
        `needs` (opened in all seeds).
    """
    parts = _by_resource(spells)
    months = min(MOST_MONTHS, int(spells["ended"].max()) - 1) if parts else 0
    frames = [
        _curve(part[part["arm"] == arm], months).assign(resource=str(part["resource"].iloc[0]), arm=arm)
        for part in parts
        for arm in arms
        if (part["arm"] == arm).any()
    ]
    return pd.concat(frames, ignore_index=True)[list(CURVE_COLUMNS)] if frames else pd.DataFrame(columns=CURVE_COLUMNS)


def _by_resource(spells: pd.DataFrame) -> list[pd.DataFrame]:
    """Spells that open within the horizon, of each resource that has any."""
    opened = with_shock(spells)
    opened = opened[opened["opened"] >= 1]
    parts = [opened[opened["resource"] == resource] for resource in RESOURCES]
    return [part for part in parts if len(part)]


def _curve(spells: pd.DataFrame, months: int) -> pd.DataFrame:
    """Of one resource in one arm."""
    shares = [100.0 * served_by_wait(run) for _, run in spells.groupby("seed")]
    by_month = np.array([share[np.minimum(np.arange(months + 1), len(share) - 1)] for share in shares]).T
    found = [mean_interval(month) for month in by_month]
    ends = {"low": [one.low for one in found], "high": [one.high for one in found]}
    level = {"month": np.arange(months + 1), "level": by_month.mean(axis=1), **ends}
    return pd.DataFrame(level).assign(seeds=len(shares), needs=len(spells))


def _waiting_for(spells: pd.DataFrame, arms: Sequence[str], parameters: Values) -> pd.DataFrame:
    measures = registry.read_from("spells")
    values = pd.DataFrame({measure.name: measure.function(spells) for measure in measures})
    found = effects(values.reindex(list(arms), level="arm"), measures, parameters=parameters)
    by_arm = {arm: spells[spells["arm"] == arm] for arm in arms}
    for suffix, column in (("", "arm"), ("_alone", "against")):
        found[f"needs{suffix}"] = [len(by_arm[arm]) for arm in found[column]]
        found[f"months{suffix}"] = [months_waited(by_arm[arm]) for arm in found[column]]
    found["resource"] = str(spells["resource"].iloc[0])
    return found[[*WAITING_COLUMNS, *found.columns.drop(list(WAITING_COLUMNS))]]
