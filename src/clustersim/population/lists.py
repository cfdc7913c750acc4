"""The fixed lists from which own search picks a provider by inverse cumulative weight."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, starts_of
from clustersim.population.firms import Firms
from clustersim.population.institutions import Offers
from clustersim.spec.draws import WORD_RANGE
from clustersim.spec.state import SERVICES, SellerLists

RESOLUTION = 2.0**30


def seller_lists(firms: Firms, weight: Array, incumbents: int, sites: int | None) -> SellerLists:
    """Incumbents by (base, good), or by (base, site, good) where a number of sites is given.

    Args:
        weight: (bases, rows) q_ref ** size_attraction.
    """
    bases, rows = firms.chain.shape
    goods = len(firms.good_chain)
    base, row = (part.reshape(-1) for part in np.indices((bases, incumbents)))
    segment = base * goods + firms.good[base, row]
    if sites is not None:
        segment = (base * sites + firms.site[base, row]) * goods + firms.good[base, row]
    return _lists(segment, base * rows + row, weight[base, row], bases * goods * (sites or 1))


def server_lists(offers: Offers, weight: Array, sites: int | None) -> SellerLists:
    """Providers with places by (base, service), or by (base, site, service). Institutions weigh 1."""
    base, provider, service = np.nonzero(offers.places > 0)
    segment = base * len(SERVICES) + service
    if sites is not None:
        segment = (base * sites + offers.site[base, provider]) * len(SERVICES) + service
    firm = offers.firm[base, provider]
    weights = np.where(firm >= 0, weight[base, np.maximum(firm, 0)], 1.0)
    return _lists(segment, provider, weights, len(offers.places) * len(SERVICES) * (sites or 1))


def _lists(segment: Array, entries: Array, weights: Array, segments: int) -> SellerLists:
    order = np.argsort(segment, kind="stable")
    segment, entries, weights = segment[order].astype(np.int64), entries[order], weights[order]
    begin = np.searchsorted(segment, np.arange(segments + 1))
    return SellerLists(begin, entries, (segment << 33) + _thresholds(segment, weights))


def _thresholds(segment: Array, weights: Array) -> Array:
    """floor(2**32 * cumulated share) of each entry in its segment, 2**32 for the last.

    Weights are cumulated as whole numbers relative to the segment's largest, so other segments leave no trace.
    """
    if len(segment) == 0:
        return np.zeros(0, dtype=np.int64)
    start = starts_of(segment)
    last = np.append(start[1:] != start[:-1], True)
    first = np.unique(start)
    largest = np.repeat(np.maximum.reduceat(weights, first), np.diff(np.append(first, len(start))))
    counts = np.floor(weights / largest * RESOLUTION).astype(np.int64) + 1
    running = np.cumsum(counts)
    cumulated = running - (running - counts)[start]
    total = np.zeros(len(start))
    total[start[last]] = cumulated[last]
    thresholds = np.floor(cumulated / total[start] * WORD_RANGE).astype(np.int64)
    thresholds[last] = int(WORD_RANGE)
    return thresholds
