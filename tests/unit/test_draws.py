"""Numbers belong to (seed, month, decision, slot or firm), whoever asks for them, and when."""

import numpy as np
import pytest

from clustersim.spec import draws
from clustersim.spec.draws import Draws, chance, laplace, normal, philox4x32, stream_key, uniform, whole

ONES = 2**32 - 1


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers_of_the_authors_library(counter: tuple[int, ...], key: int, expected: tuple[int, ...]) -> None:
    found = philox4x32(counter, np.array([key], dtype=np.uint64))
    assert tuple(found[:, 0].tolist()) == expected


def test_counters_and_keys_are_taken_one_by_one() -> None:
    keys = np.array([0, 2**64 - 1, 0], dtype=np.uint64)
    counters = tuple(np.array([0, ONES, ONES]) for _ in range(4))
    found = philox4x32(counters, keys)
    assert found[0].tolist()[:2] == [0x6627E8D5, 0x408F276D]
    alone = philox4x32((ONES,) * 4, np.zeros(1, dtype=np.uint64))
    assert found[:, 2].tolist() == alone[:, 0].tolist()


def test_words_are_those_of_numpys_generator() -> None:
    """Month m of a stream of eight words reads block m of the generator keyed by seed and stream."""
    found = Draws([7], 8)
    source = np.random.Philox(key=np.array([7, stream_key("search")], dtype=np.uint64))
    expected = source.random_raw(4 * 5).view(np.uint32).reshape(5, 8)
    assert [found.words("search", month)[0].tolist() for month in range(5)] == expected.tolist()


def test_a_number_does_not_depend_on_other_seeds() -> None:
    together, alone = Draws([3, 0, 2**63 - 1], 10, 3), Draws([0], 10, 3)
    assert np.array_equal(together.words("a", 5, 4)[1:2], alone.words("a", 5, 4))
    ids = np.arange(6)
    several = together.details("a", 5, np.array([0, 1, 2] * 2), ids)
    assert np.array_equal(several[:, [1, 4]], alone.details("a", 5, np.zeros(2, dtype=np.int64), ids[[1, 4]]))


def test_a_number_does_not_depend_on_the_order_of_months() -> None:
    forwards, backwards = Draws([1, 2], 300), Draws([1, 2], 300)
    months = [0, 1, 2, 40, 41, 90, 1200]
    first = {month: forwards.words("a", month, 8).copy() for month in months}
    for month in reversed(months):
        assert np.array_equal(backwards.words("a", month, 8), first[month])


def test_a_number_does_not_depend_on_how_many_months_are_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    months = range(37, 44)
    expected = [Draws([5], 20).words("a", month, 3).tolist() for month in months]
    for block in (1, 500, 10**5):
        monkeypatch.setattr(draws, "_AHEAD", block)
        ahead = Draws([5], 20, last_month=41)
        assert [ahead.words("a", month, 3).tolist() for month in months] == expected


@pytest.mark.parametrize("per_firm", [1, 2, 4, 8])
def test_a_number_of_an_incumbent_does_not_depend_on_the_reserve(per_firm: int) -> None:
    without, few, many = (Draws([5], 21, reserve) for reserve in (0, 3, 50))
    expected = without.words("a", 9, per_firm)
    for found in (few, many):
        assert np.array_equal(found.words("a", 9, per_firm)[:, : 21 * per_firm], expected)
        assert found.words("a", 9, per_firm).shape == (1, (21 + found.reserve) * per_firm)
        rest = found.words("a", 9, per_firm)[0, 21 * per_firm :]
        assert len(set(rest.tolist()) & set(expected[0].tolist())) == 0


def test_a_number_of_an_entrant_does_not_depend_on_the_number_of_incumbents() -> None:
    assert np.array_equal(Draws([5], 21, 6).words("a", 9)[:, 21:], Draws([5], 40, 6).words("a", 9)[:, 40:])


@pytest.mark.parametrize("per_firm", [1, 8])
def test_a_number_of_an_entrant_does_not_depend_on_the_size_of_the_reserve(per_firm: int) -> None:
    many = Draws([5], 21, 90).words("a", 9, per_firm)
    for reserve in (1, 16, 17, 89):
        few = Draws([5], 21, reserve).words("a", 9, per_firm)
        assert np.array_equal(few, many[:, : few.shape[1]])


def test_every_place_has_a_number_of_its_own() -> None:
    found = Draws([0, 1], 50)
    words = [found.words(name, month, 4) for name in ("a", "b", "b.reserve") for month in (0, 1, 2)]
    everything = np.concatenate([one.reshape(-1) for one in words])
    assert len(set(everything.tolist())) > 0.9999 * len(everything)
    ids, seed = np.tile(np.arange(200), 2), np.repeat([0, 1], 200)
    details = [found.details(name, month, seed, ids) for name in ("a", "b") for month in (0, 1)]
    everything = np.concatenate([one.reshape(-1) for one in details])
    assert len(set(everything.tolist())) > 0.9999 * len(everything)


def test_stream_keys_never_change() -> None:
    """blake2b with eight bytes, read little-endian: results of earlier versions stay reproducible."""
    assert stream_key("search.goods") == 12038614811877707694
    assert stream_key("endings.pair") == 14657169773712442878


def test_a_probability_is_met_below_its_threshold() -> None:
    words = np.array([0, 2**31 - 1, 2**31, ONES], dtype=np.uint32)
    assert chance(words, 0.5).tolist() == [True, True, False, False]
    assert chance(words, 0.0).tolist() == [False] * 4
    assert chance(words, 1.0).tolist() == [True] * 4
    assert chance(words, 1.7).tolist() == [True] * 4
    assert chance(words, np.array([0.0, 0.5, 0.5, 1.0])).tolist() == [False, True, False, True]
    assert chance(np.array([0], dtype=np.uint32), 2.0**-32).tolist() == [True]


def test_whole_numbers_are_equally_likely_and_below_their_count() -> None:
    assert whole(np.array([0, 2**31, ONES], dtype=np.uint32), 7).tolist() == [0, 3, 6]
    assert whole(np.array([ONES, ONES], dtype=np.uint32), np.array([1, 10**6])).tolist() == [0, 10**6 - 1]
    counts = np.bincount(whole(sample()[0], 5)) / len(sample()[0])
    assert counts == pytest.approx(0.2, abs=0.004)


def sample() -> np.ndarray:
    return Draws([11], 2**16).words("moments", 3, 2).reshape(2, -1)


def test_uniform_numbers() -> None:
    numbers = uniform(sample()[0])
    assert numbers.mean() == pytest.approx(0.5, abs=0.004)
    assert numbers.var() == pytest.approx(1 / 12, abs=0.001)
    assert uniform(np.array([0, ONES], dtype=np.uint32)).tolist() == [0.5 / 2**32, 1 - 0.5 / 2**32]


def test_normal_numbers() -> None:
    numbers = normal(*sample())
    assert numbers.mean() == pytest.approx(0.0, abs=0.012)
    assert numbers.std() == pytest.approx(1.0, abs=0.01)
    assert (numbers**3).mean() == pytest.approx(0.0, abs=0.05)
    assert (numbers**4).mean() == pytest.approx(3.0, abs=0.12)
    assert np.isfinite(normal(*np.array([[0, ONES], [ONES, 0]], dtype=np.uint32))).all()


def test_laplace_numbers() -> None:
    numbers = laplace(sample()[0])
    assert numbers.mean() == pytest.approx(0.0, abs=0.012)
    assert numbers.std() == pytest.approx(1.0, abs=0.015)
    assert (numbers**4).mean() == pytest.approx(6.0, abs=0.6)
    # P(|x| > t) = exp(-sqrt(2) t); u = 0.75 is the upper quartile: ln 2 / sqrt 2
    assert laplace(np.array([3 * 2**30], dtype=np.uint32))[0] == pytest.approx(np.log(2) / np.sqrt(2), abs=1e-9)
    assert laplace(np.array([2**30], dtype=np.uint32))[0] == pytest.approx(-np.log(2) / np.sqrt(2), abs=1e-9)
    assert np.isfinite(laplace(np.array([0, ONES], dtype=np.uint32))).all()


def test_numbers_of_entrants_are_the_highest_until_they_are_wanted() -> None:
    found, fresh = Draws([5, 6], 20, 3), Draws([5, 6], 20, 3)
    before = found.words("a", 7, 4, entrants=False).copy()
    assert (before[:, 80:] == ONES).all()
    after = found.words("a", 7, 4, entrants=True)
    assert np.array_equal(after, fresh.words("a", 7, 4))
    assert np.array_equal(after[:, :80], before[:, :80])


def test_a_number_does_not_depend_on_the_pieces_in_which_many_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    months = [0, 1, 2, 3, 8]
    expected = [Draws([5, 9], 50, 20).words("a", month, 8).copy() for month in months]
    monkeypatch.setattr(draws, "_PIECE", 64)  # 400 words of incumbents, 128 of a stretch of entrants
    monkeypatch.setattr(draws, "_AHEAD", 10**5)
    piecewise = Draws([5, 9], 50, 20)
    assert all(
        np.array_equal(piecewise.words("a", month, 8), words) for month, words in zip(months, expected, strict=True)
    )


def test_counters_of_many_chunks_are_those_of_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, keys = np.arange(100), np.repeat(np.array([3, 4], dtype=np.uint64), 50)
    expected = philox4x32((ids, 7, 1, 2), keys)
    monkeypatch.setattr(draws, "_AT_ONCE", 16)
    assert np.array_equal(philox4x32((ids, 7, 1, 2), keys), expected)
    alone = np.concatenate([philox4x32((ids[[one]], 7, 1, 2), keys[[one]]) for one in ids], axis=1)
    assert np.array_equal(alone, expected)
