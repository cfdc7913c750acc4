"""Estimates from waiting spells: how many needs of each resource are served within a year."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from clustersim import measures as registry
from clustersim.experiment import paired
from clustersim.experiment.effects import effects
from clustersim.experiment.windows import with_shock
from clustersim.measures.waiting import months_waited
from clustersim.spec.parameters import Values
from clustersim.spec.state import SERVICES

RESOURCES = ("goods", *SERVICES)
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
    nothing = pd.DataFrame(columns=[*WAITING_COLUMNS, "arm", "against", *paired.COLUMNS])
    if spells is None:
        return nothing
    opened = with_shock(spells)
    opened = opened[opened["opened"] >= 1]
    parts = [opened[opened["resource"] == resource] for resource in RESOURCES]
    frames = [_waiting_for(part, arms, parameters) for part in parts if len(part)]
    return pd.concat(frames, ignore_index=True) if frames else nothing


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
