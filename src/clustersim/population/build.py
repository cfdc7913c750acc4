"""Puts a population together: firms, their needs, who offers what, and the lists that own search draws from."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, nearest_whole
from clustersim.population.firms import Firms, complete_with_roster, draw_firms
from clustersim.population.institutions import offer_places
from clustersim.population.lists import seller_lists, server_lists
from clustersim.population.needs import draw_needs, known_links
from clustersim.scenario.model import PopulationPlan
from clustersim.spec.draws import Draws
from clustersim.spec.parameters import Values
from clustersim.spec.state import LARGE, MEDIUM, SMALL, Population


def build(plan: PopulationPlan, parameters: Values, draws: Draws, seed_of_base: Array) -> Population:
    """The population of every base.

    Args:
        parameters: numbers, or columns (bases, 1).
        draws: of the seeds; with `plan.fixed` the numbers of seed 0 serve all.
        seed_of_base: (bases,) index into the seeds.
    """
    if plan.fixed:
        draws = Draws([0], draws.incumbents, draws.reserve)
        seed_of_base = np.zeros_like(seed_of_base)
    numbers = Numbers(draws, seed_of_base)
    firms = draw_firms(plan, parameters, numbers)
    if plan.roster is not None:
        complete_with_roster(plan, parameters, numbers, firms)
    classes = _size_classes(firms, parameters)
    anchor = _anchors(firms, len(plan.chains), plan)
    needs = draw_needs(plan, parameters, numbers, firms)
    links = known_links(plan, firms, needs)
    offers = offer_places(plan, parameters, firms, anchor)
    size = np.exp(parameters.size_attraction * np.log(firms.capacity))
    return Population(
        incumbents=plan.firms,
        site_names=tuple(site.name for site in plan.sites),
        chain_names=tuple(chain.name for chain in plan.chains),
        good_chain=firms.good_chain,
        good_tier=firms.good_tier,
        chain=firms.chain,
        tier=firms.tier,
        site=firms.site,
        good=firms.good,
        size_class=classes,
        owner_kind=firms.owner,
        anchor=anchor,
        organisation=_organisations(firms, parameters, numbers),
        capacity_reference=firms.capacity,
        productivity_reference=firms.productivity,
        weight=firms.outside_share * firms.capacity * firms.productivity,
        slot_begin=needs.begin,
        slot_owner=needs.owner,
        slot_number=needs.number,
        slot_good=needs.good,
        slot_volume=needs.volume,
        reserve_own=needs.reserve_own,
        reserve_other=needs.reserve_other,
        provider_firm=offers.firm,
        provider_institution=offers.institution,
        provider_site=offers.site,
        provider_places=offers.places,
        sellers=seller_lists(firms, size, plan.firms, None),
        sellers_by_site=seller_lists(firms, size, plan.firms, len(plan.sites)),
        servers=server_lists(offers, size, None),
        servers_by_site=server_lists(offers, size, len(plan.sites)),
        links=links,
    )


class Numbers:
    """Words of the population's streams, spread from seeds to bases."""

    def __init__(self, draws: Draws, seed_of_base: Array):
        self._draws = draws
        self._seed_of_base = seed_of_base

    def words(self, stream: str, per_firm: int = 1) -> Array:
        """uint32 (bases, rows * per_firm)."""
        return self._draws.words(f"population.{stream}", 0, per_firm)[self._seed_of_base]


def _size_classes(firms: Firms, parameters: Values) -> Array:
    """The largest incumbents are large, the next ones medium; a reserve row has the class of its size among them."""
    rank = np.empty_like(firms.chain)
    order = np.argsort(-firms.capacity[:, : firms.incumbents], axis=1, kind="stable")
    np.put_along_axis(rank[:, : firms.incumbents], order, np.arange(firms.incumbents, dtype=np.int32)[None], axis=1)
    for base in range(len(rank) if rank.shape[1] > firms.incumbents else 0):
        ranked = -np.sort(-firms.capacity[base, : firms.incumbents])
        rank[base, firms.incumbents :] = np.searchsorted(-ranked, -firms.capacity[base, firms.incumbents :])
    large = nearest_whole(parameters.large_share * firms.incumbents)
    medium = large + nearest_whole(parameters.medium_share * firms.incumbents)
    return np.where(rank < large, LARGE, np.where(rank < medium, MEDIUM, SMALL)).astype(np.int8)


def _anchors(firms: Firms, chains: int, plan: PopulationPlan) -> Array:
    """One chain-master firm for each chain: the one the roster names, or the largest (the first of those that tie)."""
    anchor = np.zeros(firms.chain.shape, dtype=bool)
    named = np.zeros(plan.firms, dtype=bool) if plan.roster is None else plan.roster.anchor == 1
    for chain in range(chains):
        inside = firms.chain[:, : firms.incumbents] == chain
        if (inside[0] & named).any():
            anchor[:, np.flatnonzero(inside[0] & named)[0]] = True
            continue
        some = np.flatnonzero(inside.any(axis=1))
        largest = np.where(inside, firms.capacity[:, : firms.incumbents], -1.0).argmax(axis=1)
        anchor[some, largest[some]] = True
    return anchor


def _organisations(firms: Firms, parameters: Values, numbers: Numbers) -> Array:
    """Party organisations at the start, rising with size.

    The round(share * N) incumbents with the highest gradient * (ln q - mean) / sd + logistic noise have one; a reserve
    row has one if it would have been among them.
    """
    uniform = (numbers.words("organisation") + 0.5) / 2.0**32
    size = np.log(firms.capacity)
    own = size[:, : firms.incumbents]
    spread = np.maximum(own.std(axis=1, keepdims=True), 1e-12)
    score = parameters.organisation_size_gradient * (size - own.mean(axis=1, keepdims=True)) / spread
    score = score + np.log(uniform) - np.log1p(-uniform)
    number = np.broadcast_to(nearest_whole(parameters.organisation_share * firms.incumbents), (len(score), 1))
    ranked = -np.sort(-score[:, : firms.incumbents], axis=1)
    least = np.take_along_axis(ranked, np.maximum(number - 1, 0), axis=1)
    has = (score >= least) & (number > 0)
    return np.where(firms.organisation >= 0, firms.organisation == 1, has)
