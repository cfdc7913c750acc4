"""From stored results to estimates: values of runs, then paired differences within seeds.

All arms of a seed share its population, its burn-in and its random numbers. So an effect is the mean over
seeds of the difference between the arm and its twin of the same seed:

- `level points` and `amount`: effect = mean of (arm - twin);
- `percent of twin`: effect = mean of 100 (arm / twin - 1).

Its 95% interval is Student's t over seeds. It is the sampling interval: it says what more seeds would still
move, and nothing about assumptions.

The frames read here are `series` (a row for each arm, seed and month), `groups` (a row for each arm, seed,
dimension and group, with its twin's columns beside it), `firms` (a row for each arm, seed and firm) and `spells`
(a row for each need that waited, of the first seeds). An arm that is run without its shock has the name of
the arm and `NO_SHOCK` behind it; it is read by `resilience` only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim import measures as registry
from clustersim.analysis import paired
from clustersim.analysis.effects import contrasts, effects, policy_arms, same_seeds
from clustersim.analysis.intervals import mean_interval, ratio_interval
from clustersim.analysis.paired import differences, estimate_row
from clustersim.analysis.shocks import resilience, shock_by_month
from clustersim.analysis.waiting_times import waiting
from clustersim.execution.run_values import RUN, of_one_point, window_values, with_shock
from clustersim.measures import MEASURES, Measure, Window
from clustersim.measures.cost import RATIOS
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.parameters import Values

__all__ = [
    "Estimates",
    "contrasts",
    "cost_ratios",
    "effects",
    "effects_by_year",
    "estimate",
    "firm_values",
    "group_effects",
    "headline_values",
    "monthly_differences",
    "resilience",
    "waiting",
]

TWIN = "_twin"
MONTHLY_COLUMNS = ["arm", "measure", "month", "baseline", "level", "effect", "low", "high", "seeds"]
RATIO_COLUMNS = ["arm", "measure", "unit", "ratio", "low", "high", "standard_error", "seeds"]
GROUP_MEASURES = ("pairing_rate", "output", "value_added", "additional", "deadweight", "twin_only")


@dataclass(frozen=True)
class Estimates:
    """All estimates of a run: what tables, report and figures are made of.

    Attributes:
        effects: all measures of each policy arm against no_alliance; columns see `effects`.
        contrasts: headline measures of each pair of policy arms.
        by_year: headline measures, with the columns `year`, `first_month` and `last_month`.
        monthly: pairing rate, output and value added month by month; see `monthly_differences`.
        groups: as effects, with the columns `dimension` and `group`.
        ratios: cost per pair-year and per value added; see `cost_ratios`.
        resilience: as effects, without rows where no arm has a shock.
        shock: output under the shock month by month; see `clustersim.analysis.shocks.shock_by_month`.
        waiting: needs served within a year by resource; see `waiting`. Of the first seeds only.
    """

    effects: pd.DataFrame
    contrasts: pd.DataFrame
    by_year: pd.DataFrame
    monthly: pd.DataFrame
    groups: pd.DataFrame
    ratios: pd.DataFrame
    resilience: pd.DataFrame
    shock: pd.DataFrame
    waiting: pd.DataFrame


def estimate(
    series: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    parameters: Values,
    firms: pd.DataFrame | None = None,
    spells: pd.DataFrame | None = None,
) -> Estimates:
    """All estimates of a run from its tables.

    Args:
        firms: `firm_values` of the run; None leaves its measures out.
        spells: the table; None leaves waiting out.
    """
    values = headline_values(series, parameters=parameters)
    measures = registry.read_from("window")
    if firms is not None:
        values, measures = values.join(firms), (*measures, *registry.read_from("firms"))
    first = registry.headline()
    return Estimates(
        effects=effects(values, measures, parameters=parameters),
        contrasts=contrasts(values, first, parameters=parameters),
        by_year=effects_by_year(series, first, parameters=parameters),
        monthly=monthly_differences(series, first, parameters=parameters),
        groups=group_effects(groups, parameters=parameters),
        ratios=cost_ratios(values),
        resilience=resilience(series, parameters=parameters),
        shock=shock_by_month(series),
        waiting=waiting(spells, list(values.index.unique("arm")), parameters=parameters),
    )


def firm_values(firms: pd.DataFrame) -> pd.DataFrame:
    """Every measure of the table `firms` in every run. Index (arm, seed), a column for each measure."""
    firms = with_shock(firms)
    return pd.DataFrame({measure.name: measure.function(firms) for measure in registry.read_from("firms")})


def headline_values(series: pd.DataFrame, months: Collection[int] | None = None, *, parameters: Values) -> pd.DataFrame:
    """The value of every measure in every run. Index (arm, seed), a column for each measure.

    Args:
        series: columns arm, seed, month and the monthly sums, of one parameter point; arms without their shock are
            left out.
        months: the months that count (None: all). `last 12 months` are the last of these.
        parameters: the scenario's, for prices, tax rate and rerouting.

    Raises:
        ValueError: the series holds several parameter points, which no seed may be averaged over.
    """
    return window_values(with_shock(series), months, parameters)


def effects_by_year(series: pd.DataFrame, measures: Sequence[Measure], *, parameters: Values) -> pd.DataFrame:
    """`effects` of each twelve months; the last year is shorter where the horizon is no multiple of 12."""
    shocked = with_shock(series)
    horizon = int(shocked["month"].max())
    years = []
    for first in range(1, horizon + 1, 12):
        last = min(first + 11, horizon)
        values = window_values(shocked, range(first, last + 1), parameters)
        year = effects(values, measures, parameters=parameters)
        years.append(year.assign(year=(first + 11) // 12, first_month=first, last_month=last))
    return pd.concat(years, ignore_index=True)


def monthly_differences(series: pd.DataFrame, measures: Iterable[Measure], *, parameters: Values) -> pd.DataFrame:
    """Month by month: baseline, level, effect, low, high and seeds for each (arm, measure)."""
    shocked = with_shock(series)
    monthly = shocked.set_index([*RUN, "month"]).sort_index()
    window = Window(monthly, monthly, 1, monthly, parameters)
    arms = [arm for arm in shocked["arm"].unique() if arm != NO_ALLIANCE]
    frames = []
    for measure in measures:
        values = measure.function(window).unstack("month")
        frames += [_months_of(values, arm, measure) for arm in arms]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=MONTHLY_COLUMNS)


def group_effects(groups: pd.DataFrame, *, parameters: Values) -> pd.DataFrame:
    """Effects within groups of enterprises, the same firms in the arm and in its twin.

    Every row of `groups` holds the twin's sums of the same group, so that an arm's members are compared with
    the very same firms in no_alliance. Seeds in which a group is empty are left out of its row, and `seeds`
    says how many stay.
    """
    rows = []
    groups = with_shock(of_one_point(groups))
    policies = groups[groups["arm"] != NO_ALLIANCE]
    for (arm, dimension, group), part in policies.groupby(["arm", "dimension", "group"], sort=False):
        own = part.set_index("seed").sort_index()
        twin = own.filter(regex=f"{TWIN}$").rename(columns=lambda name: name.removesuffix(TWIN))
        for measure in (MEASURES[name] for name in GROUP_MEASURES):
            both = [measure.function(Window(frame, frame, 12, frame, parameters)) for frame in (own, twin)]
            row = estimate_row(both[0].to_numpy(), both[1].to_numpy(), measure, parameters)
            rows.append({"arm": arm, "against": NO_ALLIANCE, "dimension": dimension, "group": group, **row})
    return pd.DataFrame(rows, columns=["arm", "against", "dimension", "group", *paired.COLUMNS])


def cost_ratios(values: pd.DataFrame) -> pd.DataFrame:
    """Cost per unit of an effect: ratio of the mean differences, interval by Fieller's theorem.

    Returns:
        A row for each (arm, ratio) with measure, unit, ratio, low, high, standard_error, seeds; NaN where the
        interval of the effect below the line is not wholly above 0.
    """
    rows = []
    for arm in policy_arms(values):
        own, twin = same_seeds(values, arm, NO_ALLIANCE)
        difference = own - twin
        for ratio in RATIOS:
            numerator = ratio.scale * difference[ratio.numerator].to_numpy()
            found = ratio_interval(numerator, difference[ratio.denominator].to_numpy())
            numbers = {"ratio": found.mean, "low": found.low, "high": found.high}
            spread = {"standard_error": found.standard_error, "seeds": found.seeds}
            rows.append({"arm": arm, "measure": ratio.name, "unit": ratio.unit, **numbers, **spread})
    return pd.DataFrame(rows, columns=RATIO_COLUMNS)


def _months_of(values: pd.DataFrame, arm: str, measure: Measure) -> pd.DataFrame:
    own, twin = same_seeds(values, arm, NO_ALLIANCE)
    by_month = differences(own.to_numpy(), twin.to_numpy(), measure).T
    found = [mean_interval(month[np.isfinite(month)]) for month in by_month]
    return pd.DataFrame(
        {
            "arm": arm,
            "measure": measure.name,
            "month": own.columns.to_numpy(),
            "baseline": twin.mean().to_numpy(),
            "level": own.mean().to_numpy(),
            "effect": [interval.mean for interval in found],
            "low": [interval.low for interval in found],
            "high": [interval.high for interval in found],
            "seeds": [interval.seeds for interval in found],
        }
    )
