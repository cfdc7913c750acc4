"""Negative controls: one rule changed in one engine makes the comparison fail, and it names the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from clustersim.agreement import Difference, compare
from clustersim.agreement.side_by_side import SideBySide
from clustersim.engines.bases import Bases
from clustersim.engines.reference import contacts, enterprise, environment, learning, records
from clustersim.mechanisms import aid, organisation, schedule
from clustersim.spec.state import COLUMNS, ENGAGED, SERVICES, TIE, WANTED
from small_worlds import EVERYTHING, make

SCENARIO = make(
    {"everything": EVERYTHING},
    events=[{"event": "supply", "month": 3, "months": 4, "availability": 0.3}],
    months=(12, 12),
    firms=40,
)


def difference(seeds: tuple[int, ...] = (5,)) -> Difference:
    found = compare(SCENARIO, seeds).difference
    assert found is not None
    return found


def wrapped(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, change: Callable[..., Any]) -> None:
    """Replace a function by `change(original, *arguments)`."""
    original = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *arguments, **words: change(original, *arguments, **words))


def test_unchanged_they_agree() -> None:
    assert compare(SCENARIO, (5,)).difference is None


def test_nothing_that_exists_is_left_out() -> None:
    """Every column of the state, of every firm, slot, service, place and label."""
    both = SideBySide(Bases.crossed([SCENARIO], (5,)))
    for _ in range(SCENARIO.time.burn_in + 6):
        both.month()
    run = list(both._runs())[1]
    model, people = run.model, run.model.population
    slots, paired = len(model.slots), sum(not slot.is_open for slot in model.slots)
    needs = [need.state for firm in model.firms for need in firm.service_needs]
    engaged, wanted = needs.count(ENGAGED), needs.count(WANTED)
    expected = {
        "firm": len(model.firms),
        "slot": slots,
        "service": len(model.firms) * len(SERVICES) + (people.rows - len(model.firms)) * len(SERVICES),
        "place": people.providers * len(SERVICES),
        "site": people.sites,
        "chain": people.chains,
        "group": len(model.common_trust["group"]),
        "active": people.rows,
        "first_trust": paired,
        "service_due": wanted + engaged,
        "service_since": wanted,
        "service_provider": engaged,
        "service_project": engaged,
    }
    parts = {"first_trust", "active"} | {name for name in expected if name.startswith("service_")}
    for columns in run.state():
        key = columns.name if columns.name in parts else COLUMNS[columns.name].axis
        assert len(columns.batch) == len(columns.reference) == expected[key] > 0, columns.name


def test_an_application_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A seller that judges one application a month, not all that fit."""

    def judge_one(original: Callable[..., None], firm: Any, *channel: int) -> None:
        firm.applications = sorted(firm.applications, key=lambda one: one.order)[:1]
        original(firm, *channel)

    wrapped(monkeypatch, enterprise.Enterprise, "judge_applications", judge_one)
    found = difference()
    assert found.step in ("search", "policy")  # group contacts are judged by the same method
    assert (found.column, found.reference) == ("supplier", "-1")
    assert int(found.batch) >= 0


def test_trust_that_grows_a_month_late(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped(monkeypatch, enterprise.GoodsSlot, "trust", lambda original, slot, month: original(slot, month - 1))
    often = make({"everything": EVERYTHING}, {"ending": 0.3, "trust_rate": 0.2}, months=(12, 12), firms=40)
    found = compare(often, (5,)).difference
    assert found is not None
    assert found.step in ("endings", "policy")


def test_a_rule_of_the_batch_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of one more than asked for: the place is the first policy month, in the policy step."""
    wrapped(
        monkeypatch,
        organisation,
        "form_groups",
        lambda original, world, arm, request: original(world, arm, replace(request, size=request.size + 1)),
    )
    monkeypatch.setitem(schedule._CARRY_OUT, schedule.Formation, organisation.form_groups)
    found = difference()
    assert (found.month, found.step, found.column, found.arm) == (1, "policy", "group", "everything")
    assert found.firm >= 0


def test_help_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped(monkeypatch, aid, "_offers", lambda original, *arguments: 2.0 * original(*arguments))
    found = difference()
    assert found.step == "aid"
    assert found.column in ("local_orders", "inputs")
    assert 3 <= found.month <= 6


def test_anchors_that_nobody_learns_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_from_anchors", lambda model: iter(()))
    found = difference()
    assert (found.step, found.column) == ("learning", "productivity")
    assert float(found.batch) != float(found.reference)


def test_a_quantity_that_is_off_by_a_millionth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one firm, in one month."""

    def shifted(original: Callable[..., None], firm: Any, *arguments: float) -> None:
        original(firm, *arguments)
        if firm.row == 7 and firm.model.month == 9 and firm.model.plan_of_policy.name == "everything":
            firm.capacity *= 1.0 + 1e-6

    wrapped(monkeypatch, enterprise.Enterprise, "produce", shifted)
    found = difference()
    assert (found.arm, found.month, found.step, found.column, found.firm, found.others) == (
        "everything",
        9,
        "production",
        "capacity",
        7,
        0,
    )
    assert float(found.reference) / float(found.batch) == pytest.approx(1.0 + 1e-6, abs=1e-9)


def test_a_measure_that_is_taken_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The states agree, what is written down does not."""
    wrapped(monkeypatch, records, "_missing", lambda original, *arguments: 0.5 * original(*arguments))
    found = difference()
    assert found.step == "measurement"
    assert found.column in ("series: value_added", "series: bought_outside")


def test_noise_that_is_drawn_once_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named where it arises, not where output feels it."""
    wrapped(monkeypatch, environment.Outside, "step", lambda original, outside: (original(outside), original(outside)))
    found = difference()
    assert (found.month, found.step, found.column, found.firm) == (-11, "environment", "noise", 0)


def test_a_start_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_less_reputation(original: Callable[..., None], firm: Any, *arguments: Any) -> None:
        original(firm, *arguments)
        firm.reputation = 0.9

    wrapped(monkeypatch, enterprise.Enterprise, "__init__", with_less_reputation)
    found = difference()
    assert (found.month, found.step, found.column, found.reference) == (-12, "start", "reputation", "0.9")


def test_a_pair_in_another_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "CONTACT", TIE)
    found = difference()
    assert (found.step, found.column, found.batch, found.reference) == ("policy", "channel", "contact", "tie")
