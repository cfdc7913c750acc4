"""Which figures the results of a verb have, and how they are drawn from its findings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clustersim.experiment.estimates import Estimates
from clustersim.experiment.findings.assumptions import AssumptionRange
from clustersim.experiment.findings.attribution import OUTCOMES, AttributionFindings
from clustersim.experiment.findings.common import Findings
from clustersim.experiment.findings.policy_map import MapFindings, OutcomeMap
from clustersim.experiment.findings.run import RunFindings
from clustersim.experiment.findings.sensitivity import SensitivityFindings
from clustersim.figures.assumptions import assumption_range
from clustersim.figures.attribution import shapley
from clustersim.figures.channels import channels
from clustersim.figures.files import Drawn
from clustersim.figures.forest import forest
from clustersim.figures.funnel import funnel
from clustersim.figures.network import network
from clustersim.figures.outcomes import outcomes
from clustersim.figures.policy_map import MapOf, policy_map
from clustersim.figures.sensitivity import IndicesOf, sensitivity
from clustersim.figures.shock import shock


def of_run(estimates: Estimates, language: str | None, assumptions: AssumptionRange | None = None) -> Drawn:
    """Name -> Axes of the figures of a run; none where the scenario has no policy."""
    if estimates.effects.empty:
        return {}
    drawn: dict[str, Axes | np.ndarray] = {
        "outcomes": outcomes(estimates.monthly, language),
        "forest": forest(estimates.effects, language),
        "channels": channels(estimates.effects, language),
    }
    if len(estimates.shock):
        drawn["shock"] = shock(estimates.shock, language)
    if assumptions is not None:
        drawn["assumptions"] = assumption_range(both_ranges(estimates.effects, assumptions), language)
    return drawn


def of_pack(findings: RunFindings, language: str | None) -> dict[str, Axes | np.ndarray]:
    """Name -> Axes of the figures of a briefing: those of the run, and how the pairs of its policies came about."""
    drawn = dict(of_run(findings.estimates, language, findings.assumptions))
    if not drawn:
        return drawn
    drawn["funnel"] = funnel(findings.funnel, language)
    drawn["network"] = network(findings.network, language)
    return drawn


def both_ranges(effects: pd.DataFrame, assumptions: AssumptionRange) -> pd.DataFrame:
    """Headline effects with their sampling interval and their assumption range."""
    return effects[effects["headline"].astype(bool)].merge(assumptions.table, on=["arm", "measure"])


def of_study(findings: Findings, language: str | None) -> Drawn:
    """Name -> Axes of the figures of a study; a sweep and a calibration have tables only."""
    match findings:
        case SensitivityFindings():
            return _of_sensitivity(findings, language)
        case MapFindings():
            return {f"map_{outcome}": _of_map(one, language) for outcome, one in findings.maps.items()}
    return {}


def _of_sensitivity(findings: SensitivityFindings, language: str | None) -> Drawn:
    seeds, rows = findings.finished.job.seeds, len(findings.design.unit)
    return {
        f"sensitivity_{outcome}_{arm}": sensitivity(
            result.table, IndicesOf(result.method, outcome, arm, rows, seeds), language
        )
        for (arm, outcome), result in findings.results.items()
    }


def _of_map(findings: OutcomeMap, language: str | None) -> np.ndarray:
    study = findings.finished.study
    first, second = study.factors
    of = MapOf(
        measure=findings.measure.name,
        arms=tuple(findings.finished.arms),
        x=first.name,
        y=second.name,
        default_x=first.default,
        default_y=second.default,
        seeds=study.seeds,
    )
    return policy_map(findings.cells, of, language)


def of_attribution(findings: AttributionFindings, language: str | None) -> Drawn:
    """Name -> Axes of the figures of an attribution, one for each outcome."""
    drawn: dict[str, Axes] = {}
    for outcome in OUTCOMES:
        table = findings.shapley[findings.shapley["measure"] == outcome].sort_values("shapley", ascending=False)
        totals = findings.totals[findings.totals["measure"] == outcome]
        drawn[f"shapley_{outcome}"] = shapley(table, totals, findings.arm, outcome, language)
    return drawn
