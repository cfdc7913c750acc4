"""The few array idioms that several mechanisms share. No knowledge of the model here."""

from __future__ import annotations

from typing import Any

import numpy as np

type Array = np.ndarray[Any, Any]

GRAIN = 1024.0  # volumes, rooms and delivery rates decide events in multiples of 1 / GRAIN


def floor_to_grain(values: Array) -> Array:
    """Down to a multiple of 1/1024, so that the last bit of exp or power decides nothing."""
    return np.floor(values * GRAIN) / GRAIN


def nearest_whole(value: Any) -> Array:
    """Half up, unlike np.round: 2.5 slots are 3 and so are 3.4."""
    return np.floor(np.asarray(value) + 0.5).astype(np.intp)


def is_column(value: Any) -> bool:
    """Whether a value differs between bases, firms or slots, and is not one number for all."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def positions(mask: Array) -> Array:
    """`np.flatnonzero` without its wrappers, which cost more than a small mask itself."""
    found: Array = mask.reshape(-1).nonzero()[0]
    return found


def pick(value: Any, index: Array) -> Any:
    """A parameter at each base: the number itself, or the entry of its column (bases, 1)."""
    return value if not is_column(value) else value[index, 0]


def split(number: Array, size: int) -> tuple[Array, Array]:
    """Whole and rest of a division, `np.divmod` of numbers that are not negative, ten times as fast."""
    whole = number // size
    return whole, number - whole * size


def cells(table: Array, index: Array) -> Array:
    """`np.take_along_axis` over the last axis, several times faster; the axes before it broadcast.

    Args:
        table: (..., labels). index: (..., n) labels.
    """
    row = np.arange(table[..., 0].size).reshape(*table.shape[:-1], 1)
    found: Array = table.reshape(-1)[row * table.shape[-1] + index]
    return found


def group_sum(groups: Array, weights: Array | None, length: int) -> Array:
    """Sum by group, added up in the order of the entries (so bit for bit the same in any batch)."""
    total = np.bincount(groups, weights, minlength=length)
    return total if weights is None else total.astype(np.float64, copy=False)  # no entries: bincount gives integers


def sum_of_firms(column: Array, incumbents: int) -> Array:
    """Sum over the last axis. Reserve rows are added one by one, so that empty ones change no bit of the sum."""
    total: Array = column[..., :incumbents].sum(axis=-1)
    if column.shape[-1] > incumbents:
        total = total + np.cumsum(column[..., incumbents:], axis=-1)[..., -1]
    return total


def rank_within(groups: Array) -> Array:
    """Rank of each entry within its group, from 0; equal groups stand side by side."""
    position = np.arange(len(groups))
    return position - starts_of(groups, position)


def starts_of(groups: Array, position: Array | None = None) -> Array:
    """Position of the first entry of each entry's group; equal groups stand side by side."""
    if len(groups) == 0:
        return np.zeros(0, dtype=np.intp)
    position = np.arange(len(groups)) if position is None else position
    first = np.empty(len(groups), dtype=bool)
    first[0] = True
    np.not_equal(groups[1:], groups[:-1], out=first[1:])
    return np.maximum.accumulate(np.where(first, position, 0))


def by_word(groups: Array, words: Array) -> Array:
    """Order by (group, 32-bit number); entries that agree in both keep their order."""
    return np.argsort((groups.astype(np.int64) << 32) + words, kind="stable")


def by_value(groups: Array, values: Array) -> Array:
    """Order by (group, value); entries that agree in both keep their order."""
    order = np.argsort(values, kind="stable")
    few = len(groups) == 0 or int(groups.max()) < 2**15  # narrow whole numbers are sorted by radix
    return order[np.argsort(groups[order].astype(np.int16 if few else np.int64), kind="stable")]


def among_first(groups: Array, classes: Array, number: int, wanted: Array) -> Array:
    """Whether each entry may be among the first `wanted` of its group, in the order of the classes.

    Those are left out whose group is filled by entries of lower classes alone, so that few are left to be sorted.

    Args:
        groups: (n,) below len(wanted). classes: (n,) in 0 .. number - 1. wanted: (groups,).
    """
    key = groups * number + classes
    counted = np.bincount(key, minlength=len(wanted) * number).reshape(-1, number)
    before = np.cumsum(counted, axis=1) - counted
    return (before < wanted[:, None]).reshape(-1)[key]


def coarse_classes(values: Array, groups: int) -> tuple[Array, int]:
    """Small whole numbers that rise with positive values, and how many there are: not many more than entries a group.

    The sign, exponent and first bits of a float, read as a whole number, have the order of the floats.
    """
    if len(values) == 0:
        return np.zeros(0, dtype=np.intp), 1
    classes = np.ascontiguousarray(values, dtype=np.float64).view(np.int64) >> _FINE_BITS
    classes = (classes - classes.min()).astype(np.intp)
    number = int(classes.max()) + 1
    while number > 1 and groups * number > 2 * len(values):
        classes, number = classes >> 1, (number + 1) >> 1
    return classes, number


_FINE_BITS = 48  # of a float64 that classes leave out: sixteen classes between a number and its double


def largest_of_each(groups: Array, values: Array, wanted: Array) -> Array:
    """Positions of the `wanted` largest of each group, by (group, value falling); equal values keep their order.

    Args:
        groups: (n,) below len(wanted). values: (n,) positive. wanted: (groups,).
    """
    classes, number = coarse_classes(values, len(wanted))
    some = positions(among_first(groups, number - 1 - classes, number, wanted))
    some = some[by_value(groups[some], -values[some])]
    return some[rank_within(groups[some]) < wanted[groups[some]]]


def split_by_word(classes: Array, number: int, words: Array, groups: int) -> tuple[Array, int]:
    """Classes split by the first bits of 32-bit numbers, about as finely as a group has entries, and how many."""
    bits = max(0, (len(words) // max(1, number * groups)).bit_length() - 1)
    return (classes << bits) + (words.astype(np.int64) >> (32 - bits)).astype(np.intp), number << bits


def lowest_words_of_each(groups: Array, words: Array, wanted: Array) -> Array:
    """Positions of the entries with the `wanted` lowest 32-bit numbers of each group, by (group, number, position)."""
    classes, number = split_by_word(np.zeros(len(words), dtype=np.intp), 1, words, len(wanted))
    some = positions(among_first(groups, classes, number, wanted))
    some = some[by_word(groups[some], words[some])]
    return some[rank_within(groups[some]) < wanted[groups[some]]]


def at_rank(groups: Array, values: Array, rank: Array) -> Array:
    """The value at a rank of each group, from 0 for its smallest; (groups,), 0 where a group is not that large.

    Args:
        groups: (n,) below len(rank). values: (n,) positive. rank: (groups,), below 0 where none is asked for.
    """
    classes, number = coarse_classes(values, len(rank))
    key = groups * number + classes
    counted = np.bincount(key, minlength=len(rank) * number).reshape(-1, number)
    up_to = np.cumsum(counted, axis=1)
    before = up_to - counted
    holds = (before <= rank[:, None]) & (rank[:, None] < up_to)
    some = positions(holds.reshape(-1)[key])
    some = some[by_value(groups[some], values[some])]
    asked = rank - (before * holds).sum(axis=1)  # within the one class that holds it
    chosen = some[rank_within(groups[some]) == asked[groups[some]]]
    found = np.zeros(len(rank))
    found[groups[chosen]] = values[chosen]
    return found


def accept_in_order(provider: Array, volume: Array, free: Array) -> Array:
    """Each provider takes, in the order given, every application that still fits, and skips the others.

    Args:
        provider: (n,) equal providers stand side by side.
        volume: (n,) what each application needs, exact in sums.
        free: (n,) what its provider has free at the start.

    Returns:
        (n,) bool.
    """
    if len(provider) == 0:
        return np.zeros(0, dtype=bool)
    start = starts_of(provider)
    total = np.bincount(start, volume, minlength=len(provider))
    accepted = total[start] <= free
    contested = positions(~accepted)
    if len(contested):
        rank = contested - start[contested]
        taken = np.zeros(len(provider))
        for turn in range(int(rank.max()) + 1):
            now = contested[rank == turn]
            fits = taken[start[now]] + volume[now] <= free[now]
            accepted[now] = fits
            taken[start[now[fits]]] += volume[now[fits]]
    return accepted


_WINDOWS = (8, 64, 512)


def first_fit(begin: Array, end: Array, needed: Array, offered: Any) -> Array:
    """Position of the first entry of each list that offers at least what is needed, -1 if none does.

    Args:
        begin, end: (n,) each item's list is the stretch begin .. end - 1.
        needed: (n,) what each item needs.
        offered: function (items (k,), positions (k, w)) -> (k, w) of what the entries at these positions offer these
            items; -inf where an entry may not serve an item.

    Returns:
        (n,) intp positions. Lists are read in widening windows, since most items fit early.
    """
    found = np.full(len(begin), -1, dtype=np.intp)
    waiting = positions(end > begin)
    offset = np.zeros(len(begin), dtype=np.intp)
    for window in (*_WINDOWS, None):
        if len(waiting) == 0:
            break
        width = window or int((end - begin - offset)[waiting].max())
        for part in _chunks(waiting, width):
            places = (begin + offset)[part, None] + np.arange(width)
            inside = places < end[part, None]
            fits = inside & (offered(part, np.where(inside, places, begin[part, None])) >= needed[part, None])
            hit = fits.argmax(axis=1)
            some = fits[np.arange(len(part)), hit]
            found[part[some]] = places[some, hit[some]]
        offset[waiting] += width
        waiting = waiting[(found[waiting] < 0) & ((begin + offset)[waiting] < end[waiting])]
    return found


def _chunks(items: Array, width: int) -> list[Array]:
    """Pieces of a list whose window matrices stay within about 8 MB."""
    size = max(1, 1_000_000 // max(width, 1))
    return [items[first : first + size] for first in range(0, len(items), size)]


def ranges(begin: Array, end: Array) -> tuple[Array, Array]:
    """All positions of the stretches begin .. end - 1, and the number of the stretch that each belongs to."""
    length = end - begin
    stretch = np.repeat(np.arange(len(begin)), length)
    first = np.cumsum(length) - length
    return begin[stretch] + np.arange(len(stretch)) - first[stretch], stretch


def largest_remainder(shares: Any, total: int) -> Array:
    """Whole numbers that add up to `total` and follow the shares; ties go to the earlier one."""
    exact = np.asarray(shares, dtype=float) / np.sum(shares) * total
    counts = np.floor(exact + 1e-9).astype(np.intp)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - counts.sum()]] += 1
    return counts
