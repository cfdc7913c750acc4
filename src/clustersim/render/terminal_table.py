"""The table of results in the terminal, of 80 columns."""

from __future__ import annotations

import math

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clustersim.analysis.verdicts import Verdict
from clustersim.messages import text
from clustersim.render.terminal import plain_table
from clustersim.reports import wording
from clustersim.reports.summary import headline_rows
from clustersim.reports.wording import Row
from clustersim.scenario.model import NO_ALLIANCE

COLOURS = {Verdict.BETTER: "green", Verdict.WORSE: "red", Verdict.UNDECIDED: "yellow"}
VERDICT_WIDTH = 12  # "no practical" stands in one line, "difference" in the next
LEAST_ARM_WIDTH = 14
INDENT = 2


def terminal_table(effects: pd.DataFrame) -> Table:
    """The headline measures as a table of 80 columns: below each measure no alliance and every policy.

    A row for each measure's heading, for no alliance and for each arm; a word and a colour a verdict.
    """
    rows = headline_rows(effects)
    seeds = max((row.seeds for row in rows), default=0)
    table = plain_table(text("table.title", seeds=wording.seeds(seeds)))
    table.add_column(text("table.arm"), overflow="fold", min_width=LEAST_ARM_WIDTH)
    for name in ("level", "difference", "interval"):
        table.add_column(text(f"table.{name}"), justify="right", no_wrap=True)
    table.add_column(text("table.verdict"), min_width=VERDICT_WIDTH)
    for place, measure in enumerate(dict.fromkeys(row.measure for row in rows)):
        if place:
            table.add_section()
        _add_measure(table, [row for row in rows if row.measure == measure])
    return table


def _add_measure(table: Table, rows: list[Row]) -> None:
    first = rows[0]
    title = wording.measure_title(first.measure)
    units = [wording.unit_name(unit) for unit in (first.unit, first.effect_unit)]
    table.add_row(Text(title, "bold"), *units)
    table.add_row(_indented(NO_ALLIANCE), wording.level_text(first.baseline, first.unit))
    for row in rows:
        effect, low, high = wording.effect_numbers(row)
        interval = text("table.range", low=low, high=high) if math.isfinite(row.low) else wording.NOTHING
        table.add_row(
            _indented(row.arm),
            wording.level_text(row.level, row.unit),
            effect,
            interval,
            Text(wording.named("verdict", row.verdict), COLOURS.get(Verdict(row.verdict), "")),
        )


def _indented(arm: str) -> Padding:
    return Padding(Text(wording.arm_name(arm)), (0, 0, 0, INDENT))
