"""What stands at the end of a briefing: every number by what it rests on, the measures, and how it was made."""

from __future__ import annotations

from clustersim import scenario as scenarios
from clustersim.messages import text
from clustersim.reports import further_tables, wording
from clustersim.reports.blocks import Block, PageBreak, Table, bullets, escaped, heading, paragraph, table
from clustersim.reports.references import references
from clustersim.reports.runs_side_by_side import title_of
from clustersim.reports.sources import RunSource, Sources
from clustersim.scenario.words import STATUSES, statuses
from clustersim.storage.provenance import Provenance

COLUMNS = ("parameter", "value", "unit", "rests")


def appendices(sources: Sources) -> list[Block]:
    blocks: list[Block] = [PageBreak()]
    for run in sources.runs:
        blocks += _parameters(run, sources)
    return [*blocks, *references(sources.runs), *_definitions(sources), *_again(sources)]


def _parameters(run: RunSource, sources: Sources) -> list[Block]:
    """A table for each kind of evidence, the firmest first."""
    scenario = run.findings.scenario
    title = text("brief.heading.parameters")
    if len(sources.runs) > 1:
        title = text("layout.title_of_run", title=title, run=title_of(run, sources.runs))
    blocks: list[Block] = [heading(title), paragraph(text("brief.status.note"))]
    numbers = scenarios.numbers(scenario)
    counts = statuses(scenario)
    for status in STATUSES:
        resting = text(f"status.{status}")
        rows = [row for row in numbers if row[3].startswith(resting)]
        if rows:
            blocks.append(_table(text("brief.status.heading", status=resting, number=counts[status]), rows))
    return blocks


def _table(caption: str, rows: list[tuple[str, str, str, str]]) -> Table:
    """Below the path that they share, numbers by its last part; what they rest on where not all rest on the same."""
    shown = 4 if len({row[3] for row in rows}) > 1 else 3
    header = [text(f"brief.column.{name}") for name in COLUMNS[:shown]]
    groups: dict[str, list[list[str]]] = {}
    for path, value, *rest in rows:
        above, _, name = path.rpartition(".")
        groups.setdefault(above, [[f"**`{above}`**"]]).append([f"`{name}`", escaped(value), *rest[: shown - 2]])
    return table(caption, header, [row for group in groups.values() for row in group])


def _definitions(sources: Sources) -> list[Block]:
    names = further_tables.measures_told(run.findings.estimates for run in sources.runs)
    blocks = further_tables.definitions(names)
    return [heading(text("brief.heading.definitions")), *blocks] if blocks else []


def _again(sources: Sources) -> list[Block]:
    made_of = bullets(_source(one) for one in sources.provenances)
    return [heading(text("brief.heading.again")), made_of, paragraph(text("brief.again.whence"))]


def _source(one: Provenance) -> str:
    seeds = wording.seeds(one.seeds)
    fields = {"name": one.name, "run": one.run, "code": one.code, "manifest": one.manifest[:16], "seeds": seeds}
    kind = text(f"cli.whence.kind.{one.kind}")
    kind = kind[:1].upper() + kind[1:]
    return text(f"brief.again.{'run' if one.kind == 'run' else 'study'}", kind=kind, **fields)
