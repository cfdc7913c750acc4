"""Sorting and selecting, as plain as they are known."""

from __future__ import annotations

from .draws import compiled

INSERTED = 8  # stretches that are sorted by insertion before any are merged


@compiled
def sort(keys, items, spare_keys, spare_items, count):
    """Sort keys and with them their items, from below; those that agree keep their order."""
    for begin in range(0, count, INSERTED):
        _insert(keys, items, begin, min(begin + INSERTED, count))
    length = INSERTED
    while length < count:
        for begin in range(0, count, 2 * length):
            middle, end = min(begin + length, count), min(begin + 2 * length, count)
            _merge(keys, items, spare_keys, spare_items, begin, middle, end)
        for position in range(count):
            keys[position], items[position] = spare_keys[position], spare_items[position]
        length *= 2


@compiled
def _insert(keys, items, begin, end):
    for position in range(begin + 1, end):
        key, item, at = keys[position], items[position], position
        while at > begin and keys[at - 1] > key:
            keys[at], items[at] = keys[at - 1], items[at - 1]
            at -= 1
        keys[at], items[at] = key, item


@compiled
def _merge(keys, items, spare_keys, spare_items, begin, middle, end):
    left, right = begin, middle
    for position in range(begin, end):
        if right >= end or (left < middle and keys[left] <= keys[right]):
            spare_keys[position], spare_items[position] = keys[left], items[left]
            left += 1
        else:
            spare_keys[position], spare_items[position] = keys[right], items[right]
            right += 1


@compiled
def select(values, count, rank):
    """The value of a rank, by Hoare's way; the values are left in another order."""
    low, high = 0, count - 1
    while low < high:
        pivot, left, right = values[(low + high) >> 1], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return values[rank]
