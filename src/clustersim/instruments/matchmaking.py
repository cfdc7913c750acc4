"""Survey of needs and brokered rounds.

Information alone hardly converts, an authority's word somewhat, public money for the first order most.
"""

from __future__ import annotations

from typing import Any

from clustersim.spec.levers import GOODS, Levers, Prices, Round
from clustersim.spec.parameters import INFINITY, Parameter, Values, choice, choices, dose, flag, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.quota import per_label
from clustersim.spec.state import SERVICES
from clustersim.spec.view import View

RESOURCES = ("goods", "technology", "talent", "finance", "permit")
PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    choice("also", "none", ("none", "region")),
    choices("resources", RESOURCES, RESOURCES),
    integer("interval", 3, "months", (1, 12), hard=(1, 1200)),
    number("survey_share", 0.6, "share", (0.2, 0.9)),
    dose("introductions", 10.0, "introductions_per_100", (0.1, 100), "occasion", scaled=True),
    Parameter(
        "introductions_per_staff", 0.0, "introductions_per_staff", (0, 10), "assumption", (0.0, INFINITY), scaled=True
    ),
    choice("order", "random", ("random", "largest", "bottleneck")),
    flag("key_firms_first", False),
    choice("score", "size", ("size", "room", "same_site")),
    number("support", 0.0, "share", (0.0, 1.0), role="dose"),
    number("word", 0.3, "share", (0.0, 1.0), role="dose"),
    number("conversion_information", 0.02, "probability", (0.0, 0.05), "literature: information_only"),
    number("conversion_word", 0.15, "probability", (0.02, 0.35)),
    number("conversion_supported", 0.35, "probability", (0.25, 0.6), "literature: information_only"),
    number("switch", 0.5, "share", (0.0, 1.0)),
    number("first_trust", 0.3, "share", (0.3, 0.7)),
    flag("meeting", False),
    number("attendance", 0.6, "share", (0.3, 0.95)),
    staff(1.0, 5.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values, prices = use.values, view.parameters
    asked = Levers(staff_months=view.staff(values.staff))
    occasion = view.occasion(use, values.interval)
    if occasion is None:
        return asked
    who = view.reached(use)
    asked.actions.append(
        Round(
            label=use.label,
            scope=values.scope,
            who=who,
            resources=tuple(GOODS if name == "goods" else SERVICES.index(name) for name in values.resources),
            budget=view.occasional_quota(use, values.scope, _introductions(values), occasion),
            survey_share=values.survey_share,
            order=values.order,
            key_firms_first=values.key_firms_first,
            score=values.score,
            support=values.support,
            word=values.word,
            conversion_information=values.conversion_information,
            conversion_word=values.conversion_word,
            conversion_supported=values.conversion_supported,
            switch=values.switch,
            first_trust=values.first_trust,
            follow_up=values.also == "region" and values.scope != "region",
            prices=Prices(prices.price_introduction, prices.price_first_order),
        )
    )
    if values.meeting:
        asked.firm_days = values.attendance * who
        asked.money = view.price_of_presence(who, values.attendance)
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    """First orders are planned as if every supported introduction that converts were one for goods."""
    prices, rounds = frame.prices, frame.occasions(values.interval)
    fixed = frame.staff(values.staff)
    if values.meeting:
        fixed += frame.presence(rounds, values.attendance)
    first_order = values.support * values.conversion_supported * prices.price_first_order
    introductions = per_label(_introductions(values), frame.firms) * rounds
    return Plan(fixed, introductions * (prices.price_introduction + first_order))


def _introductions(values: Values) -> Any:
    """Introductions a round per 100 firms."""
    return values.introductions + values.introductions_per_staff * values.staff
