"""A target of calibration: a published number and how far the model may lie from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array

ERRORS = 2.0  # a target is met within so many standard errors


@dataclass(frozen=True)
class Target:
    """A number that the model's mean should come near, with exactly one of the two measures of nearness.

    Attributes:
        error: standard error of the number, above 0, in its unit: a Gaussian kernel.
        tolerance: half-width of the band that counts as equal, above 0, in its unit: a uniform kernel.

    Raises:
        ValueError: both or none is given, or a number is not finite or not above 0.
    """

    name: str
    value: float
    error: float | None = None
    tolerance: float | None = None

    def __post_init__(self) -> None:
        if (self.error is None) == (self.tolerance is None):
            raise ValueError(f"target {self.name!r}: give either an error or a tolerance")
        given = self.error if self.tolerance is None else self.tolerance
        if not (math.isfinite(self.value) and given is not None and math.isfinite(given) and given > 0):
            raise ValueError(f"target {self.name!r}: the value must be finite, its error or tolerance above 0")

    @property
    def reach(self) -> float:
        """The farthest that a mean may lie from the value and meet it: two errors, or the tolerance."""
        return ERRORS * self.error if self.error is not None else float(self.tolerance or 0.0)

    def miss(self, means: Array) -> Array:
        """Signed distance in standard errors; of a tolerance, what lies outside of the band, in half tolerances."""
        away = means - self.value
        if self.error is not None:
            return away / self.error
        outside = np.sign(away) * np.maximum(np.abs(away) - self.reach, 0.0)
        return ERRORS * outside / self.reach

    def met(self, means: Array) -> Array:
        """Whether each mean meets the target, bool, any shape."""
        return np.abs(means - self.value) <= self.reach
