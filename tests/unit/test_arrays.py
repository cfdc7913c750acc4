"""The shared array idioms against plain loops."""

import random

import numpy as np
import pytest

from clustersim import arrays


def test_floor_to_grain() -> None:
    values = np.array([0.0, 1 / 1024, 1.9999 / 1024, -0.5 / 1024, 3.0])
    assert arrays.floor_to_grain(values).tolist() == [0.0, 1 / 1024, 1 / 1024, -1 / 1024, 3.0]


def test_nearest_whole_rounds_halves_up() -> None:
    assert arrays.nearest_whole([0.49, 0.5, 1.5, 2.5, 3.4]).tolist() == [0, 1, 2, 3, 3]


def test_pick() -> None:
    index = np.array([2, 0, 0])
    assert arrays.pick(0.5, index) == 0.5
    assert arrays.pick(np.array([[1.0], [2.0], [3.0]]), index).tolist() == [3.0, 1.0, 1.0]


def test_group_sum() -> None:
    groups = np.array([3, 0, 3, 1])
    assert arrays.group_sum(groups, np.array([1.0, 2.0, 4.0, 8.0]), 5).tolist() == [2.0, 8.0, 0.0, 5.0, 0.0]
    assert arrays.group_sum(groups, None, 4).tolist() == [1, 1, 0, 2]


def test_rank_within() -> None:
    assert arrays.rank_within(np.array([4, 4, 4, 1, 7, 7])).tolist() == [0, 1, 2, 0, 0, 1]
    assert arrays.rank_within(np.zeros(0, dtype=np.int64)).tolist() == []


def test_starts_of() -> None:
    assert arrays.starts_of(np.array([4, 4, 1, 7, 7])).tolist() == [0, 0, 2, 3, 3]


def test_ranges() -> None:
    positions, stretch = arrays.ranges(np.array([5, 2, 9]), np.array([7, 2, 12]))
    assert positions.tolist() == [5, 6, 9, 10, 11]
    assert stretch.tolist() == [0, 0, 2, 2, 2]


def test_positions_is_flatnonzero() -> None:
    mask = np.random.default_rng(1).random((3, 4, 5)) < 0.3
    for one in (mask, mask[..., 2], mask[:, ::2], mask * 7, np.zeros(0, dtype=bool)):
        assert arrays.positions(one).tolist() == np.flatnonzero(one).tolist()


def test_is_column() -> None:
    assert [arrays.is_column(one) for one in (0.5, 1, np.float64(2.0), np.array(3.0))] == [False] * 4
    assert arrays.is_column(np.array([[0.5], [0.6]]))


def test_split_is_divmod() -> None:
    numbers = np.array([0, 6, 7, 8, 2**40 + 3])
    for found, expected in zip(arrays.split(numbers, 7), np.divmod(numbers, 7), strict=True):
        assert found.tolist() == expected.tolist()


def test_cells_is_take_along_axis() -> None:
    chance = np.random.default_rng(1)
    table, index = chance.random((3, 4, 5)), chance.integers(0, 5, (3, 4, 9))
    assert np.array_equal(arrays.cells(table, index), np.take_along_axis(table, index, axis=2))
    assert np.array_equal(arrays.cells(table[:1], index), np.take_along_axis(table[[0] * 3], index, axis=2))
    assert np.array_equal(arrays.cells(table[0], index[0]), np.take_along_axis(table[0], index[0], axis=1))


GROUPS = 5


def entries(chance: random.Random, number: int) -> tuple[list[int], list[float], list[int]]:
    """Groups, positive values and words of some entries, many of them equal; the last group is empty."""
    group = [chance.randrange(GROUPS - 1) for _ in range(number)]
    value = [chance.choice([0.001, 1.0, chance.lognormvariate(0.0, 1.5)]) for _ in group]
    word = [chance.choice([0, 7, 2**32 - 1, chance.randrange(2**32)]) for _ in group]
    return group, value, word


@pytest.mark.parametrize("number", [0, 1, 12, 3000])
def test_the_first_of_each_group_are_those_of_a_sort(number: int) -> None:
    chance = random.Random(number)
    for _ in range(20):
        group, value, word = entries(chance, number)
        wanted = [chance.choice([0, 1, 3, 40, 10**6]) for _ in range(GROUPS)]
        groups, most = np.array(group, dtype=np.int64), np.array(wanted)
        largest = arrays.largest_of_each(groups, np.array(value), most).tolist()
        lowest = arrays.lowest_words_of_each(groups, np.array(word, dtype=np.uint32), most).tolist()
        for found, key in ((largest, [-one for one in value]), (lowest, word)):
            expected = []
            for label in range(GROUPS):
                own = sorted((place for place in range(number) if group[place] == label), key=lambda one: key[one])
                expected += own[: wanted[label]]
            assert found == expected


@pytest.mark.parametrize("number", [0, 1, 12, 3000])
def test_the_value_at_a_rank_is_that_of_a_sort(number: int) -> None:
    chance = random.Random(number)
    for _ in range(20):
        group, value, _ = entries(chance, number)
        rank = [chance.choice([-1, 0, 1, 5, 500]) for _ in range(GROUPS)]
        found = arrays.at_rank(np.array(group, dtype=np.int64), np.array(value), np.array(rank)).tolist()
        for label in range(GROUPS):
            own = sorted(one for one, of in zip(value, group, strict=True) if of == label)
            assert found[label] == (own[rank[label]] if 0 <= rank[label] < len(own) else 0.0)


def test_nothing_that_may_be_among_the_first_is_left_out() -> None:
    """And where classes tell enough, nothing else is kept."""
    groups, classes = np.array([0, 0, 0, 1, 1, 1]), np.array([1, 0, 2, 0, 0, 1])
    kept = arrays.among_first(groups, classes, 3, np.array([2, 1]))
    assert kept.tolist() == [True, True, False, True, True, False]
    assert not arrays.among_first(groups, classes, 3, np.array([0, 0])).any()


@pytest.mark.parametrize("groups", [3, 2**40])
def test_orders_are_those_of_a_stable_sort(groups: int) -> None:
    chance = random.Random(groups)
    group = [chance.randrange(groups) % 5 * (groups // 3) for _ in range(300)]
    word = [chance.choice([0, 1, 2**32 - 1, chance.randrange(2**32)]) for _ in group]
    value = [chance.choice([-1.5, 0.0, 2.0, chance.random()]) for _ in group]
    positions = range(len(group))
    if groups < 2**30:
        by_word = arrays.by_word(np.array(group), np.array(word, dtype=np.uint32))
        assert by_word.tolist() == sorted(positions, key=lambda one: (group[one], word[one]))
    by_value = arrays.by_value(np.array(group), np.array(value))
    assert by_value.tolist() == sorted(positions, key=lambda one: (group[one], value[one]))


@pytest.mark.parametrize(
    ("shares", "total", "expected"),
    [
        ([0.5, 0.3, 0.2], 10, [5, 3, 2]),
        ([1, 1, 1], 10, [4, 3, 3]),  # ties go to the earlier one
        ([0.6, 0.4], 3, [2, 1]),
        ([0.45, 0.45, 0.1], 5, [2, 2, 1]),  # 2.25, 2.25, 0.5
        ([0.1] * 10, 10, [1] * 10),
        ([1, 0], 7, [7, 0]),
        ([1, 2], 0, [0, 0]),
    ],
)
def test_largest_remainder(shares: list[float], total: int, expected: list[int]) -> None:
    assert arrays.largest_remainder(shares, total).tolist() == expected


def test_what_does_not_fit_is_skipped_and_what_comes_later_may_fit() -> None:
    provider = np.array([7, 7, 7, 7, 9, 9])
    volume = np.array([2.0, 5.0, 1.0, 1.0, 4.0, 1.0])
    free = np.array([4.0, 4.0, 4.0, 4.0, 4.0, 4.0])
    assert arrays.accept_in_order(provider, volume, free).tolist() == [True, False, True, True, True, False]


def test_accept_in_order_equals_a_loop() -> None:
    chance = random.Random(2)
    for _ in range(50):
        provider = sorted(chance.randrange(6) for _ in range(chance.randrange(40)))
        volume = [chance.randrange(1, 40) / 1024 for _ in provider]
        room = [chance.randrange(-20, 150) / 1024 for _ in range(6)]
        taken, expected = [0.0] * 6, []
        for one, needed in zip(provider, volume, strict=True):
            fits = taken[one] + needed <= room[one]
            taken[one] += needed if fits else 0.0
            expected.append(fits)
        free = np.array([room[one] for one in provider])
        assert arrays.accept_in_order(np.array(provider, dtype=np.int64), np.array(volume), free).tolist() == expected


@pytest.mark.parametrize("longest", [3, 9, 70, 600, 1500])
def test_first_fit_equals_a_scan(longest: int) -> None:
    """Lists longer than every window; -inf is nobody."""
    chance = np.random.default_rng(longest)
    offered = np.round(chance.random(4 * longest) ** 8, 3)
    offered[chance.random(len(offered)) < 0.2] = -np.inf
    begin = chance.integers(0, 3 * longest, 60)
    end = begin + chance.integers(0, longest + 1, 60)
    needed = np.round(chance.choice([0.1, 0.9, 0.999, 2.0], 60), 3)
    expected = [
        next((place for place in range(low, high) if offered[place] >= least), -1)
        for low, high, least in zip(begin, end, needed, strict=True)
    ]
    assert arrays.first_fit(begin, end, needed, lambda _, places: offered[places]).tolist() == expected
    assert max(expected) >= 0 > min(expected)


def test_first_fit_reads_each_items_own_offer() -> None:
    """The same entry may be open to one item and closed to another."""
    begin, end = np.zeros(3, dtype=np.int64), np.full(3, 20)
    barred = np.array([0, 1, -1])

    def offered(items: np.ndarray, places: np.ndarray) -> np.ndarray:
        return np.where(places == barred[items, None], -np.inf, (places % 2 == 0).astype(float))

    assert arrays.first_fit(begin, end, np.ones(3), offered).tolist() == [2, 0, 0]
