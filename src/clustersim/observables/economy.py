"""What statistics offices report: levels and changes over a year."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array
from clustersim.observables import Observable
from clustersim.spec.watched import Asked, Watched

MONTHS_A_YEAR = 12


def output_level(watched: Watched, asked: Asked) -> Array:
    """Output in the months, 10k yuan."""
    return _sum(watched, asked, "output")


def output_change(watched: Watched, asked: Asked) -> Array:
    """Percent by which output in the months is above that of the same months a year before."""
    return _change(watched, asked, "output")


def tax_level(watched: Watched, asked: Asked) -> Array:
    """Tax in the months, 10k yuan: the tax rate x value added."""
    return _sum(watched, asked, "tax")


def tax_change(watched: Watched, asked: Asked) -> Array:
    """Percent by which tax in the months is above that of the same months a year before."""
    return _change(watched, asked, "tax")


def largest_tax_change(watched: Watched, asked: Asked) -> Array:
    """The same change of the enterprise that pays most in the months."""
    own, before = (_by_firm(watched, asked, "tax", back) for back in (0, MONTHS_A_YEAR))
    largest = own.argmax(axis=1)[:, None]
    now, then = (np.take_along_axis(column, largest, axis=1)[:, 0] for column in (own, before))
    return 100.0 * (now / np.where(then > 0, then, np.nan) - 1.0)


def _change(watched: Watched, asked: Asked, column: str) -> Array:
    now, before = _sum(watched, asked, column), _sum(watched, asked, column, MONTHS_A_YEAR)
    return 100.0 * (now / np.where(before > 0.0, before, np.nan) - 1.0)


def _sum(watched: Watched, asked: Asked, column: str, back: int = 0) -> Array:
    total: Array = _by_firm(watched, asked, column, back).sum(axis=1)
    return total


def _by_firm(watched: Watched, asked: Asked, column: str, back: int) -> Array:
    """Sum over the months, so many months earlier, of firms that the filters let through, (seeds, rows)."""
    total: Array = watched.months(column, asked.arm, asked.first - back, asked.last - back).sum(axis=1)
    for name, label in (("site", watched.site), ("chain", watched.chain)):
        if name in asked.filters:
            total = np.where(label[asked.arm] == asked.filters[name], total, 0.0)
    return total


_PLACE = ("site", "chain")
OBSERVABLES = (
    Observable("output_level", "money", output_level, _PLACE, (), ("output",)),
    Observable("output_change", "percent", output_change, _PLACE, (), ("output",)),
    Observable("tax_level", "money", tax_level, _PLACE, (), ("tax",)),
    Observable("tax_change", "percent", tax_change, _PLACE, (), ("tax",)),
    Observable("largest_tax_change", "percent", largest_tax_change, _PLACE, (), ("tax",)),
)
