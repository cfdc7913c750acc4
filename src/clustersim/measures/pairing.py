"""Pairing: who buys locally, through which channel pairs formed, and which of them the twin has too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.measures import LAST_MONTHS, Measure, Window, mean_of_last, percent
from clustersim.spec.state import CHANNELS

if TYPE_CHECKING:
    import pandas as pd


def rate(window: Window) -> pd.Series:
    """100 x paired goods slots / goods slots, over the slot-months of the last 12 months."""
    return percent(window.last["paired_slots"], window.last["slots"])


def rate_by_volume(window: Window) -> pd.Series:
    """100 x volume of paired goods slots / volume of all goods slots, last 12 months."""
    return percent(window.last["paired_volume"], window.last["slot_volume"])


def enterprises_with_pair(window: Window) -> pd.Series:
    """100 x enterprises that buy or sell in a pair / enterprises, last 12 months."""
    return percent(window.last["enterprises_paired"], window.last["enterprises"])


def members_with_pair(window: Window) -> pd.Series:
    """100 x members that buy or sell in a pair / members, last 12 months. NaN where nobody is a member."""
    return percent(window.last["members_paired"], window.last["members"])


def turnover(window: Window) -> pd.Series:
    """100 x pairs that ended / mean number of living pairs, last 12 months, as a yearly rate."""
    a_year = window.last["pairs_ended"] * (LAST_MONTHS / window.last_months)
    return percent(a_year, mean_of_last(window, "paired_slots"))


def pairs_made(window: Window) -> pd.Series:
    """Pairs that were made, over the window."""
    return window.total["pairs_made"]


def pairs_ended(window: Window) -> pd.Series:
    """Pairs that ended, over the window."""
    return window.total["pairs_ended"]


def needs_served(window: Window) -> pd.Series:
    """100 x service needs served / (served + lapsed), over the window."""
    served, lapsed = window.total["needs_served"], window.total["needs_lapsed"]
    return percent(served, served + lapsed)


def additional(window: Window) -> pd.Series:
    """Slot-months that are paired here and open in no_alliance of the same seed, over the window."""
    return window.total["additional"]


def deadweight(window: Window) -> pd.Series:
    """Slot-months that are paired here and in no_alliance of the same seed, over the window."""
    return window.total["deadweight"]


def twin_only(window: Window) -> pd.Series:
    """Slot-months that are open here and paired in no_alliance of the same seed, over the window."""
    return window.total["twin_only"]


def net_additional(window: Window) -> pd.Series:
    """Additional less twin-only slot-months, over the window."""
    return window.total["additional"] - window.total["twin_only"]


def introductions(window: Window) -> pd.Series:
    """Brokered introductions, over the window."""
    return window.total["introductions"]


def first_orders(window: Window) -> pd.Series:
    """Introductions that became a pair with a supported first order, over the window."""
    return window.total["first_orders"]


def members(window: Window) -> pd.Series:
    """Members in the last month of the window."""
    return window.end["members"]


def organisations(window: Window) -> pd.Series:
    """Enterprises with a party organisation in the last month of the window."""
    return window.end["organisations"]


class PairsByChannel:
    """Mean number of living pairs that one channel made, last 12 months."""

    def __init__(self, channel: str):
        self.column = f"channel_{channel}"

    def __call__(self, window: Window) -> pd.Series:
        return mean_of_last(window, self.column)


MEASURES = (
    Measure("pairing_rate", "percent", "level points", rate, headline=True, margin="pairing_margin"),
    Measure("pairing_rate_by_volume", "percent", "level points", rate_by_volume, margin="pairing_margin"),
    Measure("enterprises_with_pair", "percent", "level points", enterprises_with_pair, margin="pairing_margin"),
    Measure("members_with_pair", "percent", "level points", members_with_pair),
    Measure("turnover", "percent", "level points", turnover, better=0),
    Measure("needs_served", "percent", "level points", needs_served),
    Measure("additional", "slot_months", "amount", additional),
    Measure("deadweight", "slot_months", "amount", deadweight, better=0),
    Measure("twin_only", "slot_months", "amount", twin_only, better=-1),
    Measure("net_additional", "slot_months", "amount", net_additional),
    Measure("pairs_made", "pairs", "amount", pairs_made, better=0),
    Measure("pairs_ended", "pairs", "amount", pairs_ended, better=0),
    Measure("introductions", "introductions", "amount", introductions, better=0),
    Measure("first_orders", "first_orders", "amount", first_orders, better=0),
    Measure("members", "firms", "amount", members, better=0),
    Measure("organisations", "firms", "amount", organisations, better=0),
    *(Measure(f"pairs_by_{channel}", "pairs", "amount", PairsByChannel(channel), better=0) for channel in CHANNELS),
)
