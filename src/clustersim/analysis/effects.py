"""Arms compared with each other within seeds: effects against no_alliance, contrasts between policies."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pandas as pd

from clustersim.analysis import paired
from clustersim.analysis.paired import estimate_row
from clustersim.measures import Measure
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.parameters import Values
from clustersim.spec.results import EQUAL_MONEY


def effects(values: pd.DataFrame, measures: Iterable[Measure], *, parameters: Values) -> pd.DataFrame:
    """Each arm against no_alliance in each measure.

    Returns:
        A row for each (arm, measure). `baseline` and `level` are means of the twin and of the arm in `unit`;
        `effect`, `low`, `high` (95%), `standard_error` and `margin` are in `effect_unit`. `share_better`:
        share of the seeds in which the arm is the better one. `variance_gain`: variance of the difference of
        two independent runs / variance of the paired difference. `seeds_needed`: for a half-width of half the
        margin. `verdict`: see `clustersim.analysis.verdicts`, empty where the measure has no margin.
        `seeds`: in which both are defined.
    """
    pairs = [(arm, NO_ALLIANCE) for arm in policy_arms(values)]
    return _compare(values, pairs, measures, parameters)


def contrasts(values: pd.DataFrame, measures: Iterable[Measure], *, parameters: Values) -> pd.DataFrame:
    """Each pair of policy arms with the same kind of budget, the later in the scenario against the earlier; columns as
    `effects`."""
    pairs = [
        (arm, against)
        for against, arm in combinations(policy_arms(values), 2)
        if arm.endswith(EQUAL_MONEY) == against.endswith(EQUAL_MONEY)
    ]
    return _compare(values, pairs, measures, parameters)


def policy_arms(values: pd.DataFrame) -> list[str]:
    """The arms that are compared with no_alliance."""
    return [arm for arm in values.index.unique("arm") if arm != NO_ALLIANCE]


def same_seeds(values: pd.DataFrame, arm: str, against: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The values of two arms, by the seeds that both have."""
    arms = values.index.get_level_values("arm")
    own, twin = (values[arms == name].droplevel("arm") for name in (arm, against))
    seeds = own.index.intersection(twin.index)
    return own.loc[seeds], twin.loc[seeds]


def _compare(
    values: pd.DataFrame, pairs: Iterable[tuple[str, str]], measures: Iterable[Measure], parameters: Values
) -> pd.DataFrame:
    chosen = list(measures)
    rows = []
    for arm, against in pairs:
        own, twin = same_seeds(values, arm, against)
        for measure in chosen:
            both = own[measure.name].to_numpy(), twin[measure.name].to_numpy()
            rows.append({"arm": arm, "against": against, **estimate_row(*both, measure, parameters)})
    return pd.DataFrame(rows, columns=["arm", "against", *paired.COLUMNS])
