"""Which needs are listed in a round, and which of them are introduced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import (
    Array,
    among_first,
    coarse_classes,
    is_column,
    largest_of_each,
    nearest_whole,
    pick,
    positions,
    rank_within,
    split,
    split_by_word,
)
from clustersim.spec.draws import chance
from clustersim.spec.levers import GOODS, Round
from clustersim.spec.state import DETAIL_STRIDE, IDLE, OPEN, SERVICES, SLOT_STRIDE, WANTED
from clustersim.spec.world import World


@dataclass(frozen=True, eq=False)
class Items:
    """Listed needs, (n,) each; in no order before they are introduced.

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
    base = firm // world.rows
    return Items(firm, base, detail, slot, resource, volume, base * count + labels.reshape(-1)[firm], current)


def _goods(world: World, arm: int, request: Round) -> tuple[Array, ...]:
    state, population = world.arm(arm), world.population
    switches = bool(np.any(request.switch))
    asked = state.channel >= OPEN if switches else state.channel == OPEN
    if _is_survey(request):
        asked &= chance(world.slot_words(f"{request.label}.survey"), pick(request.survey_share, world.base_of_slot))
    slot = positions(asked)
    slot = slot[request.who.reshape(-1)[population.slot_owner[slot]]]
    current = np.full(len(slot), -1)
    if switches:
        slot = slot[(state.channel[slot] == OPEN) | _would_switch(world, arm, request, slot)]
        paired = state.channel[slot] > OPEN
        current = np.where(paired, world.base_of_slot[slot] * world.rows + state.supplier[slot], -1)
    volume = population.slot_volume[slot]
    return population.slot_owner[slot], world.slot_detail[slot], slot, state.slot_good[slot], volume, current


def _would_switch(world: World, arm: int, request: Round, slot: Array) -> Array:
    words = world.slot_words(f"{request.label}.switch")[slot]
    trust = world.trust(arm * world.slots + slot)
    return chance(words, pick(request.switch, world.base_of_slot[slot]) * (1.0 - trust))


def _services(world: World, arm: int, request: Round) -> tuple[Array, ...]:
    of_arm, survey = world.state.service_state[arm], f"{request.label}.survey_services"
    needs = [np.zeros(0, dtype=np.intp)]
    for service in sorted({*request.resources} - {GOODS}):
        asked = of_arm[..., service] == WANTED
        if request.idle_too:
            asked |= of_arm[..., service] == IDLE
        asked &= request.who
        if _is_survey(request):
            asked &= chance(world.service_words(survey)[..., service], request.survey_share)
        needs.append(positions(asked) * len(SERVICES) + service)
    firm, of_need = split(np.concatenate(needs), len(SERVICES))
    detail = split(firm, world.rows)[1] * DETAIL_STRIDE + SLOT_STRIDE + of_need
    none = np.full(len(firm), -1)
    return firm, detail, none, world.population.goods + of_need, np.ones(len(firm)), none


def _is_survey(request: Round) -> bool:
    """Whether some needs are not found; otherwise no numbers are needed."""
    return is_column(request.survey_share) or request.survey_share < 1.0


def urgencies(world: World, request: Round, items: Items, with_room: Callable[[], Array]) -> Array:
    """Class of each item, counted on all that are listed; the lowest comes first: 0, -V, or -listed / (1 + with room).

    Args:
        with_room: gives the members with room, or the free places, for each item's resource in its scope.
    """
    if request.order == "random":
        return np.zeros(len(items.firm))
    if request.order == "largest":
        return -items.volume
    listed_of_queue = np.bincount(_queue(world, items))
    return -listed_of_queue[_queue(world, items)] / (1.0 + with_room())


def _queue(world: World, items: Items) -> Array:
    return items.section * (world.population.goods + len(SERVICES)) + items.resource


def introduced(
    world: World, arm: int, request: Round, items: Items, fits: Array, urgency: Array
) -> tuple[Items, Array]:
    """Step 3: the items introduced, in the order (section, class, number, owner, slot), and their numbers (4, n).

    Most items have no prospect, since their scope's budget goes to items of lower classes. They are left out before
    numbers are drawn, and again by their numbers before anything is sorted.

    Args:
        fits: whether a provider fits each item. urgency: class of each item.
    """
    budget, late = request.budget.reshape(-1), np.zeros(len(fits), dtype=np.intp)
    if request.key_firms_first:
        late[~key_firms(world, arm, request).reshape(-1)[items.firm]] = 1
    classes, number = _classes(world, request, items, urgency)
    some = positions(fits)
    some = some[among_first(items.section[some], late[some] * number + classes[some], 2 * number, budget)]
    words = world.details(f"{request.label}.details", items.base[some], items.detail[some])
    finer, parts = split_by_word(late[some] * number + classes[some], 2 * number, words[0], len(budget))
    low = positions(among_first(items.section[some], finer, parts, budget))
    some, words = some[low], words[:, low]
    items, late, classes = items.only(some), late[some], classes[some]
    if request.order == "largest":  # whose classes are coarse
        classes = np.unique(urgency[some], return_inverse=True)[1]
    order = _in_order(items, late, classes, words[0])
    section = items.section[order]
    order = order[rank_within(section) < budget[section]]
    return items.only(order), words[:, order]


def _in_order(items: Items, late: Array, classes: Array, words: Array) -> Array:
    """Order by (section, late, class, number, owner, slot). Equal numbers are rare: only then the last two matter."""
    number = int(classes.max(initial=0)) + 1
    _, groups = np.unique((items.section.astype(np.int64) * 2 + late) * number + classes, return_inverse=True)
    key = (groups.astype(np.int64) << 32) + words
    order = np.argsort(key, kind="stable")
    if (key[order[1:]] == key[order[:-1]]).any():
        order = np.lexsort((items.detail, items.firm, key))
    return order


def _classes(world: World, request: Round, items: Items, urgency: Array) -> tuple[Array, int]:
    """Whole numbers that follow the urgency within each scope, equal for some that differ a little, and how many."""
    if request.order == "random":
        return np.zeros(len(urgency), dtype=np.intp), 1
    if request.order == "largest":
        classes, number = coarse_classes(-urgency, request.budget.size)
        return number - 1 - classes, number
    resources = world.population.goods + len(SERVICES)
    by_queue = np.full((request.budget.size, resources), np.inf)
    by_queue.reshape(-1)[_queue(world, items)] = urgency
    ranked = np.sort(by_queue, axis=1)
    rises = np.cumsum(ranked[:, 1:] > ranked[:, :-1], axis=1)
    order = np.argsort(by_queue, axis=1, kind="stable")
    classes = np.zeros(by_queue.shape, dtype=np.intp)
    np.put_along_axis(classes, order[:, 1:], rises, axis=1)
    return classes.reshape(-1)[_queue(world, items)], resources


def key_firms(world: World, arm: int, request: Round) -> Array:
    """Anchors and the top `key_share` of members by q_ref in each label of the scope, (bases, rows)."""
    state, population = world.arm(arm), world.population
    labels, count = world.labels(request.scope, arm)
    member = positions((state.member & state.active).reshape(-1))
    section = member // world.rows * count + labels.reshape(-1)[member]
    members = np.bincount(section, minlength=world.bases * count).reshape(world.bases, count)
    wanted = nearest_whole(world.parameters.key_share * members).reshape(-1)
    key = population.anchor.copy()
    size = population.capacity_reference.reshape(-1)[member]
    key.reshape(-1)[member[largest_of_each(section, size, wanted)]] = True
    return key
