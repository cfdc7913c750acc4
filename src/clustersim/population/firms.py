"""Firms: where they stand, what they sell, how large and how productive they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clustersim.arrays import Array, largest_remainder
from clustersim.scenario.model import Chain, PopulationPlan
from clustersim.spec.draws import chance, normal, uniform
from clustersim.spec.parameters import Values
from clustersim.spec.state import OWNER_KINDS

if TYPE_CHECKING:
    from clustersim.population.build import Numbers


@dataclass(eq=False)
class Firms:
    """Columns (bases, rows), incumbents first. Reserve rows have chain 0, tier 0 and good -1 until they enter."""

    incumbents: int
    good_chain: Array
    good_tier: Array
    chain: Array
    tier: Array
    site: Array
    good: Array
    capacity: Array
    productivity: Array
    outside_share: Array
    owner: Array
    organisation: Array


def draw_firms(plan: PopulationPlan, parameters: Values, numbers: Numbers) -> Firms:
    """A synthetic population; a roster overwrites what it knows."""
    good_chain = np.repeat(np.arange(len(plan.chains)), [chain.tiers for chain in plan.chains])
    good_tier = np.concatenate([np.arange(chain.tiers) for chain in plan.chains])
    words = numbers.words("good")
    shape = words.shape
    good = np.full(shape, -1, dtype=np.int32)
    good[:, : plan.firms] = _dealt(_goods_in_order(plan.chains, plan.firms), words[:, : plan.firms])
    chain = np.where(good >= 0, good_chain[good], 0).astype(np.int32)
    capacity = np.exp(np.log(parameters.median_capacity) + parameters.capacity_spread * _normals(numbers, "capacity"))
    capacity[:, plan.firms :] = (capacity * parameters.entrant_size)[:, plan.firms :]
    return Firms(
        incumbents=plan.firms,
        good_chain=good_chain,
        good_tier=good_tier,
        chain=chain,
        tier=np.where(good >= 0, good_tier[good], 0).astype(np.int32),
        site=_sites(plan, parameters, numbers, chain),
        good=good,
        capacity=capacity,
        productivity=_productivity(parameters, numbers, _normals(numbers, "capacity")),
        outside_share=_outside_share(parameters, numbers),
        owner=_owners(parameters, numbers),
        organisation=np.full(shape, -1, dtype=np.int8),
    )


def _goods_in_order(chains: tuple[Chain, ...], firms: int) -> Array:
    """The good of each firm, good after good: chains by their shares, tiers of a chain in equal parts."""
    by_chain = largest_remainder([chain.share for chain in chains], firms)
    by_good = [
        largest_remainder(np.ones(chain.tiers), int(number)) for chain, number in zip(chains, by_chain, strict=True)
    ]
    counts = np.concatenate(by_good)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _dealt(labels: Array, words: Array) -> Array:
    """Labels dealt out to firms in the order of their numbers, (bases, firms)."""
    dealt = np.empty(words.shape, dtype=np.int32)
    np.put_along_axis(dealt, np.argsort(words, axis=1, kind="stable"), labels[None], axis=1)
    return dealt


def home_sites(plan: PopulationPlan) -> list[int]:
    """Home site of each chain: the one it names, else the sites in turn."""
    names = [site.name for site in plan.sites]
    return [names.index(chain.site) if chain.site else number % len(names) for number, chain in enumerate(plan.chains)]


def _sites(plan: PopulationPlan, parameters: Values, numbers: Numbers, chain: Array) -> Array:
    """Firms that spread stand where the shares of sites put them, the others at their chain's home site."""
    words = numbers.words("site")
    labels = np.repeat(
        np.arange(len(plan.sites), dtype=np.int32), largest_remainder([site.share for site in plan.sites], plan.firms)
    )
    site = np.zeros(words.shape, dtype=np.int32)
    site[:, : plan.firms] = _dealt(labels, words[:, : plan.firms])
    spreads = chance(numbers.words("spread"), parameters.spread)
    at_home = np.array(home_sites(plan), dtype=np.int32)[chain]
    return np.where(spreads, site, at_home).astype(np.int32)


def _normals(numbers: Numbers, stream: str) -> Array:
    words = numbers.words(stream, 2)
    return normal(words[:, 0::2], words[:, 1::2])


def _productivity(parameters: Values, numbers: Numbers, size: Array) -> Array:
    """A_ref: lognormal, its logarithm correlated with standardised ln q."""
    correlation = parameters.productivity_size_correlation
    score = correlation * size
    score = score + np.sqrt(1.0 - correlation * correlation) * _normals(numbers, "productivity")
    return np.exp(parameters.log_productivity_mean + parameters.productivity_spread * score)


def _outside_share(parameters: Values, numbers: Numbers) -> Array:
    """w: Beta with the mean and the concentration of the registry, by inversion."""
    from scipy.special import betaincinv  # slow to import, and only a population that is built needs it

    mean, concentration = parameters.outside_share, parameters.outside_share_concentration
    shares = uniform(numbers.words("outside_share"))
    return betaincinv(mean * concentration, (1.0 - mean) * concentration, shares)


def _owners(parameters: Values, numbers: Numbers) -> Array:
    share = uniform(numbers.words("owner"))
    state, foreign = parameters.state_owned, parameters.foreign_owned
    kinds = [OWNER_KINDS.index(kind) for kind in ("state", "foreign", "private")]
    return np.select([share < state, share < state + foreign], kinds[:2], kinds[2]).astype(np.int8)


def complete_with_roster(plan: PopulationPlan, parameters: Values, numbers: Numbers, firms: Firms) -> None:
    """Put what a roster knows in place of what was drawn, the same in every base."""
    roster, rows = plan.roster, slice(0, plan.firms)
    assert roster is not None
    begin = np.concatenate([[0], np.cumsum([chain.tiers for chain in plan.chains])])
    firms.chain[:, rows] = roster.chain
    tiers = np.array([chain.tiers for chain in plan.chains])[roster.chain]
    known = roster.tier >= 0
    firms.tier[:, rows] = np.where(known, roster.tier, firms.tier[:, rows] % tiers)
    firms.good[:, rows] = begin[roster.chain] + firms.tier[:, rows]
    for column, given in (
        (firms.site, roster.site),
        (firms.owner, roster.owner),
        (firms.organisation, roster.organisation),
    ):
        column[:, rows] = np.where(given >= 0, given, column[:, rows])
    for column, given in (
        (firms.capacity, roster.capacity),
        (firms.productivity, roster.productivity),
        (firms.outside_share, roster.outside_share),
    ):
        if column is firms.productivity:  # what is drawn goes with the capacities that are known by now
            column[:, rows] = _productivity(parameters, numbers, _standardised(firms.capacity, plan.firms))[:, rows]
        column[:, rows] = np.where(np.isfinite(given), given, column[:, rows])


def _standardised(capacity: Array, incumbents: int) -> Array:
    """ln q less its mean over a base's incumbents, by its standard deviation there."""
    size = np.log(capacity)
    own = size[:, :incumbents]
    return (size - own.mean(axis=1, keepdims=True)) / np.maximum(own.std(axis=1, keepdims=True), 1e-12)
