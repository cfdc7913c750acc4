"""The further tables of a run: waiting, costs, all other measures; and what the measures are."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from clustersim import measures as registry
from clustersim.analysis.estimates import Estimates
from clustersim.analysis.rows import Row, by_arm, rows_of
from clustersim.execution.budget import planned
from clustersim.measures.cost import RATIOS
from clustersim.messages import text
from clustersim.reports import result_tables, wording
from clustersim.reports.blocks import Block, bullets, paragraph, table
from clustersim.scenario.model import Scenario

COSTS = ("staff_months", "firm_days", "firms_cost", "public_cost")
ELSEWHERE = {*result_tables.DECOMPOSITION, *result_tables.ENTRANTS, *result_tables.PAIRS, *COSTS}


def waiting(frame: pd.DataFrame) -> list[Block]:
    """How many needs of each resource are served within a year, and the median wait."""
    cells = [
        [
            wording.named("resource", row.resource),
            wording.arm_name(row.arm),
            wording.level_text(row.baseline, row.unit),
            wording.level_text(row.level, row.unit),
            wording.effect_text(row),
            wording.plain(row.months_alone, 0),
            wording.plain(row.months, 0),
        ]
        for row in rows_of(frame)
    ]
    if not cells:
        return []
    names = ("resource", "arm", "baseline", "level", "difference_interval", "median_alone", "median")
    note = text("report.waiting_note", seeds=wording.span_of_seeds(frame["seeds"]))
    return [paragraph(note), table(text("report.waiting"), wording.columns(names), cells)]


def costs(scenario: Scenario, effects: pd.DataFrame, ratios: pd.DataFrame) -> list[Block]:
    """What each arm was planned to cost and used, and what an additional pair-year and a unit of value added cost."""
    if effects.empty:
        return []
    header = [*wording.columns(("arm", "planned"))]
    header += [wording.measure_with_unit(name, registry.MEASURES[name].unit) for name in COSTS]
    header += [wording.measure_with_unit(ratio.name, ratio.unit) for ratio in RATIOS]
    plans = {policy.name: planned(scenario, policy).at(1.0) for policy in scenario.policies}
    found = {(row.arm, row.measure): row for row in rows_of(ratios)}
    cells = []
    for arm, rows in by_arm(effects):
        used = [wording.level_text(rows[name].level, rows[name].unit) for name in COSTS]
        unit_costs = [_ratio(found[arm, ratio.name]) for ratio in RATIOS]
        cells.append([wording.arm_name(arm), wording.plain(plans[arm], 0), *used, *unit_costs])
    return [paragraph(text("report.costs_note")), table(text("report.costs"), header, cells)]


def _ratio(row: Row) -> str:
    decimals = wording.interval_decimals(row.low, row.high, most=3)
    mean, low, high = (wording.plain(value, decimals) for value in (row.ratio, row.low, row.high))
    if not math.isfinite(row.ratio):
        return mean
    return text("table.with_interval", effect=mean, low=low, high=high)


def further(effects: pd.DataFrame) -> list[Block]:
    """Every measure that no other section tells and that is not nothing in all arms: a row each, a column an arm."""
    effects = effects[~effects["headline"].astype(bool) & ~effects["measure"].isin(ELSEWHERE)]
    effects = effects.groupby("measure", sort=False).filter(_tells_something)
    if effects.empty:
        return []
    arms = list(effects["arm"].unique())
    cells = []
    for measure, rows in effects.groupby("measure", sort=False):
        by_name = {row.arm: row for row in rows_of(rows)}
        first = by_name[arms[0]]
        title = wording.measure_with_unit(str(measure), first.unit)
        baseline = wording.level_text(first.baseline, first.unit)
        cells.append([title, baseline, *(_level_and_effect(by_name[arm]) for arm in arms)])
    header = [*wording.columns(("measure", "baseline")), *(wording.arm_name(arm) for arm in arms)]
    return [paragraph(text("report.further_note")), table(text("report.further"), header, cells)]


def _tells_something(rows: pd.DataFrame) -> bool:
    return bool((rows[["baseline", "level"]].fillna(0.0) != 0.0).any(axis=None))


def _level_and_effect(row: Row) -> str:
    level = wording.level_text(row.level, row.unit)
    if not math.isfinite(row.effect):
        return level
    effect, low, high = wording.effect_numbers(row)
    if row.effect_unit != row.unit:
        effect = wording.quantity(effect, row.effect_unit)
    if not math.isfinite(row.low):
        return text("table.level_and_effect", level=level, effect=effect)
    return text("table.level_effect_interval", level=level, effect=effect, low=low, high=high)


def measures_told(estimates: Iterable[Estimates]) -> list[str]:
    """The measures of some tables of estimates, in the order of the registry."""
    frames = [frame for one in estimates for frame in (one.effects, one.resilience, one.waiting)]
    found = {name for frame in frames for name in frame["measure"]}
    return [name for name in registry.MEASURES if name in found]


def definitions(names: Iterable[str]) -> list[Block]:
    """What each measure is."""
    items = [
        text("report.definition", measure=wording.measure_title(name), definition=text(f"measure.{name}.definition"))
        for name in names
    ]
    return [bullets(items)] if items else []
