"""The registry: every parameter's default, ranges and words fit together, and the model runs at its hard bounds."""

import math
from typing import Any

import numpy as np
import pytest

from clustersim import instruments
from clustersim.spec.parameters import MODEL_PARAMETERS, SECTIONS, Parameter
from small_worlds import EVERYTHING, Finished, make, run

STATUSES = {"assumption", "fitted", "literature", "evidence", "choice"}
ALL: dict[str, Parameter] = dict(MODEL_PARAMETERS)
for _instrument in instruments.names():
    ALL |= {f"{_instrument}.{name}": one for name, one in instruments.parameters(_instrument).items()}


@pytest.mark.parametrize("name", ALL)
def test_a_parameter_is_consistent(name: str) -> None:
    one = ALL[name]
    assert one.status in STATUSES
    if one.kind == "choice":
        assert one.default in one.choices
    elif one.kind == "choices":
        assert set(one.default) <= set(one.choices)
    elif one.is_numeric:
        low, high = one.hard
        assert low <= one.default <= high
        assert isinstance(one.default, int) == (one.kind == "integer")
        if one.plausible is not None:
            assert low <= one.plausible[0] < one.plausible[1] <= high
    if one.status in ("assumption", "fitted") and one.is_numeric:
        assert one.plausible is not None  # studies vary what nobody has measured


def test_names_stand_once() -> None:
    registries = [[one for section in SECTIONS.values() for one in section]]
    registries += [instruments.module(name).PARAMETERS for name in instruments.names()]
    for registry in registries:
        assert len({one.name for one in registry}) == len(registry) > 0


@pytest.mark.parametrize("name", instruments.names())
def test_only_what_costs_by_the_piece_is_scaled(name: str) -> None:
    """`budget: equal` scales introductions, quotas and places; they start at 0 and have no other bound."""
    for one in instruments.parameters(name).values():
        if one.scaled:
            assert one.hard == (0.0, math.inf)


def finite(found: Finished) -> bool:
    return all(np.isfinite(column).all() for column in found.recorder.series.values())


def at(name: str, value: Any) -> dict[str, Any]:
    return {name: int(value) if MODEL_PARAMETERS[name].kind == "integer" else float(value)}


BOUNDED = [
    (name, bound)
    for name, one in MODEL_PARAMETERS.items()
    if one.is_numeric
    for bound in {*one.hard, *(one.plausible or ())}
    if (math.isfinite(bound) and 1e-6 < abs(bound) <= 1200) or bound == 0.0
]


@pytest.mark.parametrize(("name", "bound"), BOUNDED)
def test_the_model_runs_at_every_bound(name: str, bound: float) -> None:
    """No NaN, no warning, no output lost altogether, whichever parameter stands at an end of its range."""
    found = run(make({"arm": EVERYTHING}, at(name, bound), months=(6, 12), firms=24), [3])
    assert finite(found)
    assert (found.recorder.series["output"] > 0).all()
