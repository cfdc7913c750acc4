"""The first tables of report.md: what differs, how certain this is, its parts, by year and by group.

Each function gives the blocks of one section, none where there is nothing to tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from clustersim import measures as registry
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.markdown import (
    by_arm,
    columns,
    difference,
    heading,
    measure_with_unit,
    nested,
    note,
    rows_of,
    seeds_of,
    table,
)
from clustersim.reports.wording import Row
from clustersim.spec.parameters import Values

DECOMPOSITION = ("local_sales", "outside_sales", "rerouted", "replaced")
ENTRANTS = ("entrants", "output", "incumbent_output")
PAIRS = ("additional", "deadweight", "twin_only", "net_additional")
GROUPED = ("pairing_rate", "output", "value_added")


def results(effects: pd.DataFrame, parameters: Values) -> list[str]:
    """Baseline, level, difference with interval and verdict in the headline measures; how precise each is."""
    rows = rows_of(effects[effects["headline"].astype(bool)])
    if not rows:
        return []
    margins = {
        "pairing": wording.margin_text(parameters.pairing_margin, "points"),
        "output": wording.margin_text(parameters.output_margin, "percent"),
    }
    return [
        heading("results"),
        effect_table(rows),
        text("report.margins", seeds=seeds_of(effects[effects["headline"].astype(bool)]), **margins),
        note("precision"),
        _precision_table(rows),
    ]


def effect_table(rows: Iterable[Row]) -> str:
    """Arm, measure, baseline, level, difference with interval and verdict of each row."""
    cells = [
        [
            wording.arm_name(row.arm),
            measure_with_unit(row.measure, row.unit),
            wording.level_text(row.baseline, row.unit),
            wording.level_text(row.level, row.unit),
            difference(row),
            wording.named("verdict", row.verdict) if row.verdict else wording.NOTHING,
        ]
        for row in rows
    ]
    names = ("arm", "measure", "baseline", "level", "difference_interval", "verdict")
    return table(columns(names), cells)


def _precision_table(rows: Iterable[Row]) -> str:
    cells = [
        [
            wording.arm_name(row.arm),
            measure_with_unit(row.measure, row.effect_unit),
            wording.plain(row.standard_error, wording.interval_decimals(0.0, 2.0 * row.standard_error, most=3)),
            wording.plain(100.0 * row.share_better, 0) + "%",
            wording.plain(row.variance_gain, 1 if row.variance_gain < 100 else 0),
            f"{row.seeds:,}",
            wording.plain(row.seeds_needed, 0),
        ]
        for row in rows
    ]
    names = ("arm", "measure", "standard_error", "share_better", "variance_gain", "seeds", "seeds_needed")
    return table(columns(names), cells)


def contrasts(frame: pd.DataFrame) -> list[str]:
    """Each pair of policies in the headline measures."""
    cells = [
        [
            wording.arm_name(row.arm),
            wording.arm_name(row.against),
            wording.measure_title(row.measure),
            difference(row),
            wording.named("verdict", row.verdict),
        ]
        for row in rows_of(frame)
    ]
    names = ("arm", "against", "measure", "difference_interval", "verdict")
    return _section("contrasts", columns(names), cells)


def decomposition(effects: pd.DataFrame) -> list[str]:
    """Change of output = of local sales + of outside sales; how much of it is rerouted, how much replaced."""
    cells = []
    for arm, rows in by_arm(effects):
        change = wording.plain(rows["output"].level - rows["output"].baseline, 0, signed=True)
        parts = [wording.effect_text(rows[name]) for name in DECOMPOSITION]
        cells.append([wording.arm_name(arm), change, *parts])
    names = ("arm", "output_change", "plus_local", "plus_outside", "of_which_rerouted", "of_which_replaced")
    return _section("decomposition", columns(names), cells, noted=True)


def entrants(effects: pd.DataFrame) -> list[str]:
    """Output with and without the firms that entered; nothing where none did."""
    arms = by_arm(effects)
    if not any(rows["entrants"].level for _, rows in arms):
        return []
    header = columns(["arm"])
    header += [measure_with_unit(name, registry.MEASURES[name].effect_unit) for name in ENTRANTS]
    cells = [
        [
            wording.arm_name(arm),
            wording.level_text(rows["entrants"].level, "firms"),
            *(wording.effect_text(rows[name]) for name in ENTRANTS[1:]),
            wording.named("verdict", rows["incumbent_output"].verdict),
        ]
        for arm, rows in arms
    ]
    return _section("entrants", [*header, text("table.verdict_incumbent")], cells, noted=True)


def pairs(effects: pd.DataFrame) -> list[str]:
    """Pair-months of each arm that no_alliance has too, has not, or alone has."""
    header = columns(["arm"]) + [wording.measure_title(name) for name in PAIRS]
    cells = []
    for arm, rows in by_arm(effects):
        *levels, net = (wording.plain(rows[name].level, 0) for name in PAIRS)
        row = rows["net_additional"]
        _, low, high = wording.effect_numbers(row)
        if math.isfinite(row.low):
            net = text("table.with_interval", effect=net, low=low, high=high)
        paired = rows["additional"].level + rows["deadweight"].level
        share = wording.plain(100.0 * rows["additional"].level / paired if paired else math.nan, 0)
        cells.append([wording.arm_name(arm), *levels, net, wording.quantity(share, "percent")])
    return _section("pairs", [*header, text("table.share_additional")], cells, noted=True)


def years(by_year: pd.DataFrame) -> list[str]:
    """Differences of each year in the headline measures, the baseline beside them."""
    cells = []
    for arm, year, rows in nested(by_year, "arm", "year"):
        first = rows_of(rows)[0]
        months = text("table.span", low=first.first_month, high=first.last_month)
        cells.append([wording.arm_name(arm), year, months, *_grouped(rows)])
    header = [*columns(("arm", "year", "months")), *_grouped_header()]
    return _section("years", header, cells)


def groups(frame: pd.DataFrame) -> list[str]:
    """Differences within fixed groups of enterprises in the headline measures, a table for each way to group them.

    A way that puts all enterprises into one group tells nothing that the first table does not; it is left out.
    """
    blocks = []
    filled = frame[frame.groupby(["dimension", "group", "arm"])["seeds"].transform("min") > 0]
    for dimension, part in filled.groupby("dimension", sort=False):
        if part["group"].nunique() > 1:
            title = wording.named("dimension", str(dimension))
            blocks += [f"### {title}", _group_table(str(dimension), part)]
    return [heading("groups"), note("groups"), *blocks] if blocks else []


def _group_table(dimension: str, frame: pd.DataFrame) -> str:
    kind = dimension if dimension == "size_class" else "group"
    cells = []
    for group, arm, rows in nested(frame, "group", "arm"):
        names = [wording.named(kind, group), wording.arm_name(arm)]
        cells.append([*names, *_grouped(rows), seeds_of(rows)])
    header = [*columns(("group", "arm")), *_grouped_header(), *columns(["seeds"])]
    return table(header, cells)


def _grouped_header() -> list[str]:
    measures = [registry.MEASURES[name] for name in GROUPED]
    titles = [measure_with_unit(measure.name, measure.effect_unit) for measure in measures]
    pairing = wording.measure_title("pairing_rate")
    return [text("table.baseline_of", measure=pairing), *titles]


def _grouped(rows: pd.DataFrame) -> list[str]:
    """Baseline pairing and the three differences of one year or group."""
    by_measure = {row.measure: row for row in rows_of(rows)}
    pairing = by_measure["pairing_rate"]
    baseline = wording.quantity(wording.level_text(pairing.baseline, "percent"), "percent")
    return [baseline, *(wording.effect_text(by_measure[name]) for name in GROUPED)]


def _section(name: str, header: Sequence[str], cells: list[list[str]], *, noted: bool = False) -> list[str]:
    if not cells:
        return []
    return [heading(name), *([note(name)] if noted else []), table(header, cells)]
