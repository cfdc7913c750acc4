"""What is plausible for one number before anything is fitted: quantiles of its distribution."""

from __future__ import annotations

import numpy as np

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter

PEAK = 4.0  # weight of the most likely value of a PERT distribution


def uncertain_numbers() -> dict[str, Parameter]:
    """The numbers that differ between worlds: `<parameter>` of the model, `<instrument>.<parameter>` of what an
    instrument achieves. Neither doses nor choices are among them, nor what has no plausible range."""
    of_model = {name: one for name, one in MODEL_PARAMETERS.items() if one.is_uncertain}
    of_instruments = {
        f"{instrument}.{name}": one
        for instrument in instruments.names()
        for name, one in instruments.parameters(instrument).items()
        if one.role == "effect" and one.kind == "number" and one.is_uncertain
    }
    return of_model | of_instruments


def quantiles(parameter: Parameter, unit: Array) -> Array:
    """Values of a registered number at places of (0, 1): PERT over its plausible range, most likely its default."""
    assert parameter.plausible is not None
    low, high = parameter.plausible
    values = pert(low, parameter.default, high, unit)
    return np.rint(values) if parameter.kind == "integer" else values


def pert(low: float, likely: float, high: float, unit: Array) -> Array:
    """Quantiles of the PERT distribution: a beta distribution on [low, high] with mean (low + 4 likely + high) / 6."""
    from scipy.special import betaincinv  # slow to import

    width = high - low
    if width <= 0.0:
        return np.full(np.shape(unit), low)
    likely = min(max(likely, low), high)
    first = 1.0 + PEAK * (likely - low) / width
    found: Array = low + width * betaincinv(first, 2.0 + PEAK - first, unit)
    return found
