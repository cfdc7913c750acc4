"""Pairs as a committee or a reporter counts them: made, matched, kept, and what they are worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.state import INTRODUCTION
from clustersim.spec.watched import Asked, Watched

KEPT_MONTHS, KEPT_LONG = 12, 60
MONTHS_A_YEAR = 12


def pairs_made(watched: Watched, asked: Asked) -> Array:
    """Supplier-buyer pairs made in the months."""
    return np.bincount(watched.pairs["seed"][_made(watched, asked)], minlength=watched.seeds).astype(float)


def firms_matched(watched: Watched, asked: Asked) -> Array:
    """Distinct enterprises, buyers and suppliers, in the pairs made in the months."""
    made, pairs = _made(watched, asked), watched.pairs
    rows = watched.anchor.shape[1]
    firms = [pairs["seed"][made] * rows + pairs[side][made] for side in ("buyer", "supplier")]
    return np.bincount(np.unique(np.concatenate(firms)) // rows, minlength=watched.seeds).astype(float)


def order_value(watched: Watched, asked: Asked) -> Array:
    """Of each pair made in the months: what its buyer orders in a year in normal times, 10k yuan."""
    value: Array = watched.pairs["volume"][_made(watched, asked)] * MONTHS_A_YEAR
    return value


def pairs_kept(watched: Watched, asked: Asked) -> Array:
    """Of the pairs made in the months, percent that lived twelve months."""
    return _kept(watched, asked, KEPT_MONTHS)


def pairs_kept_five_years(watched: Watched, asked: Asked) -> Array:
    """Of the pairs made in the months, percent that lived sixty months."""
    return _kept(watched, asked, KEPT_LONG)


def pairs_that_replace(watched: Watched, asked: Asked) -> Array:
    """100 x goods pairs made by introduction that replaced another / all that introductions made, in the months."""
    replaced, made = (
        watched.total(name, asked.arm, asked.first, asked.last) for name in ("replaced_pairs", "introduced_pairs")
    )
    return _percent(replaced, made)


def open_slots_filled(watched: Watched, asked: Asked) -> Array:
    """100 x pairs made on open slots / slot-months open at a month's end, or filled in it: a monthly hazard."""
    made, replaced, slots, paired = (
        watched.total(name, asked.arm, asked.first, asked.last)
        for name in ("pairs_made", "replaced_pairs", "slots", "paired_slots")
    )
    filled = made - replaced
    return _percent(filled, slots - paired + filled)


def _kept(watched: Watched, asked: Asked, months: int) -> Array:
    pairs, made = watched.pairs, _made(watched, asked)
    ended = (pairs["code"] == 0) & (pairs["arm"] == asked.arm)
    short = ended & (pairs["month"] < pairs["since"] + months)
    lost = np.isin(_identity(watched, made, "month"), _identity(watched, short, "since"))
    seed = pairs["seed"][made]
    return _percent(np.bincount(seed, ~lost, minlength=watched.seeds), np.bincount(seed, minlength=watched.seeds))


def pairs_per_introduction(watched: Watched, asked: Asked) -> Array:
    """100 x pairs made by introduction / introductions, in the months."""
    introduced = replace(asked, filters={"channel": INTRODUCTION})
    return _percent(pairs_made(watched, introduced), watched.total("introductions", asked.arm, asked.first, asked.last))


def _made(watched: Watched, asked: Asked) -> Array:
    """Which pairing events are pairs that the filters let through; sites and chains are those of the buyer."""
    pairs, filters = watched.pairs, asked.filters
    made = (pairs["arm"] == asked.arm) & (pairs["code"] > 0)
    made &= (asked.first <= pairs["month"]) & (pairs["month"] <= asked.last)
    if "channel" in filters:
        made &= pairs["code"] == filters["channel"]
    for name, column in (("site", watched.site), ("chain", watched.chain)):
        if name in filters:
            made &= column[asked.arm, pairs["seed"], pairs["buyer"]] == filters[name]
    if filters.get("buyers") == "anchors":
        made &= watched.anchor[pairs["seed"], pairs["buyer"]]
    return made


def _identity(watched: Watched, events: Array, month: str) -> Array:
    """A number for each (seed, buyer, slot, month in which the pair was made) of some events."""
    pairs, rows = watched.pairs, watched.anchor.shape[1]
    place = (pairs["seed"][events] * rows + pairs["buyer"][events]) * 2**8 + pairs["slot"][events]
    identity: Array = place * 2**16 + pairs[month][events]
    return identity


def _percent(part: Array, whole: Array) -> Array:
    """100 x part / whole, NaN where the whole is 0."""
    return 100.0 * part / np.where(whole > 0, whole, np.nan)


_PAIRS = ("channel", "site", "chain", "buyers")
OBSERVABLES = (
    Observable("pairs_made", "pairs", pairs_made, _PAIRS),
    Observable("firms_matched", "firms", firms_matched, _PAIRS),
    Observable("order_value", "money_year", order_value, _PAIRS, each_pair=True),
    Observable("pairs_kept", "percent", pairs_kept, _PAIRS),
    Observable("pairs_kept_five_years", "percent", pairs_kept_five_years, _PAIRS),
    Observable("pairs_that_replace", "percent", pairs_that_replace),
    Observable("open_slots_filled", "percent_month", open_slots_filled),
    Observable("pairs_per_introduction", "percent", pairs_per_introduction),
)
