"""The tables of a run that compare policies: what differs, how precise that is, of what it is made, when and for whom.

Each function gives the blocks of one section, none where there is nothing to tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from clustersim import measures as registry
from clustersim.analysis.rows import Row, by_arm, headline_rows, nested, rows_of
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, Table, heading, paragraph, table
from clustersim.spec.parameters import Values

DECOMPOSITION = ("local_sales", "outside_sales", "rerouted", "replaced")
ENTRANTS = ("entrants", "output", "incumbent_output")
PAIRS = ("additional", "deadweight", "twin_only", "net_additional")
GROUPED = ("pairing_rate", "output", "value_added")


def results(effects: pd.DataFrame, parameters: Values) -> list[Block]:
    """Baseline, level, difference with interval and verdict in the headline measures."""
    rows = headline_rows(effects)
    if not rows:
        return []
    margins = {
        "pairing": wording.margin_text(parameters.pairing_margin, "points"),
        "output": wording.margin_text(parameters.output_margin, "percent"),
    }
    note = text("report.margins", seeds=wording.span_of_seeds(row.seeds for row in rows), **margins)
    return [effect_table("results", rows), paragraph(note)]


def effect_table(name: str, rows: Iterable[Row]) -> Table:
    """Arm, measure, baseline, level, difference with interval and verdict of each row."""
    cells = [
        [
            wording.arm_name(row.arm),
            wording.measure_with_unit(row.measure, row.unit),
            wording.level_text(row.baseline, row.unit),
            wording.level_text(row.level, row.unit),
            wording.difference(row),
            wording.named("verdict", row.verdict) if row.verdict else wording.NOTHING,
        ]
        for row in rows
    ]
    names = ("arm", "measure", "baseline", "level", "difference_interval", "verdict")
    return table(text(f"report.{name}"), wording.columns(names), cells)


def precision(effects: pd.DataFrame) -> list[Block]:
    """Monte Carlo error of each headline difference, and the seeds that a precise one takes."""
    cells = [
        [
            wording.arm_name(row.arm),
            wording.measure_with_unit(row.measure, row.effect_unit),
            wording.plain(row.standard_error, wording.interval_decimals(0.0, 2.0 * row.standard_error, most=3)),
            wording.plain(100.0 * row.share_better, 0) + "%",
            wording.plain(row.variance_gain, 1 if row.variance_gain < 100 else 0),
            f"{row.seeds:,}",
            wording.plain(row.seeds_needed, 0),
        ]
        for row in headline_rows(effects)
    ]
    names = ("arm", "measure", "standard_error", "share_better", "variance_gain", "seeds", "seeds_needed")
    note = paragraph(text("report.precision_note"))
    return [note, table(text("report.results"), wording.columns(names), cells)] if cells else []


def contrasts(frame: pd.DataFrame) -> list[Block]:
    """Each pair of policies in the headline measures."""
    cells = [
        [
            wording.arm_name(row.arm),
            wording.arm_name(row.against),
            wording.measure_title(row.measure),
            wording.difference(row),
            wording.named("verdict", row.verdict),
        ]
        for row in rows_of(frame)
    ]
    names = ("arm", "against", "measure", "difference_interval", "verdict")
    return _table("contrasts", wording.columns(names), cells)


def decomposition(effects: pd.DataFrame) -> list[Block]:
    """Change of output = of local sales + of outside sales; how much of it is rerouted, how much replaced."""
    cells = []
    for arm, rows in by_arm(effects):
        change = wording.plain(rows["output"].level - rows["output"].baseline, 0, signed=True)
        parts = [wording.effect_text(rows[name]) for name in DECOMPOSITION]
        cells.append([wording.arm_name(arm), change, *parts])
    names = ("arm", "output_change", "plus_local", "plus_outside", "of_which_rerouted", "of_which_replaced")
    return _noted_table("decomposition", wording.columns(names), cells)


def entrants(effects: pd.DataFrame) -> list[Block]:
    """Output with and without the firms that entered; nothing where none did."""
    arms = by_arm(effects)
    if not any(rows["entrants"].level for _, rows in arms):
        return []
    titles = [wording.measure_with_unit(name, registry.MEASURES[name].effect_unit) for name in ENTRANTS]
    cells = [
        [
            wording.arm_name(arm),
            wording.level_text(rows["entrants"].level, "firms"),
            *(wording.effect_text(rows[name]) for name in ENTRANTS[1:]),
            wording.named("verdict", rows["incumbent_output"].verdict),
        ]
        for arm, rows in arms
    ]
    first, last = wording.columns(("arm", "verdict_incumbent"))
    return _noted_table("entrants", [first, *titles, last], cells)


def pairs(effects: pd.DataFrame) -> list[Block]:
    """Pair-months of each arm that no_alliance has too, has not, or alone has."""
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
    first, last = wording.columns(("arm", "share_additional"))
    return _noted_table("pairs", [first, *(wording.measure_title(name) for name in PAIRS), last], cells)


def years(by_year: pd.DataFrame) -> list[Block]:
    """Differences of each year in the headline measures, the baseline beside them."""
    cells = []
    for arm, year, rows in nested(by_year, "arm", "year"):
        first = rows_of(rows)[0]
        months = text("table.span", low=first.first_month, high=first.last_month)
        cells.append([wording.arm_name(arm), year, months, *_grouped(rows)])
    return _table("years", [*wording.columns(("arm", "year", "months")), *_grouped_header()], cells)


def resilience(frame: pd.DataFrame) -> list[Block]:
    """What the shock does to each arm; nothing where there is none."""
    return [] if frame.empty else [_note("resilience"), effect_table("resilience", rows_of(frame))]


def groups(frame: pd.DataFrame) -> list[Block]:
    """Differences within fixed groups of enterprises in the headline measures, a table for each way to group them.

    A way that puts all enterprises into one group tells nothing that the first table does not; it is left out.
    """
    blocks: list[Block] = []
    filled = frame[frame.groupby(["dimension", "group", "arm"])["seeds"].transform("min") > 0]
    for dimension, part in filled.groupby("dimension", sort=False):
        if part["group"].nunique() > 1:
            title = wording.named("dimension", str(dimension))
            blocks += [heading(title, 2), _group_table(title, str(dimension), part)]
    return [_note("groups"), *blocks] if blocks else []


def _group_table(title: str, dimension: str, frame: pd.DataFrame) -> Table:
    kind = dimension if dimension == "size_class" else "group"
    cells = [
        [wording.named(kind, group), wording.arm_name(arm), *_grouped(rows), wording.span_of_seeds(rows["seeds"])]
        for group, arm, rows in nested(frame, "group", "arm")
    ]
    return table(title, [*wording.columns(("group", "arm")), *_grouped_header(), *wording.columns(["seeds"])], cells)


def _grouped_header() -> list[str]:
    measures = [registry.MEASURES[name] for name in GROUPED]
    titles = [wording.measure_with_unit(measure.name, measure.effect_unit) for measure in measures]
    return [text("table.baseline_of", measure=wording.measure_title("pairing_rate")), *titles]


def _grouped(rows: pd.DataFrame) -> list[str]:
    """Baseline pairing and the three differences of one year or group."""
    by_measure = {row.measure: row for row in rows_of(rows)}
    pairing = by_measure["pairing_rate"]
    baseline = wording.quantity(wording.level_text(pairing.baseline, "percent"), "percent")
    return [baseline, *(wording.effect_text(by_measure[name]) for name in GROUPED)]


def _note(name: str) -> Block:
    return paragraph(text(f"report.{name}_note"))


def _table(name: str, header: Sequence[str], cells: list[list[str]]) -> list[Block]:
    return [table(text(f"report.{name}"), header, cells)] if cells else []


def _noted_table(name: str, header: Sequence[str], cells: list[list[str]]) -> list[Block]:
    return [_note(name), *_table(name, header, cells)] if cells else []
