"""How a dose per 100 firms falls on the labels of a scope, month by month, in whole numbers.

A label with F firms is due n F / 100 of a dose n. What is whole of the sum so far has fallen; the phase o, a number in
[0, 1) that belongs to the label, says when the next one falls. Without it small labels would get less than their share.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def per_label(dose: Any, firms: Any) -> Any:
    """n F / 100: what a label with so many firms gets of a dose n per 100 firms."""
    return dose * firms / 100.0


def yearly_quota(dose: Any, firms: Any, age: int, phase: Any) -> Any:
    """Part of a yearly dose n that falls on month a: floor(n F/100 (a+1)/12 + o) - floor(n F/100 a/12 + o)."""
    share = per_label(dose, firms)
    return np.floor(share * (age + 1) / 12.0 + phase) - np.floor(share * age / 12.0 + phase)


def occasional_quota(dose: Any, firms: Any, occasion: int, phase: Any) -> Any:
    """Part of a dose n an occasion that falls on occasion k: floor(n F/100 (k+1) + o) - floor(n F/100 k + o)."""
    share = per_label(dose, firms)
    return np.floor(share * (occasion + 1) + phase) - np.floor(share * occasion + phase)
