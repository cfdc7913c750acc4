"""One effect from two arms of the same seeds: paired difference, interval, precision, verdict."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.analysis.intervals import mean_interval, seeds_needed
from clustersim.analysis.verdicts import verdict
from clustersim.measures import Measure
from clustersim.spec.parameters import Values

COLUMNS = (
    *("measure", "unit", "effect_unit", "kind", "headline", "baseline", "level", "effect", "low", "high"),
    *("standard_error", "seeds", "share_better", "variance_gain", "seeds_needed", "margin", "verdict"),
)


def estimate_row(own: np.ndarray, twin: np.ndarray, measure: Measure, parameters: Values) -> dict[str, Any]:
    """One row of estimates (`COLUMNS`) from the values of the same seeds in two arms, shapes (seeds,)."""
    difference = differences(own, twin, measure)
    valid = np.isfinite(difference)
    found = mean_interval(difference[valid])
    margin = float(getattr(parameters, measure.margin)) if measure.margin else np.nan
    said = verdict(found.low, found.high, margin, measure.better) if measure.margin else ""
    return {
        "measure": measure.name,
        "unit": measure.unit,
        "effect_unit": measure.effect_unit,
        "kind": measure.kind,
        "headline": measure.headline,
        "baseline": _mean(twin),
        "level": _mean(own),
        "effect": found.mean,
        "low": found.low,
        "high": found.high,
        "standard_error": found.standard_error,
        "seeds": found.seeds,
        "share_better": _mean(measure.better * difference[valid] > 0) if measure.better else np.nan,
        "variance_gain": _variance_gain(own[valid], twin[valid]),
        "seeds_needed": seeds_needed(found.standard_error * np.sqrt(found.seeds), margin / 2),
        "margin": margin,
        "verdict": str(said),
    }


def differences(own: np.ndarray, twin: np.ndarray, measure: Measure) -> np.ndarray:
    """Effect in each seed, NaN where it is not defined. Any shape.

    Percent are of the size of the twin, so that a rise from below zero is a rise.
    """
    return paired_effects(own, twin, np.asarray(measure.kind == "percent of twin"))


def paired_effects(own: np.ndarray, twin: np.ndarray, percent: np.ndarray) -> np.ndarray:
    """`differences` of several measures at once. `percent`: which of them are told in percent of the twin."""
    difference: np.ndarray = own - twin
    return np.where(percent, 100.0 * difference / np.where(percent & (twin != 0), np.abs(twin), np.nan), difference)


def _mean(sample: np.ndarray) -> float:
    """Mean of the values that are defined."""
    defined = sample[np.isfinite(sample)]
    return float(defined.mean()) if defined.size else float("nan")


def _variance_gain(own: np.ndarray, twin: np.ndarray) -> float:
    if own.size < 2:
        return float("nan")
    paired = float((own - twin).var(ddof=1))
    independent = float(own.var(ddof=1) + twin.var(ddof=1))
    return independent / paired if paired > 0 else (float("inf") if independent > 0 else float("nan"))
