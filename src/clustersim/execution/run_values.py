"""The measures of each run: rows of its series, over a window of months or around a shock, handed to the measures."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from clustersim import measures as registry
from clustersim.measures import Measure, ShockOutput, Window
from clustersim.spec.parameters import Values
from clustersim.spec.results import NO_SHOCK

RUN = ["arm", "seed"]


def of_one_point(table: pd.DataFrame) -> pd.DataFrame:
    """The table without its parameter point, arms as plain words.

    Raises:
        ValueError: it holds several points.
    """
    if "point" in table and table["point"].nunique() > 1:
        raise ValueError("several parameter points: estimates are of one")
    return table.drop(columns="point", errors="ignore").assign(arm=table["arm"].astype(str))


def with_shock(table: pd.DataFrame) -> pd.DataFrame:
    """A table of one point without the arms that are run without their shock."""
    table = of_one_point(table)
    return table[~table["arm"].str.endswith(NO_SHOCK)]


def window_values(
    series: pd.DataFrame,
    months: Collection[int] | None,
    parameters: Values,
    measures: Iterable[Measure] = registry.read_from("window"),
) -> pd.DataFrame:
    """Measures of a window of months in every run; see `estimates.headline_values`."""
    window = _window(series, months, parameters)
    return pd.DataFrame({measure.name: measure.function(window) for measure in measures}, index=window.total.index)


def _window(series: pd.DataFrame, months: Collection[int] | None, parameters: Values) -> Window:
    chosen = series if months is None else series[series["month"].isin(list(months))]
    chosen = chosen.sort_values("month", kind="stable")
    final = int(chosen["month"].max())
    last = chosen[chosen["month"] > final - registry.LAST_MONTHS]

    def add_up(rows: pd.DataFrame) -> pd.DataFrame:
        return in_order_of(rows.drop(columns="month").groupby(RUN).sum(), series)

    return Window(
        add_up(chosen),
        add_up(last),
        last["month"].nunique(),
        add_up(last[last["month"] == final]),
        parameters,
    )


def shock_values(series: pd.DataFrame) -> pd.DataFrame:
    """Every measure of what a shock does, in every run. Index (arm, seed); no rows without a shock."""
    both = with_and_without_shock(series)
    if both is None:
        return pd.DataFrame()
    values = {measure.name: measure.function(both) for measure in registry.read_from("shock")}
    return in_order_of(pd.DataFrame(values), series)


def with_and_without_shock(series: pd.DataFrame) -> ShockOutput | None:
    """Output by month of every run with its shock and without it; None where there is no shock."""
    output = series.set_index([*RUN, "month"])["output"].unstack("month")
    arms = output.index.get_level_values("arm")
    unshocked = output[arms.str.endswith(NO_SHOCK)].rename(lambda arm: arm.removesuffix(NO_SHOCK), level="arm")
    if unshocked.empty:
        return None
    shocked = output.reindex(unshocked.index).dropna()
    return ShockOutput(shocked, unshocked.reindex(shocked.index))


def in_order_of(values: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Arms in the order of their first appearance in the series, which is the scenario's."""
    present = set(values.index.unique("arm"))
    return values.reindex([arm for arm in series["arm"].unique() if arm in present], level="arm")
