"""Output, its parts, and what stays in the town.

An effect on output is the change of local sales plus the change of outside sales. `rerouted` is the part of
the local orders that the suppliers already sold through outside traders: of the change of local sales it is
the part that is no new demand. `replaced` is the rest: purchases from outside that a local supplier took
over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.measures import Measure, Window, mean_of_last, percent

if TYPE_CHECKING:
    import pandas as pd


def output(window: Window) -> pd.Series:
    """Sum of output y over enterprises and months of the window, entrants included."""
    return window.total["output"]


def incumbent_output(window: Window) -> pd.Series:
    """Output less the output of entrants."""
    return window.total["output"] - window.total["entrant_output"]


def value_added(window: Window) -> pd.Series:
    """Output less the goods bought, locally and outside, over the window."""
    return window.total["value_added"]


def local_sales(window: Window) -> pd.Series:
    """S = sum of f L: what suppliers delivered on local orders."""
    return window.total["local_sales"]


def outside_sales(window: Window) -> pd.Series:
    """X = sum of (y - f L): what was sold outside."""
    return window.total["outside_sales"]


def rerouted(window: Window) -> pd.Series:
    """reroute x L, L the local orders: what the suppliers would have sold through outside traders."""
    rerouted: pd.Series = window.parameters.reroute * window.total["local_orders"]
    return rerouted


def replaced(window: Window) -> pd.Series:
    """S - reroute x L: local sales that take the place of purchases from outside."""
    return window.total["local_sales"] - rerouted(window)


def lost_outside_unpaired(window: Window) -> pd.Series:
    """Outside orders that enterprises without pairs could not serve, over the window."""
    return window.total["lost_outside_unpaired"]


def utilisation(window: Window) -> pd.Series:
    """100 x output / (capacity x productivity), both summed over the window."""
    return percent(window.total["output"], window.total["full_output"])


def productivity(window: Window) -> pd.Series:
    """Mean productivity A of the enterprises, entrants included, last 12 months."""
    return mean_of_last(window, "productivity")


def capacity(window: Window) -> pd.Series:
    """Sum of the capacities q of the enterprises, entrants included, mean of the last 12 months."""
    return mean_of_last(window, "capacity")


def local_inputs(window: Window) -> pd.Series:
    """100 x goods bought locally / goods bought, over the window."""
    local, outside = window.total["bought_local"], window.total["bought_outside"]
    return percent(local, local + outside)


def tax(window: Window) -> pd.Series:
    """tax_rate x value added."""
    tax: pd.Series = window.parameters.tax_rate * window.total["value_added"]
    return tax


def patents(window: Window) -> pd.Series:
    """Patents of projects and engagements, over the window."""
    return window.total["patents"]


def projects_begun(window: Window) -> pd.Series:
    """Engagements that project rounds began, over the window."""
    return window.total["projects"]


def orders_at_limit(window: Window) -> pd.Series:
    """100 x slot-months whose owner orders as much as it may / slot-months, over the window."""
    return percent(window.total["capped_slots"], window.total["slots"])


def entries_paid(window: Window) -> pd.Series:
    """Firms that attraction paid for in the window, whether they would have come anyway or not."""
    return window.total["entries_paid"]


def entrants(window: Window) -> pd.Series:
    """Firms that entered in the window."""
    return window.total["entries"]


MEASURES = (
    Measure("output", "money", "percent of twin", output, headline=True, margin="output_margin"),
    Measure("value_added", "money", "percent of twin", value_added, headline=True, margin="output_margin"),
    Measure("incumbent_output", "money", "percent of twin", incumbent_output, margin="output_margin"),
    Measure("local_sales", "money", "amount", local_sales),
    Measure("outside_sales", "money", "amount", outside_sales),
    Measure("rerouted", "money", "amount", rerouted, better=0),
    Measure("replaced", "money", "amount", replaced, better=0),
    Measure("lost_outside_unpaired", "money", "amount", lost_outside_unpaired, better=-1),
    Measure("utilisation", "percent", "level points", utilisation),
    Measure("productivity", "index", "percent of twin", productivity),
    Measure("capacity", "money_month", "percent of twin", capacity),
    Measure("local_inputs", "percent", "level points", local_inputs),
    Measure("tax", "money", "amount", tax),
    Measure("patents", "patents", "amount", patents),
    Measure("projects_begun", "projects", "amount", projects_begun, better=0),
    Measure("orders_at_limit", "percent", "level points", orders_at_limit, better=0),
    Measure("entries_paid", "firms", "amount", entries_paid, better=0),
    Measure("entrants", "firms", "amount", entrants, better=0),
)
