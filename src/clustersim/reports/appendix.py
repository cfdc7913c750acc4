"""What stands at the end of a briefing: every number by what it rests on, the measures, and how it was made."""

from __future__ import annotations

from clustersim import measures as registry
from clustersim import scenario as scenarios
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.blocks import (
    Block,
    Bullets,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    Table,
    escaped,
    line,
)
from clustersim.reports.details import definitions
from clustersim.reports.markdown import blocks_of
from clustersim.reports.references import references
from clustersim.reports.side_by_side import called
from clustersim.reports.sources import RunSource, Sources
from clustersim.scenario.words import STATUSES, statuses
from clustersim.storage.provenance import Provenance

COLUMNS = ("parameter", "value", "unit", "rests")


def appendices(sources: Sources) -> list[Block]:
    blocks: list[Block] = [PageBreak()]
    for run in sources.runs:
        blocks += _parameters(run, sources)
    if sources.runs:
        blocks += [*references(sources.runs), *_definitions(sources)]
    return [*blocks, *_again(sources)]


def _parameters(run: RunSource, sources: Sources) -> list[Block]:
    """A table for each kind of evidence, the firmest first."""
    scenario = run.findings.scenario
    title = text("brief.heading.parameters")
    name = called(run, sources.runs)
    several = len(sources.runs) > 1
    blocks: list[Block] = [
        Heading(line(text("layout.title_of_run", title=title, run=name) if several else title), 1),
        Paragraph(line(text("brief.status.note"))),
    ]
    numbers = scenarios.numbers(scenario)
    counts = statuses(scenario)
    for status in STATUSES:
        resting = text(f"status.{status}")
        rows = [row for row in numbers if row[3].startswith(resting)]
        if rows:
            heading = line(text("brief.status.heading", status=resting, number=counts[status]))
            blocks.append(_table(heading, rows))
    return blocks


def _table(caption: Line, rows: list[tuple[str, str, str, str]]) -> Table:
    """Below the path that they share, numbers by its last part; what they rest on where not all rest on the same."""
    shown = 4 if len({row[3] for row in rows}) > 1 else 3
    header = tuple(line(text(f"brief.column.{name}")) for name in COLUMNS[:shown])
    groups: dict[str, list[tuple[Line, ...]]] = {}
    for path, value, *rest in rows:
        above, _, name = path.rpartition(".")
        cells = (line(f"`{name}`"), line(escaped(value)), *(line(one) for one in rest[: shown - 2]))
        groups.setdefault(above, []).append(cells)
    grouped = [row for above, cells in groups.items() for row in ((line(f"**`{above}`**"),), *cells)]
    return Table(caption, header, tuple(grouped))


def _definitions(sources: Sources) -> list[Block]:
    estimates = [run.findings.estimates for run in sources.runs]
    frames = [frame for one in estimates for frame in (one.effects, one.resilience, one.waiting)]
    told = {name for frame in frames for name in frame["measure"]}
    names = [name for name in registry.MEASURES if name in told]
    _, listed = blocks_of(definitions(names)) if names else (None, None)
    return [Heading(line(text("brief.heading.definitions")), 1), listed] if listed else []


def _again(sources: Sources) -> list[Block]:
    made_of = tuple(line(_source(one)) for one in sources.provenances)
    return [
        Heading(line(text("brief.heading.again")), 1),
        Bullets(made_of),
        Paragraph(line(text("brief.again.whence"))),
    ]


def _source(one: Provenance) -> str:
    seeds = wording.seeds(one.seeds)
    fields = {"name": one.name, "run": one.run, "code": one.code, "manifest": one.manifest[:16], "seeds": seeds}
    kind = text(f"cli.whence.kind.{one.kind}")
    kind = kind[:1].upper() + kind[1:]
    return text(f"brief.again.{'run' if one.kind == 'run' else 'study'}", kind=kind, **fields)
