"""Step 5. Formal pairing: a small member is tied to a large one, or to an institution's research staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array, lowest_words_of_each, pick, positions, rank_within, split
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Ties
from clustersim.spec.state import LARGE, OPEN, SMALL, TECHNOLOGY, TIE
from clustersim.spec.world import World


@dataclass(frozen=True, eq=False)
class _Partners:
    """Possible large sides by section (base * labels + label), each section padded to the longest.

    row: (sections, longest) row, or rows + institution; -1 padding. size: q_ref, or places of technology.
    """

    row: Array
    size: Array


def carry_out(world: World, arm: int, request: Ties) -> None:
    """This month's quota of each label goes through its untied small members in the order of their numbers."""
    if not request.quota.any():
        return
    labels, count = world.labels(request.scope, arm)
    firm, section = _untied(world, arm, request, labels, count)
    if len(firm) == 0:
        return
    partners = _institutions(world, request, count) if request.kind == "research" else _large(world, arm, request)
    turn = _turns(world, request, firm, section)
    made = np.zeros(world.bases)
    for now in range(int(turn.max()) + 1):
        asked = positions(turn == now)
        chosen = _choose(world, arm, request, (firm[asked], section[asked]), partners)
        some = chosen >= 0
        _tie(world, arm, request, firm[asked[some]], chosen[some])
        made += np.bincount(firm[asked[some]] // world.rows, minlength=world.bases)
    world.ledger.money[arm] += made * np.reshape(request.price, -1)


def _turns(world: World, request: Ties, firm: Array, section: Array) -> Array:
    """Large sides belong to one label, so labels take turns side by side; institutions serve all: one after another."""
    rank = rank_within(section)
    if request.kind == "firms":
        return rank
    base = firm // world.rows
    order = np.lexsort((section, rank, base))
    turn = np.empty(len(order), dtype=np.intp)
    turn[order] = rank_within(base[order])
    return turn


def _untied(world: World, arm: int, request: Ties, labels: Array, count: int) -> tuple[Array, Array]:
    """Small members without a tie that this month's quota reaches, by section and number."""
    state, population = world.arm(arm), world.population
    small = (population.size_class == SMALL) & ~population.anchor
    free = request.who & state.member & state.active & small & (state.tie_partner < 0)
    firm = positions(free.reshape(-1))
    section = firm // world.rows * count + labels.reshape(-1)[firm]
    words = world.firm_words(f"{request.label}.order").reshape(-1)[firm]
    reached = lowest_words_of_each(section, words, request.quota.reshape(-1))
    return firm[reached], section[reached]


def _large(world: World, arm: int, request: Ties) -> _Partners:
    """Anchors and large members of each label."""
    state, population = world.arm(arm), world.population
    labels, count = world.labels(request.scope, arm)
    large = state.member & state.active & (population.anchor | (population.size_class == LARGE))
    base, row = split(positions(large), world.rows)
    section = base * count + labels[base, row]
    return _padded(section, row, population.capacity_reference[base, row], world.bases * count)


def _institutions(world: World, request: Ties, count: int) -> _Partners:
    """Institutions with technology places: those of the site in the scope site, else all for every label."""
    population = world.population
    places = population.provider_places[:, :, TECHNOLOGY]
    base, provider = np.nonzero((places > 0) & (population.provider_firm < 0))
    row = world.rows + population.provider_institution[provider]
    size = places[base, provider].astype(float)
    if request.scope == "site":
        section = base * count + population.provider_site[base, provider]
        order = np.argsort(section, kind="stable")
        return _padded(section[order], row[order], size[order], world.bases * count)
    section = (base[:, None] * count + np.arange(count)).reshape(-1)
    order = np.argsort(section, kind="stable")
    return _padded(section[order], np.repeat(row, count)[order], np.repeat(size, count)[order], world.bases * count)


def _padded(section: Array, row: Array, size: Array, sections: int) -> _Partners:
    order = np.argsort(section, kind="stable")
    section, row, size = section[order], row[order], size[order]
    rank = rank_within(section)
    longest = int(rank.max(initial=-1)) + 1
    rows, sizes = np.full((sections, longest), -1), np.zeros((sections, longest))
    rows[section, rank], sizes[section, rank] = row, size
    return _Partners(rows, sizes)


def _choose(world: World, arm: int, request: Ties, asked: tuple[Array, Array], partners: _Partners) -> Array:
    """Partner of each small firm, -1 none: who has an open need that it could fill, else any; then by fewest ties,
    largest, id. One with `mentees` ties already, or of an owner kind that is not asked for, is no partner."""
    firm, section = asked
    base = firm // world.rows
    row, size = partners.row[section], partners.size[section]
    if row.shape[1] == 0:
        return np.full(len(firm), -1)
    ties = _number_of_ties(world, arm)[base[:, None], np.maximum(row, 0)]
    could = _could_fill(world, arm, firm, row) if request.kind == "firms" else np.zeros(row.shape, dtype=bool)
    usable = (row >= 0) & (ties < request.mentees) & _owners_may_tie(world, request, firm, row)
    order = np.lexsort((row, -size, ties, ~could, ~usable), axis=-1)[:, :1]
    best = np.take_along_axis(row, order, axis=1)[:, 0]
    return np.where(np.take_along_axis(usable, order, axis=1)[:, 0], best, -1)


def _owners_may_tie(world: World, request: Ties, firm: Array, row: Array) -> Any:
    """Whether each partner's owner kind is asked for, (n, partners). Institutions have none."""
    if request.kind == "research" or request.owners == "any":
        return True
    owner = world.population.owner_kind
    base = (firm // world.rows)[:, None]
    return owner[base, np.maximum(row, 0)] != owner.reshape(-1)[firm][:, None]


def _number_of_ties(world: World, arm: int) -> Array:
    """Ties of each large side, (bases, rows + institutions)."""
    width = world.rows + world.population.institutions
    partner = world.state.tie_partner[arm]
    base, row = split(positions(partner >= 0), world.rows)
    return np.bincount(base * width + partner[base, row], minlength=world.bases * width).reshape(-1, width)


def _could_fill(world: World, arm: int, firm: Array, row: Array) -> Array:
    """Whether each partner has an open slot for the small firm's good that fits its room, (n, partners)."""
    state, population = world.arm(arm), world.population
    base = firm // world.rows
    free = world.free_room(arm * world.firms + firm)
    could = np.zeros(row.shape, dtype=bool)
    for slot in _slots_of(world, base[:, None] * world.rows + np.maximum(row, 0)):
        here = np.maximum(slot, 0)
        wants = (state.channel[here] == OPEN) & (state.slot_good[here] == state.good.reshape(-1)[firm][:, None])
        could |= (slot >= 0) & (row >= 0) & wants & (population.slot_volume[here] <= free[:, None])
    return could


def _slots_of(world: World, firm: Array) -> list[Array]:
    """Packed slots of base firms, one array for each slot number, -1 where a firm has fewer."""
    begin, end = world.population.slot_begin[firm], world.population.slot_begin[firm + 1]
    longest = int((end - begin).max(initial=0))
    return [np.where(begin + number < end, begin + number, -1) for number in range(longest)]


def _tie(world: World, arm: int, request: Ties, firm: Array, partner: Array) -> None:
    """Tie, and pair at once what one side sells and the other needs, if it fits: the large side's slots first."""
    world.state.tie_partner[arm].reshape(-1)[firm] = partner
    world.state.tie_label[arm].reshape(-1)[firm] = label_code(request.label)
    if request.kind == "research":
        return
    large = firm // world.rows * world.rows + partner
    for buyer, seller in ((large, firm), (firm, large)):
        for slot in _slots_of(world, buyer):
            _pair_if_it_fits(world, arm, request, slot, seller)


def _pair_if_it_fits(world: World, arm: int, request: Ties, slot: Array, seller: Array) -> None:
    """Pair the open slots that buy what these sellers sell; in a turn no seller stands twice."""
    state, population = world.arm(arm), world.population
    here = np.maximum(slot, 0)
    wants = (slot >= 0) & (state.channel[here] == OPEN)
    wants &= state.slot_good[here] == state.good.reshape(-1)[seller]
    slot, seller = slot[wants], seller[wants]
    fits = population.slot_volume[slot] <= world.free_room(arm * world.firms + seller)
    slot, seller = slot[fits], seller[fits]
    trust = pick(request.first_trust, seller // world.rows)
    world.pair(arm * world.slots + slot, arm * world.firms + seller, TIE, trust)


def dissolve(world: World, arm: int) -> None:
    """Ties last until the instrument that made them ends: in the first month in which it asks for none any more."""
    state = world.arm(arm)
    label, partner = state.tie_label.reshape(-1), state.tie_partner.reshape(-1)
    asking = [label_code(action.label) for action in world.levers[arm].actions if isinstance(action, Ties)]
    tied = positions(label)
    ended = tied[~np.isin(label[tied], asking)]
    partner[ended] = -1
    label[ended] = 0
