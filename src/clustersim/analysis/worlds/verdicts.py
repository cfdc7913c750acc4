"""The words for an effect over plausible worlds, from its chances alone.

In this order, p being shares of the worlds (by weight):

1. p(within the margin) >= .90: no practical difference;
2. p(above the margin) >= .95: nearly certainly higher; >= .90: very likely; >= .66: likely;
3. the same for lower;
4. else: open.

A share counts as reached where it is reached by more than its own sampling error, sqrt(p (1 - p) / worlds): within that
error of a threshold the weaker word is used. The scale is that of the IPCC's guidance on uncertainty (2010). One world
alone has no verdict.
"""

from __future__ import annotations

import math
from enum import StrEnum

NEARLY_CERTAIN, VERY_LIKELY, LIKELY = 0.95, 0.90, 0.66
WITHIN = 0.90


class Verdict(StrEnum):
    """Their texts are `verdict.<value>` in the message catalogue."""

    NEARLY_CERTAIN_HIGHER = "nearly_certain_higher"
    VERY_LIKELY_HIGHER = "very_likely_higher"
    LIKELY_HIGHER = "likely_higher"
    NO_PRACTICAL_DIFFERENCE = "no_practical_difference"
    OPEN = "open"
    LIKELY_LOWER = "likely_lower"
    VERY_LIKELY_LOWER = "very_likely_lower"
    NEARLY_CERTAIN_LOWER = "nearly_certain_lower"
    ONE_WORLD = "one_world"

    @property
    def direction(self) -> int:
        """1 for higher, -1 for lower, 0 for none."""
        return self.endswith("higher") - self.endswith("lower")


def verdict(above: float, within: float, below: float, worlds: float) -> Verdict:
    """The verdict on the shares of the worlds in which an effect is above, within and below its margin.

    Args:
        worlds: their effective number.
    """
    if worlds <= 1 or math.isnan(above):
        return Verdict.ONE_WORLD
    if _reaches(within, WITHIN, worlds):
        return Verdict.NO_PRACTICAL_DIFFERENCE
    for share, word in ((above, "higher"), (below, "lower")):
        if (grade := likelihood(share, worlds)) is not None:
            return Verdict(f"{grade}_{word}")
    return Verdict.OPEN


def likelihood(share: float, worlds: float) -> str | None:
    """`nearly_certain`, `very_likely` or `likely`; None where a share is below all three."""
    grades = (("nearly_certain", NEARLY_CERTAIN), ("very_likely", VERY_LIKELY), ("likely", LIKELY))
    return next((word for word, least in grades if _reaches(share, least, worlds)), None)


def _reaches(share: float, least: float, worlds: float) -> bool:
    return share - math.sqrt(share * (1.0 - share) / worlds) >= least
