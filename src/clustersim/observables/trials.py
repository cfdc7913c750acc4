"""What a field trial estimates: firms that an instrument reaches against those that it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.watched import Asked, Watched

MONTHS_A_YEAR = 12


def treated_sales(watched: Watched, asked: Asked) -> Array:
    """Mean log sales in the months of treated less control enterprises, less the same in the twin; log points x 100."""
    own, twin = (_log_sales(watched, asked, arm) for arm in (asked.arm, watched.twin[asked.arm]))
    return 100.0 * _difference(own - twin, watched.reached[asked.arm, asked.filters["label"]])


def treated_sales_kept(watched: Watched, asked: Asked) -> Array:
    """100 x treated sales in the months / treated sales in the same months a year before, within the horizon."""
    before = replace(asked, first=asked.first - MONTHS_A_YEAR, last=asked.last - MONTHS_A_YEAR)
    return 100.0 * treated_sales(watched, asked) / treated_sales(watched, before)


def treated_sales_unadjusted(watched: Watched, asked: Asked) -> Array:
    """Mean change of log sales over a year, treated less control, without the twin, as in a single trial; x 100."""
    treated = watched.reached[asked.arm, asked.filters["label"]]
    change = _log_sales(watched, asked, asked.arm) - _log_sales(watched, asked, asked.arm, MONTHS_A_YEAR)
    return 100.0 * _difference(change, treated)


def treated_suppliers(watched: Watched, asked: Asked) -> Array:
    """Percent by which treated enterprises have more suppliers at the end of the months: treated less control, less the
    same in the twin, over the treated ones' number in the twin."""
    return _more_links("suppliers", watched, asked)


def treated_clients(watched: Watched, asked: Asked) -> Array:
    """The same for clients."""
    return _more_links("clients", watched, asked)


def taken_from_others(watched: Watched, asked: Asked) -> Array:
    """100 x output that firms lose which the instrument does not reach / output that those gain which it reaches."""
    return _taken(watched, asked, np.ones_like(watched.reached[asked.arm, asked.filters["label"]]))


def taken_from_other_sites(watched: Watched, asked: Asked) -> Array:
    """The same, lost by firms at sites where the instrument reaches nobody."""
    treated, site = watched.reached[asked.arm, asked.filters["label"]], watched.site[asked.arm]
    reaches = np.array([np.isin(site[seed], site[seed, treated[seed]]) for seed in range(watched.seeds)])
    return _taken(watched, asked, ~reaches)


def incumbents_output(watched: Watched, asked: Asked) -> Array:
    """Percent by which the output in the months of the firms that were there before is above that in the twin."""
    own, twin = (
        watched.months("output", arm, asked.first, asked.last)[..., : watched.incumbents].sum(axis=(1, 2))
        for arm in (asked.arm, watched.twin[asked.arm])
    )
    return 100.0 * (own / twin - 1.0)


def incumbents_output_later(watched: Watched, asked: Asked) -> Array:
    """100 x that percentage in the months / the same in the third year."""
    third = replace(asked, first=2 * MONTHS_A_YEAR + 1, last=3 * MONTHS_A_YEAR)
    before = incumbents_output(watched, third)
    return 100.0 * incumbents_output(watched, asked) / np.where(before != 0.0, before, np.nan)


def peers_size(watched: Watched, asked: Asked) -> Array:
    """Mean over firms that stand in a group of the mean log size of its others, less that of all firms; x 100."""
    group, size = watched.months("group", asked.arm, asked.last, asked.last)[:, 0], np.log(watched.capacity)
    return np.array([_peers(group[seed], size[seed], watched.incumbents) for seed in range(watched.seeds)])


def _peers(group: Array, size: Array, incumbents: int) -> float:
    inside = group >= 0
    group, of_group = group[inside], size[inside]
    others = np.bincount(group)[group] - 1 if len(group) else group
    if not others.any():
        return np.nan
    mean = (np.bincount(group, of_group)[group] - of_group) / np.maximum(others, 1)
    return float(100.0 * (mean[others > 0].mean() - size[:incumbents].mean()))


def _taken(watched: Watched, asked: Asked, others: Array) -> Array:
    treated = watched.reached[asked.arm, asked.filters["label"]]
    own, twin = (
        watched.months("output", arm, asked.first, asked.last).sum(axis=1)
        for arm in (asked.arm, watched.twin[asked.arm])
    )
    incumbent = np.arange(own.shape[1]) < watched.incumbents
    losers = ~treated & others & incumbent
    gained = ((own - twin) * (treated & incumbent)).sum(axis=1)
    lost = ((twin - own) * losers).sum(axis=1)
    return 100.0 * lost / np.where((gained > 0.0) & losers.any(axis=1), gained, np.nan)


def _log_sales(watched: Watched, asked: Asked, arm: int, back: int = 0) -> Array:
    """Log of sales over the months, so many months earlier, (seeds, incumbents); NaN where there are none."""
    sales = watched.months("output", arm, asked.first - back, asked.last - back).sum(axis=1)[:, : watched.incumbents]
    return np.log(np.where(sales > 0.0, sales, np.nan))


def _more_links(column: str, watched: Watched, asked: Asked) -> Array:
    treated = watched.reached[asked.arm, asked.filters["label"]][:, : watched.incumbents]
    own, twin = (
        watched.months(column, arm, asked.last, asked.last)[:, 0, : watched.incumbents].astype(float)
        for arm in (asked.arm, watched.twin[asked.arm])
    )
    normal = _mean(twin, treated)
    return 100.0 * _difference(own - twin, treated) / np.where(normal > 0.0, normal, np.nan)


def _difference(values: Array, treated: Array) -> Array:
    """Mean over treated less mean over control firms, (seeds,)."""
    treated = treated[:, : values.shape[1]]
    return _mean(values, treated) - _mean(values, ~treated)


def _mean(values: Array, firms: Array) -> Array:
    """Mean over those of these firms whose value is defined, (seeds,); NaN where there are none."""
    firms = firms & np.isfinite(values)
    number = firms.sum(axis=1)
    mean: Array = np.where(firms, values, 0.0).sum(axis=1) / np.where(number > 0, number, np.nan)
    return mean


OBSERVABLES = (
    Observable("treated_sales", "log_points", treated_sales, ("label",), ("label",), ("output",)),
    Observable("treated_sales_kept", "percent", treated_sales_kept, ("label",), ("label",), ("output",)),
    Observable(
        "treated_sales_unadjusted",
        "log_points",
        treated_sales_unadjusted,
        ("label",),
        ("label",),
        ("output",),
    ),
    Observable("treated_suppliers", "percent", treated_suppliers, ("label",), ("label",), ("suppliers",)),
    Observable("treated_clients", "percent", treated_clients, ("label",), ("label",), ("clients",)),
    Observable("taken_from_others", "percent", taken_from_others, ("label",), ("label",), ("output",)),
    Observable("taken_from_other_sites", "percent", taken_from_other_sites, ("label",), ("label",), ("output",)),
    Observable("incumbents_output", "percent", incumbents_output, columns=("output",)),
    Observable("incumbents_output_later", "percent", incumbents_output_later, columns=("output",)),
    Observable("peers_size", "log_points", peers_size, columns=("group",)),
)
