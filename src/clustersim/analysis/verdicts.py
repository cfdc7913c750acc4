"""The word for a result: better, worse, no practical difference, or undecided.

One rule, read from the 95% interval [low, high] of an effect and its margin of practical difference, in this
order:

1. no interval (fewer than two seeds): undecided;
2. -margin <= low and high <= margin: no practical difference;
3. low > 0: better; high < 0: worse;
4. else: undecided.

So `better` says which side of zero, not how far: an estimate can be better and smaller than the margin, which
`within_margin` tells and the sentences say. Where less is better (a loss), the interval is turned round
first.
"""

from __future__ import annotations

import math
from enum import StrEnum


class Verdict(StrEnum):
    """Its texts are `verdict.<value>` in the message catalogue."""

    BETTER = "better"
    WORSE = "worse"
    NO_PRACTICAL_DIFFERENCE = "no_practical_difference"
    UNDECIDED = "undecided"


def verdict(low: float, high: float, margin: float, better: int = 1) -> Verdict:
    """The verdict on an interval.

    Args:
        low, high: 95% interval of the effect, NaN where there is none.
        margin: margin of practical difference in the same unit, 0 or more.
        better: 1 where more is better, -1 where less is.
    """
    if math.isnan(low) or math.isnan(high):
        return Verdict.UNDECIDED
    if better < 0:
        low, high = -high, -low
    if -margin <= low and high <= margin:
        return Verdict.NO_PRACTICAL_DIFFERENCE
    if low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if high < 0 else Verdict.UNDECIDED


def within_margin(effect: float, margin: float, found: str) -> bool:
    """Whether a better or worse estimate is itself smaller than the margin."""
    return found in (Verdict.BETTER, Verdict.WORSE) and abs(effect) < margin
