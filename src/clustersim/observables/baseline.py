"""Patterns that statistics and studies know of firms and their links, whatever the policy."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.watched import Asked, Watched

MONTHS_A_YEAR = 12
QUARTILES = (25.0, 75.0)
SIDES = ("suppliers", "clients")
PARTS = 10  # of the firms by size


def utilisation(watched: Watched, asked: Asked) -> Array:
    """100 x output / output at full use of capacity, both in the months."""
    output, full = (watched.total(name, asked.arm, asked.first, asked.last) for name in ("output", "full_output"))
    return 100.0 * output / full


def paired_share(watched: Watched, asked: Asked) -> Array:
    """100 x paired goods slots / goods slots, over the slot-months of the months."""
    paired, slots = (watched.total(name, asked.arm, asked.first, asked.last) for name in ("paired_slots", "slots"))
    return 100.0 * paired / slots


def orders_at_limit(watched: Watched, asked: Asked) -> Array:
    """100 x slot-months whose owner orders as much as it may / slot-months, in the months."""
    capped, slots = (watched.total(name, asked.arm, asked.first, asked.last) for name in ("capped_slots", "slots"))
    return 100.0 * capped / slots


def links_lost(watched: Watched, asked: Asked) -> Array:
    """100 x pairs that ended / mean number of living pairs, in the months, as a yearly rate."""
    ended, living = (
        watched.total(name, asked.arm, asked.first, asked.last) for name in ("pairs_ended", "paired_slots")
    )
    return 100.0 * MONTHS_A_YEAR * ended / living


def links_by_size(watched: Watched, asked: Asked) -> Array:
    """Elasticity of an enterprise's partners, suppliers and clients, to its size at the start: slope of log means over
    the tenths of the firms by size."""
    suppliers, clients = (watched.months(side, asked.arm, asked.last, asked.last)[:, 0] for side in SIDES)
    firms = slice(watched.incumbents)
    links, size = (suppliers + clients)[:, firms], np.log(watched.capacity[:, firms])
    return np.array([_slope(size[seed], links[seed]) for seed in range(watched.seeds)])


def sales_change_spread(watched: Watched, asked: Asked) -> Array:
    """Interquartile range over enterprises of the change of log sales on the year before; log points x 100."""
    now, before = (
        watched.months("output", asked.arm, asked.first - back, asked.last - back).sum(axis=1)[:, : watched.incumbents]
        for back in (0, MONTHS_A_YEAR)
    )
    sold = (now > 0.0) & (before > 0.0)
    changes = [np.log(now[seed, sold[seed]] / before[seed, sold[seed]]) for seed in range(watched.seeds)]
    return np.array([100.0 * np.ptp(np.percentile(one, QUARTILES)) if len(one) else np.nan for one in changes])


def _slope(size: Array, links: Array) -> float:
    """Of log mean links on mean log size; the smallest tenth that has links at all, and all above it."""
    part = np.argsort(np.argsort(size)) * PARTS // len(size)
    firms = np.maximum(1, np.bincount(part, minlength=PARTS))
    sizes, means = np.bincount(part, size, PARTS) / firms, np.bincount(part, links, PARTS) / firms
    known = means > 0.0
    return float(np.polyfit(sizes[known], np.log(means[known]), 1)[0]) if known.sum() > 1 else np.nan


OBSERVABLES = (
    Observable("utilisation", "percent", utilisation),
    Observable("paired_share", "percent", paired_share),
    Observable("orders_at_limit", "percent", orders_at_limit),
    Observable("links_lost", "percent", links_lost),
    Observable("links_by_size", "elasticity", links_by_size, columns=SIDES),
    Observable("sales_change_spread", "log_points", sales_change_spread, columns=("output",)),
)
