"""Which runs stand in a block changes no bit of any of them, and the certificate notices where it would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim import scenario as scenarios
from clustersim.engines import batch
from clustersim.engines.bases import Bases
from clustersim.errors import CertificateError
from clustersim.execution.simulation import simulate
from clustersim.mechanisms import production, schedule
from clustersim.scenario.model import Policy, Scenario
from clustersim.spec.state import COLUMNS
from clustersim.spec.world import World
from small_worlds import EVERYTHING, Finished, branch, brokering, listed, make, run, run_points

type Array = np.ndarray[Any, Any]

SEEDS = (0, 4, 2**62 + 11)
SHOCKS: list[dict[str, Any]] = [
    {"event": "supply", "month": 4, "months": 4, "availability": 0.1, "shock": True},
    {"event": "capacity", "month": 6, "months": 2, "loss": 0.5, "share": 0.5, "shock": False},
]


def scenario_of(instruments: dict[str, Any], parameters: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    arms = {"all": {**EVERYTHING, **instruments}, "leader": {"preset": "chain_leader"}}
    return make(arms, {"service_opening": 0.1, **(parameters or {})}, SHOCKS, **{"firms": 40, **changes})


def of_base(found: Finished, base: int) -> dict[str, Array]:
    """All columns of the state and all series of one base."""
    people = found.world.population
    begin = people.slot_begin
    slots = slice(begin[base * people.rows], begin[(base + 1) * people.rows])
    columns = {
        name: column[:, slots] if COLUMNS[name].axis == "slot" else column[:, base]
        for name, column in found.world.state.columns().items()
    }
    return columns | {name: column[:, base] for name, column in found.recorder.series.items()}


def differing(ours: dict[str, Array], theirs: dict[str, Array]) -> list[str]:
    assert ours.keys() == theirs.keys()
    return [name for name in ours if not np.array_equal(ours[name], theirs[name])]


def test_a_run_alone_is_the_run_in_a_block() -> None:
    scenario = scenario_of({})
    block = run(scenario, SEEDS)
    assert len(block.arms) == 6  # with the shock and without it
    assert block.total("entries")[1].min() > 0
    for base, seed in enumerate(SEEDS):
        assert differing(of_base(run(scenario, [seed]), 0), of_base(block, base)) == []
    assert differing(of_base(block, 0), of_base(block, 1)) != []


def test_a_run_alone_is_the_run_among_points_with_other_parameters() -> None:
    """Points differ in numbers of the model and of the instruments."""
    forum = {**EVERYTHING["forum"], "learning": 0.005}
    matchmaking = {**EVERYTHING["matchmaking"], "support": 0.2, "introductions": 15}
    choked = {"slots_at_median": 3.0, "specificity": 0.9, "demand_spread": 0.04, "burden_day": 0.02, "ending": 0.2}
    varied: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({"forum": forum}, {"friction": 0.05, "search": 0.2, "rivalry": 1.0, "service_duration": 4}),
        ({"matchmaking": matchmaking}, choked),
    ]
    points = [scenario_of(instruments, parameters) for instruments, parameters in varied]
    together = run_points(points, SEEDS[:2])
    for number, scenario in enumerate(points):
        for place, seed in enumerate(SEEDS[:2]):
            alone = run(scenario, [seed])
            assert differing(of_base(alone, 0), of_base(together, number * 2 + place)) == []


def test_every_number_of_the_model_may_differ_between_points() -> None:
    """As many points as there are numbers, each with another one changed."""
    plain = scenario_of({}, firms=16, months=(3, 3))
    numbers = {name: value for name, value in plain.parameters.as_dict().items() if isinstance(value, float)}
    points = [
        replace(plain, parameters=plain.parameters.replace(**{name: 0.9 * value + 0.001}))
        for name, value in numbers.items()
    ]
    together = run_points(points, [1])
    for base, (name, scenario) in enumerate(zip(numbers, points, strict=True)):
        assert differing(of_base(run(scenario, [1]), 0), of_base(together, base)) == [], name


def test_the_burn_in_may_be_branched_or_walked_by_every_arm() -> None:
    scenario = scenario_of({})
    branched = run(scenario, SEEDS)
    start = batch.world_of(Bases.crossed([scenario], SEEDS))
    world, arms = branch(start, [scenario])
    batch.burn_in(world)
    recorder = batch.run_policies(world, scenario, arms)
    unbranched = Finished(scenario, tuple(arms), world, recorder)
    assert [differing(of_base(branched, base), of_base(unbranched, base)) for base in range(3)] == [[]] * 3


def test_the_same_seeds_give_the_same_results() -> None:
    first, again = run(scenario_of({}), SEEDS), run(scenario_of({}), SEEDS)
    assert [differing(of_base(first, base), of_base(again, base)) for base in range(3)] == [[]] * 3


def test_a_policy_is_its_twin_before_it_starts() -> None:
    late = {label: {**entry, "start": 9} for label, entry in EVERYTHING.items() if isinstance(entry, dict)}
    found = run(make({"late": late}, {"service_opening": 0.1}, firms=40, months=(12, 16)), SEEDS)
    for name, column in found.recorder.series.items():
        assert np.array_equal(column[1, :, :8], column[0, :, :8]), name
    assert (found.recorder.series["pairs_made"][1, :, 8:] != found.recorder.series["pairs_made"][0, :, 8:]).any()


# --- the certificate -------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(
    chosen=st.sets(st.sampled_from(sorted(set(EVERYTHING) - {"members"})), min_size=1),
    starts=st.integers(1, 9),
    friction=st.floats(0.0, 0.3),
    burn_in=st.integers(0, 12),
    seeds=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=3, unique=True),
    shocks=st.booleans(),
)
def test_random_scenarios_are_certified(
    chosen: set[str], starts: int, friction: float, burn_in: int, seeds: list[int], shocks: bool
) -> None:
    arm = {label: {**EVERYTHING[label], "start": starts} for label in sorted(chosen)}
    events = SHOCKS if shocks else []
    simulate(make({"arm": arm}, {"friction": friction}, events, (burn_in, 12), firms=30), seeds)


def refusal(scenario: Scenario, certified: bool = True) -> dict[str, Any]:
    with pytest.raises(CertificateError) as caught:
        simulate(scenario, [5, 6, 7], certified)
    return caught.value.problems[0].fields


def late_brokering() -> Scenario:
    arm = brokering(start=7)["brokering"]
    del arm["members"]
    return make({"brokering": arm}, months=(6, 12), firms=30)


def test_a_sound_scenario_is_certified() -> None:
    assert simulate(late_brokering(), [5, 6, 7]).arms == ("no_alliance", "brokering")


def test_a_rule_that_looks_at_the_block_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace of how many runs stand in the block, in month 3."""
    produce = production.produce

    def tampered(world: World) -> None:
        produce(world)
        if world.month - world.burn_in == 3 and world.bases > 1:
            world.state.capacity *= 1.0 + 1e-13

    monkeypatch.setattr(production, "produce", tampered)
    found = refusal(late_brokering())
    assert (found["month"], found["column"], found["seed"]) == (3, "capacity", 7)


def test_a_rule_that_lasts_in_one_column_only_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no series shows is found in the columns at the end."""
    produce = production.produce

    def tampered(world: World) -> None:
        produce(world)
        if world.bases > 1:
            world.state.short_months[...] = world.bases

    monkeypatch.setattr(production, "produce", tampered)
    found = refusal(late_brokering())
    assert (found["month"], found["column"]) == (12, "short_months")


def test_a_policy_that_acts_before_its_start_is_refused_in_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    produce = production.produce

    def tampered(world: World) -> None:
        produce(world)
        if world.month - world.burn_in == 4:
            world.state.capacity[-1] *= 1.0 + 1e-13

    monkeypatch.setattr(production, "produce", tampered)
    assert refusal(late_brokering(), certified=False)["month"] == 4


def tampered_month(act: Callable[[World], None]) -> Callable[..., None]:
    month = schedule.month

    def tampered(world: World, policies: Any = (), events: Any = (), meets: Any = None) -> None:
        month(world, policies, events, meets)
        act(world)

    return tampered


def test_a_burn_in_that_knows_the_arms_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(world: World) -> None:
        if world.month == 2 and world.arms > 1:
            world.state.productivity[-1] *= 1.01

    monkeypatch.setattr(schedule, "month", tampered_month(act))
    found = refusal(late_brokering())
    assert (found["month"], found["column"], found["arm"]) == (0, "reputation", "brokering")  # felt first


def test_a_policy_that_acts_before_its_start_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    step = schedule.policy_step

    def tampered(world: World, arm: int, policy: Policy) -> None:
        if policy.instruments and world.month - world.burn_in == 4:
            world.state.productivity[arm, -1] *= 1.01
        step(world, arm, policy)

    monkeypatch.setattr(schedule, "policy_step", tampered)
    found = refusal(late_brokering())
    assert (found["month"], found["arm"], found["seed"]) == (4, "brokering", 7)
    assert found["column"] in ("output", "full_output")


def test_events_reach_only_the_arms_that_meet_them() -> None:
    found = run(scenario_of({}), SEEDS)
    output = found.recorder.series["output"]
    half = len(found.arms) // 2
    assert np.array_equal(output[:half, :, :3], output[half:, :, :3])
    assert (output[:half, :, 3:8].sum(axis=2) < output[half:, :, 3:8].sum(axis=2)).all()


def test_points_that_differ_in_more_than_numbers_are_refused() -> None:
    point = make({"cluster_committee": {}, "chain_leader": {}})
    for path, value in (
        ("policies.cluster_committee.matchmaking.start", 5),
        ("policies.cluster_committee.matchmaking.interval", 2),
        ("policies.cluster_committee.matchmaking.who", {"share": 0.5}),
        ("policies.cluster_committee.members", "all"),
        ("time.horizon", 30),
    ):
        other = scenarios.with_changes(point, {path: value})
        with pytest.raises(ValueError, match="worlds of their own"):
            batch.world_of(Bases.crossed([point, other], [0, 1]))
            batch.stacked_policies(Bases.crossed([point, other], [0, 1]))


def test_a_roster_whose_anchors_are_drawn_is_the_same_in_any_batch(tmp_path: Path) -> None:
    """Which firms offer a service differs by seed there, and so does their number."""
    rows = [f"F{row},{('equipment', 'parts')[row % 2]},{row // 2 % 2},{'0' if row % 3 else ''}" for row in range(20)]
    found = listed(
        tmp_path,
        ["id,chain,tier,places_technology", *rows],
        population={"institutions": {"university": 2, "department": 3}},
        policies={"cluster_committee": {"members": "all"}},
        parameters={"service_opening": 0.5, "service_search": 0.9},
    )
    for seeds in ([0, 1], [2, 5, 7], [3, 4, 8, 9]):
        simulate(found, seeds)  # the certificate compares the last of them with itself alone
