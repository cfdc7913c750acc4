"""The first tables of report.md: what differs, how sure it is, of what it is made, when and for whom.

Each function gives the blocks of one section, none where there is nothing to tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from clustersim import measures as registry
from clustersim.experiment import wording
from clustersim.experiment.markdown import (
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
from clustersim.experiment.wording import Row
from clustersim.messages import text
from clustersim.spec.parameters import Values

DECOMPOSITION = ("local_sales", "outside_sales", "rerouted", "replaced")
ENTRANTS = ("entrants", "output", "incumbent_output")
PAIRS = ("additional", "deadweight", "twin_only", "net_additional")
GROUPED = ("pairing_rate", "output", "value_added")


def results(effects: pd.DataFrame, parameters: Values, language: str | None) -> list[str]:
    """Baseline, level, difference with interval and verdict in the headline measures; how precise each is."""
    rows = rows_of(effects[effects["headline"].astype(bool)])
    if not rows:
        return []
    margins = {
        "pairing": wording.margin_text(parameters.pairing_margin, "points", language),
        "output": wording.margin_text(parameters.output_margin, "percent", language),
    }
    return [
        heading("results", language),
        effect_table(rows, language),
        text("report.margins", language, seeds=seeds_of(effects[effects["headline"].astype(bool)]), **margins),
        note("precision", language),
        _precision_table(rows, language),
    ]


def effect_table(rows: Iterable[Row], language: str | None) -> str:
    """Arm, measure, baseline, level, difference with interval and verdict of each row."""
    cells = [
        [
            wording.arm_name(row.arm, language),
            measure_with_unit(row.measure, row.unit, language),
            wording.level_text(row.baseline, row.unit),
            wording.level_text(row.level, row.unit),
            difference(row, language),
            wording.named("verdict", row.verdict, language) if row.verdict else wording.NOTHING,
        ]
        for row in rows
    ]
    names = ("arm", "measure", "baseline", "level", "difference_interval", "verdict")
    return table(columns(names, language), cells)


def _precision_table(rows: Iterable[Row], language: str | None) -> str:
    cells = [
        [
            wording.arm_name(row.arm, language),
            measure_with_unit(row.measure, row.effect_unit, language),
            wording.plain(row.standard_error, wording.interval_decimals(0.0, 2.0 * row.standard_error, most=3)),
            wording.plain(100.0 * row.share_better, 0) + "%",
            wording.plain(row.variance_gain, 1 if row.variance_gain < 100 else 0),
            f"{row.seeds:,}",
            wording.plain(row.seeds_needed, 0),
        ]
        for row in rows
    ]
    names = ("arm", "measure", "standard_error", "share_better", "variance_gain", "seeds", "seeds_needed")
    return table(columns(names, language), cells)


def contrasts(frame: pd.DataFrame, language: str | None) -> list[str]:
    """Each pair of policies in the headline measures."""
    cells = [
        [
            wording.arm_name(row.arm, language),
            wording.arm_name(row.against, language),
            wording.measure_title(row.measure, language),
            difference(row, language),
            wording.named("verdict", row.verdict, language),
        ]
        for row in rows_of(frame)
    ]
    names = ("arm", "against", "measure", "difference_interval", "verdict")
    return _section("contrasts", columns(names, language), cells, language)


def decomposition(effects: pd.DataFrame, language: str | None) -> list[str]:
    """Change of output = of local sales + of outside sales; how much of it is rerouted, how much replaced."""
    cells = []
    for arm, rows in by_arm(effects):
        change = wording.plain(rows["output"].level - rows["output"].baseline, 0, signed=True)
        parts = [wording.effect_text(rows[name], language) for name in DECOMPOSITION]
        cells.append([wording.arm_name(arm, language), change, *parts])
    names = ("arm", "output_change", "plus_local", "plus_outside", "of_which_rerouted", "of_which_replaced")
    return _section("decomposition", columns(names, language), cells, language, noted=True)


def entrants(effects: pd.DataFrame, language: str | None) -> list[str]:
    """Output with and without the firms that entered; nothing where none did."""
    arms = by_arm(effects)
    if not any(rows["entrants"].level for _, rows in arms):
        return []
    header = columns(["arm"], language)
    header += [measure_with_unit(name, registry.MEASURES[name].effect_unit, language) for name in ENTRANTS]
    cells = [
        [
            wording.arm_name(arm, language),
            wording.level_text(rows["entrants"].level, "firms"),
            *(wording.effect_text(rows[name], language) for name in ENTRANTS[1:]),
            wording.named("verdict", rows["incumbent_output"].verdict, language),
        ]
        for arm, rows in arms
    ]
    return _section("entrants", [*header, text("table.verdict_incumbent", language)], cells, language, noted=True)


def pairs(effects: pd.DataFrame, language: str | None) -> list[str]:
    """Pair-months of each arm that no_alliance has too, has not, or alone has."""
    header = columns(["arm"], language) + [wording.measure_title(name, language) for name in PAIRS]
    cells = []
    for arm, rows in by_arm(effects):
        *levels, net = (wording.plain(rows[name].level, 0) for name in PAIRS)
        row = rows["net_additional"]
        _, low, high = wording.effect_numbers(row)
        if math.isfinite(row.low):
            net = text("table.with_interval", language, effect=net, low=low, high=high)
        paired = rows["additional"].level + rows["deadweight"].level
        share = wording.plain(100.0 * rows["additional"].level / paired if paired else math.nan, 0)
        cells.append([wording.arm_name(arm, language), *levels, net, wording.quantity(share, "percent", language)])
    return _section("pairs", [*header, text("table.share_additional", language)], cells, language, noted=True)


def years(by_year: pd.DataFrame, language: str | None) -> list[str]:
    """Differences of each year in the headline measures, the baseline beside them."""
    cells = []
    for arm, year, rows in nested(by_year, "arm", "year"):
        first = rows_of(rows)[0]
        months = text("table.span", language, low=first.first_month, high=first.last_month)
        cells.append([wording.arm_name(arm, language), year, months, *_grouped(rows, language)])
    header = [*columns(("arm", "year", "months"), language), *_grouped_header(language)]
    return _section("years", header, cells, language)


def groups(frame: pd.DataFrame, language: str | None) -> list[str]:
    """Differences within fixed groups of enterprises in the headline measures, a table for each way to group them.

    A way that puts all enterprises into one group tells nothing that the first table does not; it is left out.
    """
    blocks = []
    filled = frame[frame.groupby(["dimension", "group", "arm"])["seeds"].transform("min") > 0]
    for dimension, part in filled.groupby("dimension", sort=False):
        if part["group"].nunique() > 1:
            title = wording.named("dimension", str(dimension), language)
            blocks += [f"### {title}", _group_table(str(dimension), part, language)]
    return [heading("groups", language), note("groups", language), *blocks] if blocks else []


def _group_table(dimension: str, frame: pd.DataFrame, language: str | None) -> str:
    kind = dimension if dimension == "size_class" else "group"
    cells = []
    for group, arm, rows in nested(frame, "group", "arm"):
        names = [wording.named(kind, group, language), wording.arm_name(arm, language)]
        cells.append([*names, *_grouped(rows, language), seeds_of(rows)])
    header = [*columns(("group", "arm"), language), *_grouped_header(language), *columns(["seeds"], language)]
    return table(header, cells)


def _grouped_header(language: str | None) -> list[str]:
    measures = [registry.MEASURES[name] for name in GROUPED]
    titles = [measure_with_unit(measure.name, measure.effect_unit, language) for measure in measures]
    pairing = wording.measure_title("pairing_rate", language)
    return [text("table.baseline_of", language, measure=pairing), *titles]


def _grouped(rows: pd.DataFrame, language: str | None) -> list[str]:
    """Baseline pairing and the three differences of one year or group."""
    by_measure = {row.measure: row for row in rows_of(rows)}
    pairing = by_measure["pairing_rate"]
    baseline = wording.quantity(wording.level_text(pairing.baseline, "percent"), "percent", language)
    return [baseline, *(wording.effect_text(by_measure[name], language) for name in GROUPED)]


def _section(
    name: str, header: Sequence[str], cells: list[list[str]], language: str | None, *, noted: bool = False
) -> list[str]:
    if not cells:
        return []
    return [heading(name, language), *([note(name, language)] if noted else []), table(header, cells)]
