"""Step 5. Party organisations are founded, firms join, standing groups are formed."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, by_word, is_column, positions, rank_within
from clustersim.spec.draws import chance
from clustersim.spec.levers import Formation
from clustersim.spec.world import World


def join(world: World, arm: int, everyone: bool) -> None:
    """Before any instrument reads the state: firms with an organisation are members. Membership never ends."""
    state = world.arm(arm)
    state.member |= (state.organisation | everyone) & state.active


def found(world: World, arm: int) -> None:
    """Firms without an organisation found one with this month's hazard; they join from the next month on."""
    hazard = world.levers[arm].founding
    if not is_column(hazard) and hazard == 0.0:
        return
    state = world.arm(arm)
    hazard = np.broadcast_to(hazard, state.active.shape).reshape(-1)
    asked = positions(state.active.reshape(-1) & (hazard > 0.0))
    words = world.firm_words("organisation.founding").reshape(-1)[asked]
    state.organisation.reshape(-1)[asked[chance(words, hazard[asked])]] = True


def form_groups(world: World, arm: int, request: Formation) -> None:
    """Members without a group are ordered by u[group] within their label and cut into groups.

    A last group under half the size joins the label's group before it, if there is one. Where groups are formed anew,
    all of these members leave theirs first.
    """
    state = world.arm(arm)
    labels, count = world.labels(request.scope, arm)
    asked = request.who & state.member & state.active
    if request.anew:
        state.group[asked] = -1
    chosen = positions((asked & (state.group < 0)).reshape(-1))
    if len(chosen) == 0:
        return
    base = chosen // world.rows
    section = base * count + labels.reshape(-1)[chosen]
    words = world.firm_words(f"{request.label}.group").reshape(-1)[chosen]
    order = by_word(section, words)
    chosen, base, section = chosen[order], base[order], section[order]
    rank = rank_within(section)
    size_of_section = np.bincount(section, minlength=world.bases * count)
    number = rank // request.size
    last, rest = size_of_section[section] // request.size, size_of_section[section] % request.size
    number = np.where((number == last) & (2 * rest < request.size) & (last > 0), number - 1, number)
    group = _numbered(base, section, number, state.group)
    state.group.reshape(-1)[chosen] = group
    state.trust_group[base, group] = 0.0  # meetings raise the trust of all numbers, of groups to come too


def _numbered(base: Array, section: Array, number: Array, group: Array) -> Array:
    """Numbers of the new groups: the lowest that no firm's group of the base has, in their order.

    Args:
        base, section, number: of the firms that are grouped. group: of all firms, (bases, rows), -1 none.
    """
    new = np.ones(len(base), dtype=np.intp)
    new[1:] = (section[1:] != section[:-1]) | (number[1:] != number[:-1])
    running = np.cumsum(new)
    place = running - running[np.searchsorted(base, base)]  # of the group among the new ones of its base
    bases, rows = group.shape
    taken = np.zeros((bases, rows), dtype=bool)
    in_group = np.nonzero(group >= 0)
    taken[in_group[0], group[in_group]] = True
    free_base, free = np.nonzero(~taken)
    numbers: Array = free[np.searchsorted(free_base, base) + place]
    return numbers
