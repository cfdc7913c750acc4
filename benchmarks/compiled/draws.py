"""Random numbers inside the loop, and how a word meets a chance. `clustersim.spec.draws` says what they are."""

from __future__ import annotations

import math

import numba
import numpy as np

# One thread, no reordering of sums. Division by zero is what the hardware does, as in C and in NumPy. Nothing is
# allocated in the loops, so arrays are passed as in C, without counting references (which would cost more than the
# month itself); and each step is compiled into the month, as a C compiler does with functions of one file.
compiled = numba.njit(error_model="numpy", forceinline=True, _nrt=False)

WORD_RANGE = 2.0**32
POISSON_TERMS = 128

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_FIRST_MULTIPLIER = np.uint64(0xD2511F53)
_SECOND_MULTIPLIER = np.uint64(0xCD9E8D57)
_FIRST_WEYL = np.uint64(0x9E3779B9)
_SECOND_WEYL = np.uint64(0xBB67AE85)
_ROUNDS = 10


@compiled
def details(seed, stream, month, number):
    """The four numbers of an id: Philox4x32-10 with the counter (id, month, stream) and the seed as its key.

    Args:
        seed, stream: uint64.
    """
    c0, c1, c2, c3 = np.uint64(number), np.uint64(month), stream & _MASK, stream >> _HALF
    k0, k1 = seed & _MASK, seed >> _HALF
    for _ in range(_ROUNDS):
        first = _FIRST_MULTIPLIER * c0
        second = _SECOND_MULTIPLIER * c2
        c0, c1, c2, c3 = (second >> _HALF) ^ c1 ^ k0, second & _MASK, (first >> _HALF) ^ c3 ^ k1, first & _MASK
        k0 = (k0 + _FIRST_WEYL) & _MASK
        k1 = (k1 + _SECOND_WEYL) & _MASK
    return np.int64(c0), np.int64(c1), np.int64(c2), np.int64(c3)


@compiled
def below(probability):
    """What a word must be below to meet a probability that is known in the loop only."""
    return np.int64(math.floor(probability * WORD_RANGE))


@compiled
def whole(word, count):
    """One of so many, equally likely."""
    return (word * count) >> 32


@compiled
def normal(first, second):
    a, b = (first + 0.5) / WORD_RANGE, (second + 0.5) / WORD_RANGE
    return math.sqrt(-2.0 * math.log(a)) * math.cos(2.0 * math.pi * b)


@compiled
def laplace(word):
    centred = (word + 0.5) / WORD_RANGE - 0.5
    return math.copysign(math.log1p(-2.0 * abs(centred)), -centred) * (-math.sqrt(0.5))


@compiled
def poisson(word, mean):
    if mean == 0.0:
        return 0
    count, term = 0, math.exp(-mean)
    cumulated = term
    while count < POISSON_TERMS - 1 and word >= math.ceil(cumulated * WORD_RANGE):
        count += 1
        term *= mean / count
        cumulated += term
    return count
