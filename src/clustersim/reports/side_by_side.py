"""Several runs in one table: the effect of each policy in each of them."""

from __future__ import annotations

from collections.abc import Sequence

from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import Block, Heading, Line, Paragraph, Table, escaped, line
from clustersim.reports.markdown import columns, difference, rows_of
from clustersim.reports.sources import RunSource
from clustersim.reports.wording import Row

MEASURES = ("output", "pairing_rate")


def side_by_side(runs: Sequence[RunSource]) -> list[Block]:
    """A table for each measure: a row for each policy that any of the runs has, a column for each run.

    Nothing where no run has a policy.
    """
    heading = line(text("brief.heading.side_by_side"))
    tables = [table for table in (_table(name, runs) for name in MEASURES) if table.rows]
    if not tables:
        return []
    return [Heading(heading, 1), Paragraph(line(text("brief.words.side_by_side"))), *tables]


def called(run: RunSource, runs: Sequence[RunSource]) -> str:
    """Title of a run as Markdown, with the name of the run where another has the same title."""
    titles = [one.title for one in runs]
    title = escaped(run.title)
    if titles.count(run.title) == 1:
        return title
    return text("layout.title_of_run", title=title, run=run.provenance.run)


def _table(name: str, runs: Sequence[RunSource]) -> Table:
    found = [_by_arm(run, name) for run in runs]
    arms = dict.fromkeys(arm for rows in found for arm in rows)
    header = [*columns(["arm"]), *(called(run, runs) for run in runs)]
    cells = [[escaped(wording.arm_name(arm)), *(_cell(rows.get(arm)) for rows in found)] for arm in arms]
    caption = text("brief.words.measure_side_by_side", measure=wording.measure_title(name))
    return Table(line(caption), _lines(header), tuple(_lines(row) for row in cells))


def _by_arm(run: RunSource, name: str) -> dict[str, Row]:
    effects = run.findings.estimates.effects
    return {row.arm: row for row in rows_of(effects[effects["measure"] == name])}


def _cell(row: Row | None) -> str:
    """Difference, interval and verdict; nothing where the run has no such policy."""
    if row is None:
        return wording.NOTHING
    verdict = wording.named("verdict", row.verdict)
    return text("brief.words.verdict_beside", effect=difference(row), verdict=verdict)


def _lines(cells: Sequence[str]) -> tuple[Line, ...]:
    return tuple(line(cell) for cell in cells)
