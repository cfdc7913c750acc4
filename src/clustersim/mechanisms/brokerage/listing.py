"""Which needs are listed in a round, and which of them are introduced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array, by_value, by_word, find, nearest_whole, pick, rank_within
from clustersim.spec.draws import chance
from clustersim.spec.levers import GOODS, Round
from clustersim.spec.state import DETAIL_STRIDE, IDLE, OPEN, SERVICES, SLOT_STRIDE, WANTED
from clustersim.spec.world import World


@dataclass(frozen=True, eq=False)
class Items:
    """Listed needs in the order (base, owner, slot), (n,) each.

    Attributes:
        firm: owner (base firm). base: its base. detail: id of its random details.
        slot: packed goods slot, -1 for a service. resource: good, or goods + service.
        volume: V of a goods slot, 1 for a service.
        section: base * labels + label. current: supplier (base firm) of a slot that may be switched, else -1.
    """

    firm: Array
    base: Array
    detail: Array
    slot: Array
    resource: Array
    volume: Array
    section: Array
    current: Array

    @property
    def is_goods(self) -> Array:
        return self.slot >= 0

    def only(self, kept: Array) -> Items:
        return Items(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def listed(world: World, arm: int, request: Round) -> Items:
    """Step 1: needs of members with a label of the scope that the survey finds."""
    labels, count = world.labels(request.scope, arm)
    parts = [_services(world, arm, request)]
    if GOODS in request.resources:
        parts.append(_goods(world, arm, request))
    firm, detail, slot, resource, volume, current = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(firm * DETAIL_STRIDE + detail % DETAIL_STRIDE, kind="stable")
    base = firm // world.rows
    items = Items(firm, base, detail, slot, resource, volume, base * count + labels.reshape(-1)[firm], current)
    return items.only(order)


def _goods(world: World, arm: int, request: Round) -> tuple[Array, ...]:
    state, population = world.state.arm(arm), world.population
    surveyed = chance(world.slot_words(f"{request.label}.survey"), pick(request.survey_share, world.base_of_slot))
    slot = np.flatnonzero(surveyed & request.who.reshape(-1)[population.slot_owner] & (state.channel >= OPEN))
    slot = slot[(state.channel[slot] == OPEN) | _would_switch(world, arm, request, slot)]
    paired = state.channel[slot] > OPEN
    current = np.where(paired, world.base_of_slot[slot] * world.rows + state.supplier[slot], -1)
    volume = population.slot_volume[slot]
    return population.slot_owner[slot], world.slot_detail[slot], slot, state.slot_good[slot], volume, current


def _would_switch(world: World, arm: int, request: Round, slot: Array) -> Array:
    if np.ndim(request.switch) == 0 and request.switch == 0.0:
        return np.zeros(len(slot), dtype=bool)
    words = world.slot_words(f"{request.label}.switch")[slot]
    trust = world.trust(np.full(len(slot), arm), slot)
    return chance(words, pick(request.switch, world.base_of_slot[slot]) * (1.0 - trust))


def _services(world: World, arm: int, request: Round) -> tuple[Array, ...]:
    state = world.state.arm(arm)
    wanted = np.isin(np.arange(len(SERVICES)), request.resources)
    if not wanted.any():
        return (*(np.zeros(0, dtype=np.int64) for _ in range(4)), np.zeros(0), np.zeros(0, dtype=np.int64))
    words = world.service_words(f"{request.label}.survey_services")
    share = request.survey_share
    surveyed = chance(words, share if np.ndim(share) == 0 else share[..., None])
    open_to = (state.service_state == WANTED) | (request.idle_too & (state.service_state == IDLE))
    base, row, service = find(surveyed & open_to & wanted & request.who[..., None])
    detail = row * DETAIL_STRIDE + SLOT_STRIDE + service
    none = np.full(len(base), -1)
    return base * world.rows + row, detail, none, world.population.goods + service, np.ones(len(base)), none


def classes(world: World, request: Round, items: Items, with_room: Callable[[], Array]) -> Array:
    """Class of each item, counted on all that are listed; the lowest comes first: 0, -V, or -listed / (1 + with room).

    Args:
        with_room: gives the members with room, or the free places, for each item's resource in its scope.
    """
    if request.order == "random":
        return np.zeros(len(items.firm))
    if request.order == "largest":
        return -items.volume
    resources = world.population.goods + len(SERVICES)
    queue = items.section * resources + items.resource
    _, which, count = np.unique(queue, return_inverse=True, return_counts=True)
    return -count[which] / (1.0 + with_room())


def introduced(world: World, arm: int, request: Round, items: Items, words: Array, urgency: Array) -> Array:
    """Step 3: positions of the items introduced, in the order (section, class, number, owner, slot).

    Args:
        words: u[order] of each item. urgency: its class.
    """
    late = np.zeros(len(words), dtype=bool)
    if request.key_firms_first:
        late = ~key_firms(world, arm, request).reshape(-1)[items.firm]
    if request.order == "random":
        order = by_word(items.section * 2 + late, words)
    else:
        order = np.lexsort((words, urgency, late, items.section))
    budget = request.budget.reshape(-1)[items.section[order]]
    return order[rank_within(items.section[order]) < budget]


def key_firms(world: World, arm: int, request: Round) -> Array:
    """Anchors and the top `key_share` of members by q_ref in each label of the scope, (bases, rows)."""
    state, population = world.state.arm(arm), world.population
    labels, count = world.labels(request.scope, arm)
    member = np.flatnonzero((state.member & state.active).reshape(-1))
    section = member // world.rows * count + labels.reshape(-1)[member]
    order = by_value(section, -population.capacity_reference.reshape(-1)[member])
    section, member = section[order], member[order]
    members = np.bincount(section, minlength=world.bases * count)[section]
    share = pick(world.parameters.key_share, member // world.rows)
    key = population.anchor.copy()
    key.reshape(-1)[member[rank_within(section) < nearest_whole(share * members)]] = True
    return key
