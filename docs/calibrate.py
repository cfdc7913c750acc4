"""Fits the free defaults to the meetings trial, and says what the data do not identify.

    python docs/calibrate.py            about two minutes on two cores; writes the tables of docs/calibration.md

The fit is the study scenarios/studies/meetings_trial.yaml, carried out as `clustersim calibrate` does; this script adds
the baseline patterns (scenarios/validation/baseline.yaml) and puts the tables into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from pages import fill, table

import clustersim as cs
from clustersim import scenario
from clustersim.analysis.calibration.calibrated import CalibrationFindings
from clustersim.execution.executor import Executor
from clustersim.execution.observed import Finding, compare_observed
from clustersim.reports.observed_facts import reported

ROOT = Path(__file__).parents[1]
VALIDATION = ROOT / "scenarios" / "validation"
STUDY = ROOT / "scenarios" / "studies" / "meetings_trial.yaml"

SEEDS = 40
WORTH_A_WORD = 0.15  # rank correlation
NOT_FITTED = ((4, "suppliers at 24 months, %"), (5, "clients at 24 months, %"))  # entries of `observed`


def main(out: Path) -> None:
    found = cs.load_study(STUDY).run(out, Executor(jobs=2)).findings
    assert isinstance(found, CalibrationFindings)
    fill(
        "calibration.md",
        {
            "baseline": baseline(),
            "trial": trial(found),
            "moves": moves(found.fit_table()),
            "correlations": correlations(found.correlations(), found.target_table()),
            "left": left(found),
            "effects": effects(found.effect_table()),
        },
    )


def baseline() -> str:
    rows = []
    for finding in compare_observed(scenario.load(VALIDATION / "baseline.yaml"), SEEDS):
        entry = finding.observation
        between = f"{finding.low:.3g} to {finding.high:.3g}"
        rows.append([f"`{entry.observable}`", reported(entry), f"{finding.mean:.3g}", between, finding.verdict.value])
    return table(("pattern", "wanted", "model, mean", "5% to 95%", "verdict"), rows)


def trial(found: CalibrationFindings) -> str:
    """The targets, and two outcomes that are not fitted, at the first values and at the fit."""
    rows = [
        [row.target, f"{row.value:g} ({row.error:g})", f"{row.at_first:.3g}", f"{row.at_fit:.3g}"]
        for row in found.target_table().itertuples()
    ]
    before, after = (findings(found, values) for values in found.fit_points)
    for place, name in NOT_FITTED:
        rows.append([name, "not known; not fitted", f"{before[place].mean:.3g}", f"{after[place].mean:.3g}"])
    return table(("target", "published (standard error)", "at the first values", "at the fit"), rows)


def findings(found: CalibrationFindings, values: Sequence[float]) -> list[Finding]:
    changes = dict(zip(found.prior.names, values, strict=True))
    return compare_observed(scenario.with_changes(cs.load_study(STUDY).study.scenario, changes), SEEDS)


def moves(fit: pd.DataFrame) -> str:
    rows = []
    for row in fit.itertuples():
        moved = f"{100 * row.moved:+.0f}% of its range" if row.free else "held"
        name = f"`{short(row.parameter)}`"
        rows.append([name, f"{row.low:.3g} to {row.high:.3g}", f"{row.first:.3g}", f"{row.fit:.3g}", moved])
    return table(("parameter", "range", "first value", "fit", "moved"), rows)


def short(path: str) -> str:
    return path.rsplit(".", maxsplit=1)[1]


def correlations(found: pd.DataFrame, targets: pd.DataFrame) -> str:
    names = [name for name in found if name != "parameter"]
    rows = [
        [
            f"`{short(row['parameter'])}`",
            *(f"{row[name]:+.2f}" if abs(row[name]) >= WORTH_A_WORD else "" for name in names),
        ]
        for _, row in found.iterrows()
    ]
    rows.append(["R² of the surface", *(f"{one:.2f}" for one in targets["surface_r_squared"])])
    return table(("parameter", *names), rows)


def left(found: CalibrationFindings) -> str:
    """Where the posterior still ranges; 5% to 95%, as a share of nine tenths of the range."""
    posterior = found.posterior
    rows = [
        [
            f"`{short(row['parameter'])}`",
            f"{row['prior_low']:.3g} to {row['prior_high']:.3g}",
            f"{row['5%']:.3g} to {row['95%']:.3g}",
            f"{100 * row['share']:.0f}%",
            "yes" if row["identified"] else "no",
            f"`{short(row['correlated_with'])}`" if row["correlated_with"] else "",
        ]
        for _, row in posterior.table.iterrows()
    ]
    header = ("parameter", "range", "5% to 95% of the posterior", "share of the range", "identified", "goes with")
    met = f"{posterior.points_met} of {len(found.simulated.points)} points meet all targets within two standard errors."
    return f"{met}\n\n{table(header, rows)}"


def effects(found: pd.DataFrame) -> str:
    rows = [
        [row.arm, f"`{row.measure}`", f"{row.low:+.3g}", f"{row.mid:+.3g}", f"{row.high:+.3g}", f"{row.draws}"]
        for row in found.itertuples()
    ]
    return table(("arm", "measure", "5%", "50%", "95%", "draws"), rows)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder))
