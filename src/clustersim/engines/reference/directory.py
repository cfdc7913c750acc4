"""The fixed lists from which own search picks a provider, by inverse cumulative weight."""

from __future__ import annotations

from itertools import pairwise

from clustersim.spec.state import SERVICES, Population, SellerLists

type Listed = list[tuple[int, int]]  # entries with the number below which each is picked, in the order of id


class Directory:
    """Who sells what where, as known at the start. Entries are rows of firms, and numbers of providers for services.

    Entrants stand on no list; how they are met is the buyer's affair.
    """

    def __init__(self, population: Population):
        self._goods = population.goods
        self._sellers = _segments(population.sellers)
        self._sellers_by_site = _segments(population.sellers_by_site)
        self._servers = _segments(population.servers)
        self._servers_by_site = _segments(population.servers_by_site)

    def sellers(self, good: int, site: int | None) -> Listed:
        """Of a good, at a site or in the whole region."""
        return self._sellers[good] if site is None else self._sellers_by_site[site * self._goods + good]

    def servers(self, service: int, site: int | None) -> Listed:
        """Providers that had places for a service at the start, at a site or in the whole region."""
        return self._servers[service] if site is None else self._servers_by_site[site * len(SERVICES) + service]

    def pick(self, listed: Listed, number: int) -> int:
        """The first entry whose threshold lies above the number; the last one's is 2**32."""
        return next(entry for entry, threshold in listed if number < threshold)


def _segments(lists: SellerLists) -> list[Listed]:
    """The lists of one seed, one for each segment."""
    begin, entries = lists.begin.tolist(), lists.entries.tolist()
    found = []
    for segment, (first, last) in enumerate(pairwise(begin)):
        thresholds = [key - (segment << 33) for key in lists.keys[first:last].tolist()]
        found.append(list(zip(entries[first:last], thresholds, strict=True)))
    return found
