"""Fusion projects: joint innovation projects of members with institutions or chain-master firms."""

from __future__ import annotations

from clustersim.spec.levers import Levers, Prices, Project, Round
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import TECHNOLOGY
from clustersim.spec.view import View, by_label, yearly_quota

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    number(
        "projects",
        14.0,
        "projects_per_label_year",
        (1, 40),
        "evidence: xinqiao.fusion_projects_2021",
        NOT_NEGATIVE,
        scaled=True,
    ),
    number("success", 0.5, "probability", (0.25, 0.75)),
    number("gain_factor", 1.0, "factor", (0.5, 3.0), hard=(0.0, 100.0)),
    number("patents", 1.2, "patents", (0.0, 3.0), "evidence: sijing.patents", (0.0, 50.0)),
    number("staff", 0.3, "staff_per_label", (0.0, 2.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    labels = view.labels(values.scope)[1]
    projects = Round(
        label=use.label,
        scope=values.scope,
        who=view.reached(use),
        resources=(TECHNOLOGY,),
        budget=by_label(yearly_quota(values.projects, view.age(use)), view.population.bases, labels),
        idle_too=True,
        project=Project(values.success, values.patents, values.gain_factor),
        prices=Prices(engagement=view.parameters.price_project),
    )
    return Levers(staff_months=values.staff * labels, actions=[projects])


def planned(values: Values, frame: Frame) -> Plan:
    labels, prices = frame.labels[values.scope], frame.prices
    staff = frame.staff(values.staff, values.scope)
    return Plan(staff, values.projects * labels * frame.years * prices.price_project)
