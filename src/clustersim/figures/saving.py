"""Which figures the results of a verb have, and how they are drawn from its findings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.attribution.contributions import AttributionFindings
from clustersim.analysis.estimates import Estimates
from clustersim.analysis.mapping.map_findings import MapFindings, OutcomeMap
from clustersim.analysis.sensitivity.study_indices import SensitivityFindings
from clustersim.execution.job import Job
from clustersim.figures.additional import additional
from clustersim.figures.assumptions import assumption_range
from clustersim.figures.attribution import shapley
from clustersim.figures.channels import channels
from clustersim.figures.cost import cost
from clustersim.figures.files import Drawn
from clustersim.figures.forest import forest
from clustersim.figures.funnel import funnel
from clustersim.figures.gains import gains
from clustersim.figures.network import network
from clustersim.figures.outcomes import outcomes
from clustersim.figures.policy_map import MapOf, policy_map
from clustersim.figures.sensitivity import IndicesOf, sensitivity
from clustersim.figures.shock import shock
from clustersim.figures.tornado import TornadoOf, tornado
from clustersim.figures.waiting import waiting
from clustersim.reports.factor_words import meaning, short_names
from clustersim.spec.results import EQUAL_MONEY
from clustersim.studies.carried_out import Findings
from clustersim.studies.run_findings import RunFindings


def of_run(estimates: Estimates, assumptions: AssumptionRange | None = None) -> Drawn:
    """Name -> Axes of the figures of a run; none where the scenario has no policy."""
    if estimates.effects.empty:
        return {}
    drawn: dict[str, Axes | np.ndarray] = {
        "outcomes": outcomes(estimates.monthly),
        "forest": forest(estimates.effects),
        "channels": channels(estimates.effects),
        "additional": additional(estimates.effects),
    }
    if len(estimates.shock):
        drawn["shock"] = shock(estimates.shock)
    if assumptions is not None:
        drawn["assumptions"] = assumption_range(both_ranges(estimates.effects, assumptions))
    return drawn


def of_pack(findings: RunFindings) -> Drawn:
    """Name -> Axes of the figures of a briefing: those of the run and more; none where the scenario has no policy."""
    found = findings.estimates
    drawn = dict(of_run(found, findings.assumptions))
    if found.effects.empty:
        return drawn
    drawn["funnel"] = funnel(findings.funnel)
    drawn["network"] = network(findings.network)
    drawn["cost"] = cost(found.effects, found.ratios)
    drawn["gains"] = gains(found.groups, findings.winners)
    if findings.assumptions is not None:
        drawn |= _of_assumptions(findings.assumptions)
    if len(findings.waiting_curves):
        drawn["waiting"] = waiting(findings.waiting_curves)
    return drawn


def _of_assumptions(assumptions: AssumptionRange) -> Drawn:
    """What the output of each arm at its own cost depends on, if any parameter changes it beyond chance."""
    drawn: dict[str, Axes | np.ndarray] = {}
    for arm in assumptions.job.arms:
        table = assumptions.tornado(arm, "output")
        if not arm.endswith(EQUAL_MONEY) and table["beyond_chance"].any():
            drawn |= _of_swings(table, ("output", arm), assumptions.job)
    return drawn


def _of_swings(table: pd.DataFrame, of: tuple[str, str], job: Job) -> Drawn:
    """Name -> Axes of a tornado; none where there are too few points. `of`: outcome and arm."""
    if table.empty:
        return {}
    outcome, arm = of
    keys = short_names(job.factors)
    names = {one.name: (meaning(one, job.scenario).rstrip(".。"), keys[one.name]) for one in job.factors}
    drawn = tornado(table, TornadoOf(outcome, arm, job.seeds, names))
    return {f"tornado_{outcome}_{arm}": drawn}


def both_ranges(effects: pd.DataFrame, assumptions: AssumptionRange) -> pd.DataFrame:
    """Headline effects with their sampling interval and their assumption range."""
    return effects[effects["headline"].astype(bool)].merge(assumptions.table, on=["arm", "measure"])


def of_study(findings: Findings) -> Drawn:
    """Name -> Axes of the figures of a study; a sweep and a calibration have tables only."""
    match findings:
        case SensitivityFindings():
            return _of_sensitivity(findings)
        case MapFindings():
            return {f"map_{outcome}": _of_map(one) for outcome, one in findings.maps.items()}
    return {}


def _of_sensitivity(findings: SensitivityFindings) -> Drawn:
    seeds, rows = findings.outcomes.job.seeds, len(findings.design.unit)
    drawn: dict[str, Axes | np.ndarray] = {}
    for (arm, outcome), result in findings.results.items():
        of = IndicesOf(result.method, outcome, arm, rows, seeds)
        drawn[f"sensitivity_{outcome}_{arm}"] = sensitivity(result.table, of)
        drawn |= _of_swings(findings.tornado(arm, outcome), (outcome, arm), findings.outcomes.job)
    return drawn


def _of_map(findings: OutcomeMap) -> np.ndarray:
    job = findings.outcomes.job
    first, second = job.factors
    of = MapOf(
        measure=findings.outcome,
        arms=tuple(findings.outcomes.arms),
        x=first.name,
        y=second.name,
        default_x=first.default,
        default_y=second.default,
        seeds=job.seeds,
    )
    return policy_map(findings.cells, of)


def of_attribution(findings: AttributionFindings) -> Drawn:
    """Name -> Axes of the figures of an attribution, one for each outcome."""
    drawn: dict[str, Axes] = {}
    for outcome in findings.job.outcomes:
        table = findings.shapley[findings.shapley["measure"] == outcome].sort_values("shapley", ascending=False)
        totals = findings.totals[findings.totals["measure"] == outcome]
        drawn[f"shapley_{outcome}"] = shapley(table, totals, findings.arm, outcome)
    return drawn
