"""decisions.py under a NumPy whose integers have 32 bits by default, as in WebAssembly and in old Windows builds.

    uv run python tests/equivalence/narrow_integers.py

Functions that choose a dtype by themselves return int32, `np.intp` is int32, and what 32-bit NumPy refuses is refused.
Methods of arrays cannot be replaced, so a sum of flags stays wide here; i386.sh asks a real 32-bit platform.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

PLACES = ("argsort", "bincount", "flatnonzero", "lexsort", "nonzero", "searchsorted", "unique")  # of entries, or counts
MADE = ("append", "arange", "array", "asarray", "concatenate", "cumsum", "full", "indices", "sum", "where")
COUNTED_BY = {"repeat": 1, "bincount": 0}  # argument that must be no wider than a place
REDUCED = ("add", "maximum", "minimum")
WIDE = (np.int64, np.uint64, np.uint32)  # what they meet stays, or becomes, 64 bits wide


def narrow(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(narrow(part) for part in value)
    return value.astype(np.int32) if getattr(value, "dtype", None) == np.int64 else value


def is_wide(value: Any) -> bool:
    """Whether it is a wide array, holds one, or is a number that does not fit into 32 bits."""
    if isinstance(value, (list, tuple)):
        return any(is_wide(part) for part in value)
    return getattr(value, "dtype", None) in WIDE or (isinstance(value, int) and abs(value) >= 2**31)


def refuse_wide(name: str, value: Any) -> None:
    if getattr(value, "dtype", None) in (np.int64, np.uint64, np.uint32):
        raise TypeError(f"{name} cannot cast {value.dtype} to int32")


def narrowed(name: str, always: bool) -> Callable[..., Any]:
    original = getattr(np, name)

    @functools.wraps(original)
    def wrapper(*given: Any, **words: Any) -> Any:
        if name in COUNTED_BY:
            refuse_wide(name, given[COUNTED_BY[name]])
        found = original(*given, **words)
        if name == "unique" and isinstance(found, tuple):
            return (found[0], *(narrow(part) for part in found[1:]))
        if name == "unique" or "dtype" in words or not (always or not is_wide(given)):
            return found
        return narrow(found)

    return wrapper


class Reduced:
    """A ufunc that refuses wide indices in `reduceat`."""

    def __init__(self, ufunc: np.ufunc):
        self._ufunc = ufunc

    def __call__(self, *given: Any, **words: Any) -> Any:
        return self._ufunc(*given, **words)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ufunc, name)

    def reduceat(self, values: Any, indices: Any, **words: Any) -> Any:
        refuse_wide("reduceat", indices)
        return self._ufunc.reduceat(values, indices, **words)


def narrow_numpy() -> None:
    """Before the engine is imported."""
    for name in (*PLACES, *MADE, "repeat"):
        setattr(np, name, narrowed(name, always=name in PLACES))
    for name in REDUCED:
        setattr(np, name, Reduced(getattr(np, name)))
    np.intp = np.int32
    from clustersim import arrays

    positions = arrays.positions
    arrays.positions = lambda mask: narrow(positions(mask))


if __name__ == "__main__":
    narrow_numpy()
    import decisions

    sys.exit(decisions.main([]))
