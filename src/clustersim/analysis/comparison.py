"""Two finished runs side by side: does an arm's effect differ between two scenarios?"""

from __future__ import annotations

import pandas as pd

from clustersim.analysis.estimates import headline_values
from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.paired import differences
from clustersim.measures import Measure, headline
from clustersim.scenario.model import NO_ALLIANCE, Scenario


def compare_runs(first: pd.DataFrame, second: pd.DataFrame, scenario: Scenario, other: Scenario) -> pd.DataFrame:
    """The headline effects of the arms that two runs share.

    Seeds that both have are paired, since the same seed draws the same numbers.

    Args:
        first, second: `series` of each run.

    Returns:
        A row for each (arm, measure): `effect` in the first and `other_effect` in the second run, `difference` =
        other - first with its 95% interval (`low`, `high`), and the shared `seeds`.
    """
    values = headline_values(first, parameters=scenario.parameters)
    others = headline_values(second, parameters=other.parameters)
    arms = [arm for arm in _arms(values) if arm in _arms(others) and arm != NO_ALLIANCE]
    rows = []
    for arm in arms:
        for measure in headline():
            effect, again = (_differences(frame, arm, measure) for frame in (values, others))
            change = (again - effect).dropna()
            interval = mean_interval(change.to_numpy())
            rows.append(
                {
                    "arm": arm,
                    "measure": measure.name,
                    "effect": effect.mean(),
                    "other_effect": again.mean(),
                    "difference": interval.mean,
                    "low": interval.low,
                    "high": interval.high,
                    "seeds": len(change),
                }
            )
    return pd.DataFrame(rows)


def _differences(values: pd.DataFrame, arm: str, measure: Measure) -> pd.Series:
    """Arm against no alliance, by seed."""
    seeds = values.xs(arm, level="arm").index
    own, twin = (values.xs(name, level="arm")[measure.name].reindex(seeds).to_numpy() for name in (arm, NO_ALLIANCE))
    return pd.Series(differences(own, twin, measure), index=seeds)


def _arms(values: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(values.index.get_level_values("arm")))
