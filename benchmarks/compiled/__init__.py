"""A compiled yardstick: the month of the batch engine as plain loops, one firm and one slot at a time, with its draws.

It tells what the processor can do, so that the array code has something to be held against. numba is its only need
beyond the package's own (`uv pip install numba`), and nothing in the package knows of it.

    runs = compiled.from_world(world, policy)   # a world of one arm, in its burn-in or at its end
    compiled.month(runs)

    uv run python -m benchmarks.compiled.check    # that both engines do the same
    uv run python -m benchmarks.compiled.timing   # what a firm-month costs in either

Compiling takes most of a minute in each process: numba's cache does not see that another file has changed. It knows
the policies that the instruments of `cluster_committee` make up, one parameter point, no reserve rows and no events;
whatever else it is given it refuses. exp and log are those of the C library, one number at a time.

`layout` holds the records, `rules` what a policy asks for, `draws` the numbers, `pairs` what makes and ends pairs,
`search`, `policy`, `rounds` and `production` the steps, `runs` the month.
"""

from __future__ import annotations

from .runs import Runs, from_world, month

__all__ = ["Runs", "from_world", "month"]
