"""What a policy costs, and what an additional pair or a unit of value added costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustersim.measures import Measure, Window

if TYPE_CHECKING:
    import pandas as pd


def staff_months(window: Window) -> pd.Series:
    """Months of work of the policy's staff, over the window."""
    return window.total["staff_months"]


def firm_days(window: Window) -> pd.Series:
    """Days that firms spend on meetings, over the window."""
    return window.total["firm_days"]


def firms_cost(window: Window) -> pd.Series:
    """firm-days x price_firm_day. Never added to public cost: as a burden it is in the effect on output already."""
    return firm_days(window) * window.parameters.price_firm_day


def public_cost(window: Window) -> pd.Series:
    """staff-months x price_staff_month + money of the ledger."""
    staff: pd.Series = window.total["staff_months"] * window.parameters.price_staff_month
    return staff + window.total["money"]


@dataclass(frozen=True)
class Ratio:
    """A cost per unit of an effect: scale x difference of `numerator` / difference of `denominator`.

    Differences are arm less twin, in the units of the levels. `unit` is a key below `measure_unit.` in the
    message catalogue; title and definition are found like a measure's.
    """

    name: str
    unit: str
    numerator: str
    denominator: str
    scale: float = 1.0


MEASURES = (
    Measure("staff_months", "staff_months", "amount", staff_months, better=-1),
    Measure("firm_days", "firm_days", "amount", firm_days, better=-1),
    Measure("firms_cost", "money", "amount", firms_cost, better=-1),
    Measure("public_cost", "money", "amount", public_cost, better=-1),
)

# Net additional slot-months are 12 to the pair-year.
RATIOS = (
    Ratio("cost_per_pair_year", "money_per_pair_year", "public_cost", "net_additional", 12.0),
    Ratio("cost_per_value_added", "money_per_money", "public_cost", "value_added"),
)
