"""Named random streams: a number belongs to (seed, month, decision, slot or firm), whoever asks for it, and when.

Two kinds of numbers, both from Philox (Salmon et al. 2011, doi:10.1145/2063384.2063405):

*words*    one number for every firm or slot of a seed: Philox4x64, keyed by the seed and a stable hash of the stream's
           name, its 64-bit words read as pairs of uint32. They gate: does anything happen here this month?
*details*  four numbers for the few slots or firms concerned: Philox4x32 in vectorised form, keyed by the seed, with
           (id, month, stream) as its counter. They say which, where, how long.

Incumbents have streams of their own, and so has every stretch of 16 reserve rows: no firm's numbers depend on how many
reserve rows a scenario has. A probability p is met by `word < floor(p * 2**32)`. Zero is a seed.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array, is_column

WORD_RANGE = 2.0**32
_HIGHEST = np.uint32(2**32 - 1)
RESERVE_ROWS = 16  # rows of a reserve stream
_WORDS_PER_COUNTER = 8  # a Philox4x64 block is four 64-bit words, each read as two uint32
_PIECE = 1 << 14  # words that are drawn at once, in memory that the processor still holds
_AHEAD = 1 << 11  # months are drawn together up to so many words a seed: re-keying costs as much as 500


@functools.cache
def stream_key(name: str) -> int:
    """A stable 64-bit hash of a stream's name: a new stream shifts no old one."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def label_code(label: str) -> int:
    """A positive 31-bit number by which the state remembers an instrument's label."""
    return stream_key(label) % (2**31 - 1) + 1


def chance(words: Any, probability: Any) -> Array:
    """Whether each word meets its probability: `word < floor(p * 2**32)`."""
    if not is_column(probability):
        return np.less(words, int(np.floor(float(probability) * WORD_RANGE)))
    return np.less(words, np.floor(np.asarray(probability) * WORD_RANGE))


def uniform(words: Any) -> Array:
    """Words as float64 strictly between 0 and 1."""
    return (words + 0.5) / WORD_RANGE


def normal(first: Any, second: Any) -> Array:
    """Standard normal numbers from two words each (Box and Muller)."""
    return np.sqrt(-2.0 * np.log(uniform(first))) * np.cos(2.0 * np.pi * uniform(second))


def laplace(words: Any) -> Array:
    """Laplace numbers of mean 0 and standard deviation 1, by inversion."""
    centred = uniform(words) - 0.5
    return np.copysign(np.log1p(-2.0 * np.abs(centred)), -centred) * (-np.sqrt(0.5))


def whole(words: Any, count: Any) -> Array:
    """Equally likely whole numbers below `count` (int64)."""
    return (np.asarray(words, dtype=np.int64) * np.asarray(count, dtype=np.int64)) >> 32


@dataclass(frozen=True, eq=False)
class _Ahead:
    """Words of some months of a stream, (months, seeds, words of all firms)."""

    first: int
    words: Array

    @property
    def end(self) -> int:
        return self.first + len(self.words)


class Draws:
    """The numbers of some seeds.

    Args:
        seeds: whole numbers in 0 .. 2**64 - 1.
        incumbents: firms of a seed at the start.
        reserve: rows for entrants behind them.
        last_month: beyond which no numbers are drawn ahead.
    """

    def __init__(self, seeds: Sequence[int], incumbents: int, reserve: int = 0, last_month: int = 2**31):
        self.seeds = tuple(int(seed) for seed in seeds)
        self.incumbents = incumbents
        self.reserve = reserve
        self.last_month = last_month
        self._seed_words = np.array(self.seeds, dtype=np.uint64)
        self._philox = np.random.Philox(key=0)
        self._ahead: dict[tuple[str, int, bool], _Ahead] = {}

    def words(self, stream: str, month: int, per_firm: int = 1, entrants: bool = True) -> Array:
        """uint32, shape (seeds, (incumbents + reserve) * per_firm), contiguous.

        Its memory is used again for the next month.

        Args:
            entrants: whether the numbers of reserve rows are wanted; if not, they are the highest there are.
        """
        key = (stream, per_firm, entrants)
        if entrants:
            self._ahead.pop((stream, per_firm, False), None)
        held = self._ahead.get(key)
        if held is None or not held.first <= month < held.end:
            follows = held is not None and month == held.end
            months = self._months(month, per_firm) if follows else 1
            shape = (months, len(self.seeds), (self.incumbents + self.reserve) * per_firm)
            reused = held is not None and held.words.shape == shape  # fresh memory costs as much as the numbers
            held = _Ahead(month, held.words if held and reused else np.empty(shape, dtype=np.uint32))
            self._draw(stream, held, per_firm, entrants)
            self._ahead[key] = held
        return held.words[month - held.first]

    def _months(self, month: int, per_firm: int) -> int:
        """How many months to draw in one go, for a stream that is asked for month after month."""
        width = (self.incumbents + self.reserve) * per_firm
        return max(1, min(_AHEAD // max(width, 1), self.last_month + 1 - month)) if width <= _PIECE else 1

    def details(self, stream: str, month: int, seed_index: Array, ids: Array) -> Array:
        """uint32, shape (4, len(ids)): four numbers for each id of the seed at `seed_index`."""
        key = stream_key(stream)
        counter = (ids, month, key & 0xFFFFFFFF, key >> 32)
        return philox4x32(counter, self._seed_words[seed_index])

    def _draw(self, stream: str, ahead: _Ahead, per_firm: int, entrants: bool) -> None:
        parts = [(stream, 0, self.incumbents)]
        for row in range(0, self.reserve if entrants else 0, RESERVE_ROWS):
            parts.append((f"{stream}.reserve.{row // RESERVE_ROWS}", self.incumbents + row, RESERVE_ROWS))
        ahead.words[:, :, self.incumbents * per_firm :] = _HIGHEST
        for name, first_row, rows in parts:
            begin = first_row * per_firm
            self._draw_part(name, ahead.first, rows * per_firm, ahead.words[:, :, begin : begin + rows * per_firm])

    def _draw_part(self, stream: str, first_month: int, width: int, target: Array) -> None:
        """The words of one stream. Every month begins with a counter of its own; what is left of its last is unused."""
        months, seeds, wanted = target.shape
        counters = -(-width // _WORDS_PER_COUNTER)
        if counters * _WORDS_PER_COUNTER > _PIECE:  # `_months` says one month for so many
            for number, seed in enumerate(self.seeds):
                self._seek(stream, seed, first_month * counters)
                for begin in range(0, wanted, _PIECE):
                    piece = target[0, number, begin : begin + _PIECE]
                    piece[:] = self._philox.random_raw(_PIECE // 2).view(np.uint32)[: len(piece)]
            return
        raw = np.empty((seeds, months * counters * _WORDS_PER_COUNTER // 2), dtype=np.uint64)
        for number, seed in enumerate(self.seeds):
            self._seek(stream, seed, first_month * counters)
            raw[number] = self._philox.random_raw(raw.shape[1])
        target[:] = raw.view(np.uint32).reshape(seeds, months, -1)[:, :, :wanted].swapaxes(0, 1)

    def _seek(self, stream: str, seed: int, counter: int) -> None:
        """Set the generator to a place of a stream. Lists are read faster than arrays here."""
        state: Any = {
            "bit_generator": "Philox",
            "state": {"counter": [counter, 0, 0, 0], "key": [seed, stream_key(stream)]},
            "buffer": [0, 0, 0, 0],
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        self._philox.state = state


_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], dtype=np.uint64)
_WEYL = np.array([[0x9E3779B9], [0xBB67AE85]], dtype=np.uint64)
_ROUNDS = 10
_AT_ONCE = 8192  # counters whose ten rounds stay in the processor's cache: three times as fast as all in one go


def philox4x32(counter: tuple[Any, Any, Any, Any], key: Array) -> Array:
    """Philox4x32-10 for many keys and counters at once.

    Args:
        counter: four whole numbers or arrays (n,), below 2**32.
        key: (n,) uint64, its low half the first key word.

    Returns:
        uint32 (4, n). Known answers of the authors' library are tested.
    """
    key = np.asarray(key, dtype=np.uint64)
    words = np.empty((4, len(key)), dtype=np.uint32)
    for begin in range(0, len(key), _AT_ONCE):
        part = slice(begin, min(begin + _AT_ONCE, len(key)))
        counters = [given[part] if is_column(given) else given for given in counter]
        _philox_rounds(counters, key[part], words[:, part])
    return words


def _philox_rounds(counters: Sequence[Any], key: Array, words: Array) -> None:
    """Two rows are one array: in a round, c0 and c2 meet the multipliers, and become the high halves of each other's
    products with the other counter and the key mixed in."""
    even, odd, products = (np.empty(words[:2].shape, dtype=np.uint64) for _ in range(3))
    even[0], odd[0], even[1], odd[1] = counters
    if (key == key[0]).all():
        key = key[:1]
    keys = np.stack([key & _MASK, key >> _SHIFT])
    crossed = products[::-1]
    for _ in range(_ROUNDS):
        np.multiply(even, _MULTIPLIERS, out=products)
        np.right_shift(crossed, _SHIFT, out=even)
        np.bitwise_xor(even, odd, out=even)
        np.bitwise_xor(even, keys, out=even)
        np.bitwise_and(crossed, _MASK, out=odd)
        keys = (keys + _WEYL) & _MASK
    words[0::2], words[1::2] = even, odd
