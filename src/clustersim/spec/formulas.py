"""Formulas that several mechanisms need. They work on a number and on an array alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import floor_to_grain


def room(full_output: Any, loss: Any, smoothed_demand: Any, displacement: Any) -> Any:
    """Room for local orders: q A (1 - loss) - (1 - displacement) Dbar, down to a multiple of 1/1024.

    Args:
        full_output: q A, 10k yuan a month.

    Returns:
        10k yuan a month, may be negative.
    """
    return floor_to_grain(full_output * (1.0 - loss) - (1.0 - displacement) * smoothed_demand)


def needed_input(paired: Any, friction: Any) -> Any:
    """n: share of its order that a slot counts on, 1 if paired, 1 - friction if open, since friction is delay."""
    return np.where(paired, 1.0, 1.0 - friction)


def missing(needed: Any, inputs: Any) -> Any:
    """max(0, n - x): share of its order that a slot lacks."""
    return np.maximum(0.0, needed - inputs)


def trust_after(first_trust: Any, months: Any, rate: Any) -> Any:
    """Trust of a pair after some months: each month adds rate * (1 - trust).

    Closed form of the recursion: 1 - (1 - first trust) * (1 - rate)^months.
    """
    return 1.0 - (1.0 - first_trust) * np.power(1.0 - rate, months)


def engagement_months(duration: Any, factor: Any) -> Any:
    """max(1, floor(duration * factor + 1/2)), fixed when the engagement starts."""
    return np.maximum(1, np.floor(duration * factor + 0.5))


ROUNDING = 1e-9  # 100 places * 1.15 are 115, whatever the last bit says


def places_open(offered: Any, factor: Any, added: Any) -> Any:
    """Places of this month: floor(places at the start * factor + added). A fall sends nobody away."""
    return np.floor(offered * factor + added + ROUNDING)
