"""Twenty years at the ends of all ranges together: nothing locks and nothing explodes, whatever happens on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter
from small_worlds import EVERYTHING, brokering, make, months, run

type Array = np.ndarray[Any, Any]

YEARS = 20
SEEDS = range(2)
TOWN: dict[str, Any] = {
    "firms": 60,
    "sites": {"A": 0.4, "B": 0.3, "C": 0.3},
    "chains": {name: {"tiers": 3, "share": share} for name, share in (("a", 0.4), ("b", 0.3), ("c", 0.3))},
    "institutions": {"vocational_school": 3, "university": 1, "department": 3, "bank": 2},
}
OUTAGES = [
    {"event": "supply", "month": 13, "months": 12, "availability": 0.0, "shock": False},
    {"event": "capacity", "month": 13, "months": 6, "loss": 0.9, "shock": False},
]
CLOSED = {label: entry for label, entry in EVERYTHING.items() if label != "attraction"}
# What grows by itself is left out, and what no month reads.
VARIED = [
    parameter
    for name, parameter in MODEL_PARAMETERS.items()
    if parameter.plausible and name != "demand_trend" and not name.startswith(("price", "tax"))
]
GROWING = {
    "elasticity": 4.0,
    "rivalry": 0.0,
    "capacity_pull": 0.8,
    "crowding": 0.0,
    "reroute": 0.0,
    "friction": 0.1,
    "productivity_reversion": 0.005,
    "capacity_adjustment": 0.06,
    "normal_utilisation": 0.74,
    "absorbed": 0.3,
    "anchor_learning": 0.1,
    "technology_gain": 0.045,
    "technology_success": 0.75,
}
BRITTLE = {
    "input_elasticity": 1.0,
    "specificity": 1.0,
    "choke": 0.9,
    "friction": 0.1,
    "stock": 0.0,
    "bad_end": 0.0,
    "ending": 0.03,
    "shield": 0.9,
    "search": 0.2,
    "conversion": 0.3,
}


@pytest.fixture(name="asked")
def _asked(request: pytest.FixtureRequest) -> None:
    if "slow" not in request.config.getoption("markexpr"):
        pytest.skip("takes a minute or two of a free core: run with -m slow")


def ends(of_each: Any) -> dict[str, Any]:
    """Every parameter at an end of its range; `of_each` says at which, 0 or 1."""
    return {parameter.name: _end(parameter, end) for parameter, end in zip(VARIED, of_each, strict=True)}


def _end(parameter: Parameter, end: int) -> float | int:
    assert parameter.plausible is not None
    value = parameter.plausible[end]
    return int(value) if parameter.kind == "integer" else float(value)


def by_year(parameters: dict[str, Any]) -> Array:
    """Output of each year over that of the first, (arms, seeds, years); no firm has fallen silent."""
    scenario = make({"all": EVERYTHING, "closed": CLOSED}, parameters, OUTAGES, months=(60, 12 * YEARS), **TOWN)
    found = run(scenario, SEEDS)
    state, flows = found.world.state, found.world.flows
    assert (flows.output[state.active] > 0.0).all()
    output = found.recorder.series["output"]
    year = output.reshape(*output.shape[:2], YEARS, 12).sum(axis=3)
    change: Array = year / year[..., :1]
    return change


CORNERS = {"low": [0] * len(VARIED), "high": [1] * len(VARIED)}


@pytest.mark.parametrize(
    "parameters",
    [pytest.param(ends(CORNERS["low"]), marks=pytest.mark.slow), ends(CORNERS["high"]), BRITTLE],
    ids=["all low", "all high", "what locks"],
)
def test_twenty_years_at_the_ends_of_the_ranges(parameters: dict[str, Any]) -> None:
    last = by_year(parameters)[..., -1]
    assert last.min() > 0.5 and last[[0, 2]].max() < 3.0 and last.max() < 6.0, last


@pytest.mark.slow
def test_what_grows_most_slows_down() -> None:
    """Every end that favours growth at once, and doses far above any preset's, entrants among them: output is eight
    times what it was, which is said in docs/odd.md; it grows ever more slowly, so it is no explosion."""
    change = by_year(GROWING)
    assert change[0, :, -1].max() < 4.0 and change[1, :, -1].max() < 15.0, change[..., -1]
    total = change.sum(axis=1)
    assert (total[:, 19] / total[:, 14] < total[:, 14] / total[:, 9]).all()


@pytest.mark.slow
@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("corner", range(48))
def test_twenty_years_at_a_corner_of_all_ranges(corner: int) -> None:
    """Where firms enter that are three times as large, more of them than there were, output grows with them."""
    drawn = np.random.Generator(np.random.Philox(corner)).integers(0, 2, len(VARIED))
    last = by_year(ends(drawn))[..., -1]
    assert last.min() > 0.4, last
    nothing, everything, closed = last
    assert nothing.max() < 2.0 and closed.max() < 6.0 and everything.max() < 20.0, last


def ring(parameters: dict[str, Any]) -> Scenario:
    """A town densely paired by a year of brokering, whose firms then lose nine tenths of their capacity for half a
    year."""
    programme = brokering(end=12)
    outage = [{"event": "capacity", "month": 13, "months": 6, "loss": 0.9, "shock": True}]
    return make(programme, parameters, outage, months=(24, 12 * YEARS))


def test_a_shortage_outlives_its_cause_only_as_long_as_the_pairs_do() -> None:
    """At input elasticity 1 and specificity 1 a ring of pairs would stay where a shortage left it. It does not last:
    its pairs end, slowest where suppliers that fail are not left (`bad_end` 0)."""
    output = run(ring({**BRITTLE, "stock": 0.1}), [1]).recorder.series["output"]
    left = output[:2].sum(axis=1) / output[2:].sum(axis=1)  # (arms, months)
    assert (left[:, 12:18].min(axis=1) < 0.5).all()
    assert (left[:, -12:] > 0.9).all()


def test_no_firm_is_less_productive_than_at_its_start() -> None:
    """So a source that lies below a firm's start never teaches it, and nobody learns past its source that way."""
    for world in months([make({"all": EVERYTHING}, ends(CORNERS["high"]), OUTAGES, months=(24, 36), **TOWN)], SEEDS):
        state, start = world.state, world.population.productivity_reference
        assert (state.productivity >= start * (1.0 - 1e-12))[state.active].all()
