"""The briefing as a whole: the page, the figures and tables behind it, the appendices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clustersim.execution.budget import with_budget
from clustersim.messages import text
from clustersim.reports import appendix, assumption_report, attribution_report, details, sections, study_report, wording
from clustersim.reports.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    PageBreak,
    Table,
    escaped,
    line,
    plain,
)
from clustersim.reports.markdown import blocks_of
from clustersim.reports.page import front
from clustersim.reports.pictures import Drawing
from clustersim.reports.side_by_side import called, side_by_side
from clustersim.reports.sources import AttributionSource, RunSource, Sources, StudySource
from clustersim.reports.wording import arm_words

# Heading -> what stands below it, in order: kinds of figures, and names of the tables of `_tables`.
CONTENTS = {
    "results": ("forest", "table:results", "outcomes", "table:contrasts"),
    "assumptions": ("assumptions", "tornado", "table:assumptions"),
    "pairs": ("funnel", "channels", "additional", "network", "table:pairs"),
    "waiting": ("waiting", "table:waiting"),
    "costs": ("cost", "table:costs"),
    "gains": ("gains", "table:decomposition"),
    "shock": ("shock", "table:resilience"),
}
TABLE = "table:"
# Verb of a study -> how many of its sentences the page tells: of what, what moves it, which policy is ahead where.
TOLD_ON_PAGE = {"sensitivity": 2, "map": 3}


def compose(sources: Sources, drawn: Sequence[Drawing]) -> Document:
    """All blocks of a briefing.

    Args:
        drawn: its figures; each stands at its place.
    """
    several = len(sources.runs) > 1
    blocks: list[Block] = side_by_side(sources.runs) if several else []
    for run in sources.runs:
        blocks += [PageBreak()] if blocks else []
        blocks += _run(run, sources, drawn, 2 if several else 1)
    for study in sources.studies:
        blocks += [*([PageBreak()] if blocks else []), *_study(study, drawn)]
    blocks += appendix.appendices(sources)
    return Document(_title(sources), line(_subtitle(sources)), tuple(blocks))


def _title(sources: Sources) -> str:
    if len(sources.titles) == 1:
        return sources.title
    return text("brief.title_several", titles=text("brief.separator").join(sources.titles))


def _subtitle(sources: Sources) -> str:
    if len(sources.runs) == 1:
        [run] = sources.runs
        fields = {"run": run.provenance.run, "date": run.ended[:10]}
        seeds = wording.seeds(run.findings.seeds)
        return text("brief.subtitle", version=sources.code, seeds=seeds, **fields)
    made_of = [*(run.provenance for run in sources.runs), *(study.provenance for study in sources.studies)]
    told = [text("brief.run_of", name=one.name, run=one.run, seeds=wording.seeds(one.seeds)) for one in made_of]
    return text("brief.subtitle_several", version=sources.code, runs=text("brief.separator").join(told))


def _run(run: RunSource, sources: Sources, drawn: Sequence[Drawing], level: int) -> list[Block]:
    """The page of a run, then what stands behind it. `level`: of its headings; with several runs its title is above."""
    own = [one for one in drawn if one.provenance == run.provenance]
    blocks: list[Block] = [Heading(line(called(run, sources.runs)), 1)] if level > 1 else []
    blocks += front(run.findings, _from_studies(sources.studies_of(run)), level)
    blocks.append(PageBreak())
    for name, items in CONTENTS.items():
        inside = [block for item in items for block in _item(item, run, own)]
        if inside:
            blocks += [Heading(line(text(f"brief.heading.{name}")), level), *inside]
    for attribution in run.attributions:
        blocks += _attribution(attribution, drawn, level)
    return blocks


def _from_studies(studies: Sequence[StudySource]) -> list[str]:
    """What the conclusion depends on according to studies, for the page."""
    return [
        text("brief.words.from_study", title=escaped(study.title), said=" ".join(said))
        for study in studies
        if (said := study_report.sentences(study.findings)[: TOLD_ON_PAGE.get(study.provenance.kind, 1)])
    ]


def _item(item: str, run: RunSource, drawn: Sequence[Drawing]) -> list[Block]:
    """The figures of a kind, or a table of `report.md` with its notes; the heading that it has there calls it."""
    if not item.startswith(TABLE):
        return [one.picture for one in drawn if one.kind == item]
    told = _table(item.removeprefix(TABLE), run)
    blocks = [block for block in blocks_of(told) if not isinstance(block, Heading)]
    return [_without_empty_columns(block) if isinstance(block, Table) else block for block in blocks]


def _without_empty_columns(table: Table) -> Table:
    kept = [
        number
        for number in range(len(table.header))
        if {plain(row[number]) for row in table.rows} - {wording.NOTHING, ""}
    ]
    header, *rows = (tuple(row[number] for number in kept) for row in (table.header, *table.rows))
    return Table(table.caption, header, tuple(rows))


def _table(name: str, run: RunSource) -> list[str]:
    found, scenario = run.findings.estimates, run.findings.scenario
    assumptions = run.findings.assumptions
    told: dict[str, Callable[[], list[str]]] = {
        "results": lambda: sections.results(found.effects, scenario.parameters)[:3],
        "contrasts": lambda: sections.contrasts(found.contrasts),
        "assumptions": lambda: [] if assumptions is None else assumption_report.section(assumptions),
        "pairs": lambda: [*sections.pairs(found.effects), *sections.entrants(found.effects)],
        "waiting": lambda: details.waiting(found.waiting),
        "costs": lambda: details.costs(with_budget(scenario), found.effects, found.ratios),
        "decomposition": lambda: sections.decomposition(found.effects),
        "resilience": lambda: details.resilience(found.resilience),
    }
    return told[name]()


def _attribution(source: AttributionSource, drawn: Sequence[Drawing], level: int) -> list[Block]:
    findings = source.findings
    pictures = [one.picture for one in drawn if one.provenance == source.provenance]
    sentences = tuple(line(sentence) for sentence in attribution_report.sentences(findings))
    title = text("brief.heading.attribution", arm=escaped(arm_words(findings.arm)))
    return [Heading(line(title), level), Bullets(sentences), *pictures]


def _study(study: StudySource, drawn: Sequence[Drawing]) -> list[Block]:
    pictures = [one.picture for one in drawn if one.provenance == study.provenance]
    title = text("brief.heading.study", title=escaped(study.title))
    sentences = tuple(line(sentence) for sentence in study_report.sentences(study.findings))
    tables = [block for block in study_report.blocks(study.findings) if isinstance(block, Table)]
    return [Heading(line(title), 1), Bullets(sentences), *pictures, *tables]
