"""Several runs in one table: the effect of each policy in each of them."""

from __future__ import annotations

from collections.abc import Sequence

from clustersim.analysis.rows import Row, rows_of
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, Table, escaped, heading, paragraph, table
from clustersim.reports.sources import RunSource

MEASURES = ("output", "pairing_rate")


def side_by_side(runs: Sequence[RunSource]) -> list[Block]:
    """A table for each measure: a row for each policy that any of the runs has, a column for each run.

    Nothing where no run has a policy.
    """
    tables = [table for table in (_table(name, runs) for name in MEASURES) if table.rows]
    if not tables:
        return []
    return [heading(text("brief.heading.side_by_side")), paragraph(text("brief.words.side_by_side")), *tables]


def title_of(run: RunSource, runs: Sequence[RunSource]) -> str:
    """Title of a run, with the name of the run where another has the same title."""
    titles = [one.title for one in runs]
    title = escaped(run.title)
    if titles.count(run.title) == 1:
        return title
    return text("layout.title_of_run", title=title, run=run.provenance.run)


def _table(name: str, runs: Sequence[RunSource]) -> Table:
    by_run = [_by_arm(run, name) for run in runs]
    arms = dict.fromkeys(arm for rows in by_run for arm in rows)
    header = [*wording.columns(["arm"]), *(title_of(run, runs) for run in runs)]
    cells = [[escaped(wording.arm_name(arm)), *(_cell(rows.get(arm)) for rows in by_run)] for arm in arms]
    return table(text("brief.words.measure_side_by_side", measure=wording.measure_title(name)), header, cells)


def _by_arm(run: RunSource, name: str) -> dict[str, Row]:
    effects = run.findings.estimates.effects
    return {row.arm: row for row in rows_of(effects[effects["measure"] == name])}


def _cell(row: Row | None) -> str:
    """Difference, interval and verdict; nothing where the run has no such policy."""
    if row is None:
        return wording.NOTHING
    verdict = wording.named("verdict", row.verdict)
    return text("brief.words.verdict_beside", effect=wording.difference(row), verdict=verdict)
