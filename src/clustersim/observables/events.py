"""What an event does to firms, against the same arm without it."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.watched import Asked, Watched

BOTH = ("output", "bought_outside")


def event_sales(watched: Watched, asked: Asked) -> Array:
    """Mean difference of log sales in the months, with the event less without it; log points x 100.

    Of firms that are `hit`, of their `customers` (not hit, bought from one in the month before), or of the `others`.
    """
    return _mean_change(watched, asked, asked.filters["firms"], "output")


def event_other_sales(watched: Watched, asked: Asked) -> Array:
    """The same of what is sold to others than those whose orders a contract event brings."""
    return _mean_change(watched, asked, asked.filters["firms"], "other_sales")


def event_gap(watched: Watched, asked: Asked) -> Array:
    """The same for the firms that are hit, less that for the others: what a comparison within one market sees."""
    return _mean_change(watched, asked, "hit", "output") - _mean_change(watched, asked, "others", "output")


def event_output(watched: Watched, asked: Asked) -> Array:
    """Log of the output of all firms in the months, with the event less without it; log points x 100."""
    with_event, without = _totals("output", watched, asked)
    change: Array = 100.0 * np.log(with_event / without)
    return change


def event_purchases(watched: Watched, asked: Asked) -> Array:
    """Log of what all firms buy outside in the months, with the event less without it; log points x 100."""
    with_event, without = _totals("bought_outside", watched, asked)
    change: Array = 100.0 * np.log(with_event / without)
    return change


def event_sales_per_purchase(watched: Watched, asked: Asked) -> Array:
    """100 x output lost / purchases from outside lost, both in percent of what they are without the event."""
    lost = [1.0 - with_event / without for with_event, without in (_totals(name, watched, asked) for name in BOTH)]
    ratio: Array = 100.0 * lost[0] / np.where(lost[1] != 0.0, lost[1], np.nan)
    return ratio


def _totals(series: str, watched: Watched, asked: Asked) -> tuple[Array, Array]:
    with_event, without = (
        watched.total(series, number, asked.first, asked.last) for number in (asked.arm, asked.without_shock)
    )
    return with_event, without


def _mean_change(watched: Watched, asked: Asked, firms: str, column: str) -> Array:
    with_event, without = (
        watched.months(column, number, asked.first, asked.last).sum(axis=1)[:, : watched.incumbents]
        for number in (asked.arm, asked.without_shock)
    )
    chosen = _chosen(watched, asked.arm, firms)[:, : watched.incumbents] & (with_event > 0.0) & (without > 0.0)
    change = np.log(np.where(chosen, with_event, 1.0) / np.where(chosen, without, 1.0))
    number_of = chosen.sum(axis=1)
    return 100.0 * change.sum(axis=1) / np.where(number_of > 0, number_of, np.nan)


def _chosen(watched: Watched, arm: int, firms: str) -> Array:
    customers = watched.customers[arm]
    groups: dict[str, Array] = {
        "hit": watched.hit,
        "customers": customers,
        "others": ~watched.hit & ~customers,
    }
    return groups[firms]


OBSERVABLES = (
    Observable("event_sales", "log_points", event_sales, ("firms",), ("firms",), ("output",), against_no_shock=True),
    Observable(
        "event_other_sales",
        "log_points",
        event_other_sales,
        ("firms",),
        ("firms",),
        ("other_sales",),
        against_no_shock=True,
    ),
    Observable("event_output", "log_points", event_output, against_no_shock=True, of_all=True),
    Observable("event_purchases", "log_points", event_purchases, against_no_shock=True, of_all=True),
    Observable("event_sales_per_purchase", "percent", event_sales_per_purchase, against_no_shock=True, of_all=True),
    Observable("event_gap", "log_points", event_gap, (), (), ("output",), against_no_shock=True),
)
