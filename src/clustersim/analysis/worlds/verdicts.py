"""The words for an effect over plausible worlds, from its chances alone.

In this order, p being shares of the worlds (by weight):

1. p(within the margin) >= .90: no practical difference;
2. p(above the margin) >= .95: nearly certainly higher; >= .90: very likely; >= .66: likely;
3. the same for lower;
4. else: open.

No two of them can hold at once, since the shares add up to 1. A share counts as reached where it is reached by more
than its simulation error: within that error of a threshold the weaker word is used. The scale is that of the IPCC's
guidance on uncertainty (2010). One world alone has no verdict.
"""

from __future__ import annotations

import math
from enum import StrEnum

NEARLY_CERTAIN, VERY_LIKELY, LIKELY = 0.95, 0.90, 0.66
WITHIN = 0.90
ROUNDING = 1e-9  # of sums of weights


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


class Lead(StrEnum):
    """How sure it is which arm is best. Their texts are `lead.<value>` in the message catalogue."""

    NEARLY_CERTAIN = "nearly_certain"
    VERY_LIKELY = "very_likely"
    LIKELY = "likely"
    NO_PRACTICAL_DIFFERENCE = "no_practical_difference"
    OPEN = "open"
    ONE_WORLD = "one_world"


def verdict(
    above: float, within: float, below: float, worlds: float, errors: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Verdict:
    """The verdict on the shares of the worlds in which an effect is above, within and below its margin.

    Args:
        worlds: their effective number.
        errors: simulation errors of the three shares; what the number of worlds alone tells is their least.
    """
    if worlds <= 1:
        return Verdict.ONE_WORLD
    if math.isnan(above):
        return Verdict.OPEN
    if _reaches(within, WITHIN, worlds, errors[1]):
        return Verdict.NO_PRACTICAL_DIFFERENCE
    for share, error, word in ((above, errors[0], "higher"), (below, errors[2], "lower")):
        if (grade := likelihood(share, worlds, error)) is not None:
            return Verdict(f"{grade}_{word}")
    return Verdict.OPEN


def lead(best: float, alike: float, worlds: float, errors: tuple[float, float] = (0.0, 0.0)) -> Lead:
    """The verdict on an arm that is best in a share `best` of the worlds; in `alike` all lie within the margin.

    Args:
        worlds: their effective number. errors: simulation errors of both shares.
    """
    if worlds <= 1:
        return Lead.ONE_WORLD
    if _reaches(alike, WITHIN, worlds, errors[1]):
        return Lead.NO_PRACTICAL_DIFFERENCE
    return Lead(likelihood(best, worlds, errors[0]) or "open")


def likelihood(share: float, worlds: float, error: float = 0.0) -> str | None:
    """`nearly_certain`, `very_likely` or `likely`; None where a share is below all three."""
    grades = (("nearly_certain", NEARLY_CERTAIN), ("very_likely", VERY_LIKELY), ("likely", LIKELY))
    return next((word for word, least in grades if _reaches(share, least, worlds, error)), None)


def error_of_share(share: float, worlds: float) -> float:
    """Standard error of a share of so many worlds, one more on either side, so that none out of few is not certain."""
    smoothed = (share * worlds + 1.0) / (worlds + 2.0)
    return math.sqrt(smoothed * (1.0 - smoothed) / (worlds + 2.0))


def _reaches(share: float, least: float, worlds: float, error: float) -> bool:
    return share - max(error, error_of_share(share, worlds)) >= least - ROUNDING
