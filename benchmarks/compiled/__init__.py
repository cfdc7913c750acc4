"""A compiled yardstick: the month of the batch engine as plain loops, one firm and one slot at a time, with its draws.

It tells what the processor can do, so that the array code has something to be held against. numba is its only need
beyond the package's own, and nothing in the package knows of it.

    runs = compiled.from_world(world, policy)   # a world of one arm, in the burn-in or at its end
    compiled.month(runs)

    uv run python -m benchmarks.compiled.check    # that both engines do the same
    uv run python -m benchmarks.compiled.timing   # what a firm-month costs in either
"""

from __future__ import annotations

from .runs import Runs, from_world, month

__all__ = ["Runs", "from_world", "month"]
