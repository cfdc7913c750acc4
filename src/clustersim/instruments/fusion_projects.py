"""Fusion projects: joint innovation projects of members with institutions or chain-master firms."""

from __future__ import annotations

from clustersim.spec.levers import Levers, Prices, Project, Round
from clustersim.spec.parameters import Values, choice, dose, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.quota import per_label
from clustersim.spec.state import TECHNOLOGY
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    dose(
        "projects", 14.0, "projects_per_100_year", (1, 60), "year", "evidence: songjiang.fusion_projects", scaled=True
    ),
    number("success", 0.5, "probability", (0.25, 0.75)),
    number("gain_factor", 1.0, "factor", (0.5, 3.0), hard=(0.0, 100.0)),
    number("patents", 1.2, "patents", (0.0, 3.0), "evidence: sijing.patents", (0.0, 50.0)),
    staff(0.3, 2.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    projects = Round(
        label=use.label,
        scope=values.scope,
        who=view.reached(use),
        resources=(TECHNOLOGY,),
        budget=view.yearly_quota(use, values.scope, values.projects),
        idle_too=True,
        project=Project(values.success, values.patents, values.gain_factor),
        prices=Prices(engagement=view.parameters.price_project),
    )
    return Levers(staff_months=view.staff(values.staff), actions=[projects])


def planned(values: Values, frame: Frame) -> Plan:
    projects = per_label(values.projects, frame.firms) * frame.years
    return Plan(frame.staff(values.staff), projects * frame.prices.price_project)
