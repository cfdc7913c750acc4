"""Simulates what docs/places.md and docs/validation.md show: their tables, and a figure for each place.

python docs/measure.py                       all, some ten minutes on two cores
python docs/measure.py validation zhuzhou    parts of it
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pages import DOCS, fill, table

import clustersim as cs
from clustersim import scenario
from clustersim.analysis.rows import Row, headline_rows, rows_of
from clustersim.engines.watching import watch
from clustersim.execution.observed import compare_observed
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.observed_facts import cells_of
from clustersim.scenario.model import Scenario
from clustersim.spec.results import NO_SHOCK

SCENARIOS = DOCS.parent / "scenarios"
SEEDS = {"xinqiao": 200, "songjiang": 8, "sijing": 60, "wujin": 40, "zhuzhou": 6}
VALIDATION_SEEDS = 40
WHAT_IF_SEEDS = {"songjiang": 3, "zhuzhou": 3}
FEW_SEEDS = 20
SHOCK_SEEDS = 8
# Assumptions that are changed one at a time, to show how far the answer moves.
WHAT_IF = {
    "no order rerouted (`reroute` 0)": {"parameters.reroute": 0.0},
    "all orders rerouted (`reroute` 1)": {"parameters.reroute": 1.0},
    "outside demand hardly answers (`elasticity` 1.5)": {"parameters.elasticity": 1.5},
    "no outside order is won from others (`rivalry` 0)": {"parameters.rivalry": 0.0},
    "all are won from one another (`rivalry` 1)": {"parameters.rivalry": 1.0},
    "projects bring half as much (`technology_gain` 0.015)": {"parameters.technology_gain": 0.015},
}


def main(asked: Sequence[str]) -> None:
    if not asked or "validation" in asked:
        fill("validation.md", {file.stem: validation(file) for file in sorted(SCENARIOS.glob("validation/*.yaml"))})
    for place in SEEDS:
        if not asked or place in asked:
            fill("places.md", of_place(place))
            print(place, flush=True)


def validation(file: Path) -> str:
    """Published findings beside the model, a row each."""
    model = scenario.load(file)
    rows = []
    for finding in compare_observed(model, VALIDATION_SEEDS):
        entry = finding.observation
        title = text(f"observable.{entry.observable}.title")
        what = f"{title}, {wording.arm_name(entry.arm)}" if entry.arm != "no_alliance" else title
        filters = "".join(f", {value}" for name, value in entry.filters.items() if name == "firms")
        months = f"{entry.first}–{entry.last}"
        rows.append([f"{what}{filters}", months, *cells_of(finding)[1:]])
    return table(("what", "months", "wanted", "model, mean", "5% to 95%", "verdict"), rows)


def of_place(place: str) -> dict[str, str]:
    """Results of a place, how they change with assumptions, and reported facts compared with the model."""
    town = cs.load(SCENARIOS / f"{place}.yaml")
    with TemporaryDirectory() as folder:
        run = town.run(seeds=SEEDS[place], out=folder, assumptions=0)
        (DOCS / "figures" / f"{place}.png").write_bytes((run.folder.path / "figures" / "forest.png").read_bytes())
        return {
            f"{place} results": results(run),
            f"{place} what if": what_if(place, town, folder),
            f"{place} observed": observed(place),
            **({f"{place} aid": under_shock(town.scenario)} if town.scenario.has_shock else {}),
        }


def results(run: cs.Run) -> str:
    """Each arm against no alliance in the headline measures."""
    effects = run.effects()
    rows = headline_rows(effects)
    measures = list(dict.fromkeys(row.measure for row in rows))
    used = {row.arm: row.level for row in rows_of(effects[effects["measure"] == "public_cost"])}
    arms = dict.fromkeys(row.arm for row in rows)
    found = {(row.arm, row.measure): row for row in rows}
    baselines = [f"{wording.measure_title(one)}, {_baseline(found, one)}" for one in measures]
    lines = [
        [
            wording.arm_name(arm),
            *(f"{wording.effect_text(found[arm, one])}" for one in measures),
            f"{used[arm]:,.0f}",
        ]
        for arm in arms
    ]
    units = [wording.unit_name(found[next(iter(arms)), one].effect_unit) for one in measures]
    header = [f"{wording.measure_title(one)} ({unit})" for one, unit in zip(measures, units, strict=True)]
    return (
        f"No alliance: {'; '.join(baselines)}. Differences from it, 95% intervals over {run.seeds} seeds:\n\n"
        + table(("policy", *header, "money used in all, 10k yuan"), lines)
    )


def _baseline(found: dict[tuple[str, str], Row], measure: str) -> str:
    row = next(one for (_, name), one in found.items() if name == measure)
    return wording.quantity(wording.level_text(row.baseline, row.unit), row.unit)


def what_if(place: str, town: cs.Experiment, folder: str) -> str:
    """The effect on output of all arms, own budgets, with one assumption changed at a time."""
    seeds = WHAT_IF_SEEDS.get(place, FEW_SEEDS)
    arms: list[str] = []
    rows = []
    of_policies = {
        "nothing is learned in groups": switched_off(town, "groups", "learning"),
        "no firm is drawn in": switched_off(town, "attraction", "entries"),
    }
    for words, changes in ({"as it is": {}} | WHAT_IF | of_policies).items():
        changed = town.changed({**changes, "budget": "own"})
        effects = changed.run(seeds=seeds, out=folder, assumptions=0).effects()
        output = {row.arm: row for row in headline_rows(effects) if row.measure == "output"}
        arms = arms or list(output)
        rows.append([words, *(wording.effect_text(output[arm]) for arm in arms)])
    header = ("assumption", *(wording.arm_name(arm) for arm in arms))
    return f"Effect on output, percent; {seeds} seeds:\n\n" + table(header, rows)


def switched_off(town: cs.Experiment, instrument: str, parameter: str) -> dict[str, float]:
    """A parameter of an instrument at zero, wherever a policy has it, whatever its label."""
    return {
        f"policies.{policy.name}.{use.label}.{parameter}": 0.0
        for policy in town.scenario.policies
        for use in policy.instruments
        if use.instrument == instrument
    }


def observed(place: str) -> str:
    """What was reported beside the model."""
    model = scenario.load(SCENARIOS / f"{place}.yaml")
    rows = []
    for finding in compare_observed(model, min(SEEDS[place], VALIDATION_SEEDS)):
        entry = finding.observation
        title = text(f"observable.{entry.observable}.title") if entry.observable else "-"
        fact, *numbers = cells_of(finding)
        rows.append([f"`{fact}`", title, *numbers])
    return table(("fact", "compared with", "reported", "model, mean", "5% to 95%", "verdict"), rows)


def under_shock(model: Scenario) -> str:
    """Output that a supply shock takes from the chain that it hits, in its months and the three after it, by arm."""
    event = next(event for event in model.events if event.shock)
    seen = watch(replace(model, budget="own"), range(SHOCK_SEEDS), {"output"})
    rows = []
    for number, arm in enumerate(seen.arms):
        without = f"{arm}{NO_SHOCK}"
        if without in seen.arms:
            first, last = event.month, event.month + event.months + 2
            sold = [
                np.where(seen.chain[one] == event.chains[0], seen.months("output", one, first, last).sum(axis=1), 0.0)
                for one in (number, seen.arms.index(without))
            ]
            lost = 100.0 * (1.0 - sold[0].sum(axis=1) / sold[1].sum(axis=1))
            low, high = np.percentile(lost, (5, 95))
            rows.append([wording.arm_name(arm), f"{lost.mean():.2f}", f"{low:.2f} to {high:.2f}"])
    header = ("arm", "output of the chain lost, %", f"5% to 95% of {SHOCK_SEEDS} seeds")
    return table(header, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
