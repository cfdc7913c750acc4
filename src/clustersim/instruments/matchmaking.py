"""Survey of needs and brokered rounds.

Information alone hardly converts; what shares the risk of a first order (an authority's word, a paired branch, a
first-order subsidy) does.
"""

from __future__ import annotations

from typing import Any

from clustersim.spec.levers import GOODS, Levers, Prices, Round
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, choices, flag, integer, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import SERVICES
from clustersim.spec.view import View, by_label, occasional_quota

RESOURCES = ("goods", "technology", "talent", "finance", "permit")
PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    choice("also", "none", ("none", "region")),
    choices("resources", RESOURCES, RESOURCES),
    integer("interval", 3, "months", (1, 12), hard=(1, 1200)),
    number("survey_share", 0.6, "share", (0.2, 0.9)),
    number("introductions", 10.0, "introductions_per_label", (2, 40), hard=NOT_NEGATIVE, scaled=True),
    number("introductions_per_staff", 0.0, "introductions_per_staff", (0, 10), hard=NOT_NEGATIVE, scaled=True),
    choice("order", "random", ("random", "largest", "bottleneck")),
    flag("key_firms_first", False),
    choice("score", "size", ("size", "room", "same_site")),
    number("support", 0.3, "share", (0.0, 1.0)),
    number("conversion_information", 0.02, "probability", (0.0, 0.05), "literature: information_only"),
    number("conversion_supported", 0.45, "probability", (0.25, 0.6), "literature: information_only"),
    number("switch", 0.0, "share", (0.0, 1.0)),
    number("first_trust", 0.3, "share", (0.3, 0.7)),
    flag("meeting", False),
    number("staff", 1.0, "staff_per_label", (0.0, 5.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values, prices = use.values, view.parameters
    labels = view.labels(values.scope)[1]
    asked = Levers(staff_months=values.staff * labels)
    occasion = view.occasion(use, values.interval)
    if occasion is None:
        return asked
    who = view.reached(use)
    introductions = occasional_quota(_introductions(values), occasion)
    asked.actions.append(
        Round(
            label=use.label,
            scope=values.scope,
            who=who,
            resources=tuple(GOODS if name == "goods" else SERVICES.index(name) for name in values.resources),
            budget=by_label(introductions, view.population.bases, labels),
            survey_share=values.survey_share,
            order=values.order,
            key_firms_first=values.key_firms_first,
            score=values.score,
            support=values.support,
            conversion_information=values.conversion_information,
            conversion_supported=values.conversion_supported,
            switch=values.switch,
            first_trust=values.first_trust,
            follow_up=values.also == "region" and values.scope != "region",
            prices=Prices(prices.price_introduction, prices.price_first_order),
        )
    )
    if values.meeting:
        asked.firm_days = who.astype(float)
        asked.money = prices.price_meeting * labels
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    """First orders are planned as if every supported introduction that converts were one for goods."""
    prices, labels, rounds = frame.prices, frame.labels[values.scope], frame.occasions(values.interval)
    fixed = frame.staff(values.staff, values.scope)
    if values.meeting:
        fixed += rounds * labels * prices.price_meeting
    first_order = values.support * values.conversion_supported * prices.price_first_order
    introductions = _introductions(values) * labels * rounds
    return Plan(fixed, introductions * (prices.price_introduction + first_order))


def _introductions(values: Values) -> Any:
    """Introductions a round and label."""
    return values.introductions + values.introductions_per_staff * values.staff
