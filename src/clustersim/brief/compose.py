"""The briefing as a whole: the page, the figures and tables behind it, the appendices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clustersim.brief import appendix
from clustersim.brief.blocks import Block, Bullets, Document, Heading, PageBreak, Table, blocks_of, escaped, line, plain
from clustersim.brief.page import front
from clustersim.brief.pictures import Drawing
from clustersim.brief.side_by_side import called, side_by_side
from clustersim.brief.sources import AttributionSource, RunSource, Sources, StudySource
from clustersim.experiment import details, sections, wording
from clustersim.experiment.budget import with_budget
from clustersim.experiment.findings.common import arm_words
from clustersim.messages import text
from clustersim.storage.manifest import code_version

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


def compose(sources: Sources, drawn: Sequence[Drawing], language: str) -> Document:
    """All blocks of a briefing.

    Args:
        drawn: its figures; each stands at its place.
    """
    several = len(sources.runs) > 1
    blocks: list[Block] = side_by_side(sources.runs, language) if several else []
    for run in sources.runs:
        blocks += [PageBreak()] if blocks else []
        blocks += _run(run, sources, drawn, language, 2 if several else 1)
    for study in sources.studies:
        blocks += [*([PageBreak()] if blocks else []), *_study(study, drawn, language)]
    blocks += appendix.appendices(sources, language)
    return Document(_title(sources, language), _subtitle(sources, language), language, tuple(blocks))


def _title(sources: Sources, language: str) -> str:
    if len(sources.titles) == 1:
        return sources.title
    return text("brief.title_several", language, titles=text("brief.separator", language).join(sources.titles))


def _subtitle(sources: Sources, language: str) -> str:
    version = code_version()
    if len(sources.runs) == 1:
        [run] = sources.runs
        fields = {"run": run.provenance.run, "date": run.ended[:10]}
        seeds = wording.seeds(run.findings.seeds, language)
        return text("brief.subtitle", language, version=version, seeds=seeds, **fields)
    made_of = [*(run.provenance for run in sources.runs), *(study.provenance for study in sources.studies)]
    told = [
        text("brief.run_of", language, name=one.name, run=one.run, seeds=wording.seeds(one.seeds, language))
        for one in made_of
    ]
    return text("brief.subtitle_several", language, version=version, runs=text("brief.separator", language).join(told))


def _run(run: RunSource, sources: Sources, drawn: Sequence[Drawing], language: str, level: int) -> list[Block]:
    """The page of a run, then what stands behind it. `level`: of its headings; with several runs its title is above."""
    own = [one for one in drawn if one.provenance == run.provenance]
    blocks: list[Block] = [Heading(line(called(run, sources.runs, language)), 1)] if level > 1 else []
    blocks += front(run.findings, _from_studies(sources.studies_of(run), language), language, level)
    blocks.append(PageBreak())
    for name, items in CONTENTS.items():
        inside = [block for item in items for block in _item(item, run, own, language)]
        if inside:
            blocks += [Heading(line(text(f"brief.heading.{name}", language)), level), *inside]
    for attribution in run.attributions:
        blocks += _attribution(attribution, drawn, language, level)
    return blocks


def _from_studies(studies: Sequence[StudySource], language: str) -> list[str]:
    """What studies say the conclusion hangs on, on the page."""
    return [
        text("brief.words.from_study", language, title=escaped(study.title), said=" ".join(said))
        for study in studies
        if (said := study.findings.sentences(language)[: TOLD_ON_PAGE.get(study.provenance.kind, 1)])
    ]


def _item(item: str, run: RunSource, drawn: Sequence[Drawing], language: str) -> list[Block]:
    """The figures of a kind, or a table of `report.md` with its notes; the heading that it has there calls it."""
    if not item.startswith(TABLE):
        return [one.picture for one in drawn if one.kind == item]
    told = _table(item.removeprefix(TABLE), run, language)
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


def _table(name: str, run: RunSource, language: str) -> list[str]:
    found, scenario = run.findings.estimates, run.findings.scenario
    assumptions = run.findings.assumptions
    told: dict[str, Callable[[], list[str]]] = {
        "results": lambda: sections.results(found.effects, scenario.parameters, language)[:3],
        "contrasts": lambda: sections.contrasts(found.contrasts, language),
        "assumptions": lambda: [] if assumptions is None else assumptions.section(language),
        "pairs": lambda: [*sections.pairs(found.effects, language), *sections.entrants(found.effects, language)],
        "waiting": lambda: details.waiting(found.waiting, language),
        "costs": lambda: details.costs(with_budget(scenario), found.effects, found.ratios, language),
        "decomposition": lambda: sections.decomposition(found.effects, language),
        "resilience": lambda: details.resilience(found.resilience, language),
    }
    return told[name]()


def _attribution(source: AttributionSource, drawn: Sequence[Drawing], language: str, level: int) -> list[Block]:
    findings = source.findings
    pictures = [one.picture for one in drawn if one.provenance == source.provenance]
    sentences = tuple(line(sentence) for sentence in findings.sentences(language))
    title = text("brief.heading.attribution", language, arm=escaped(arm_words(findings.arm, language)))
    return [Heading(line(title), level), Bullets(sentences), *pictures]


def _study(study: StudySource, drawn: Sequence[Drawing], language: str) -> list[Block]:
    pictures = [one.picture for one in drawn if one.provenance == study.provenance]
    title = text("brief.heading.study", language, title=escaped(study.title))
    sentences = tuple(line(sentence) for sentence in study.findings.sentences(language))
    tables = [block for block in blocks_of(study.findings.sections(language)) if isinstance(block, Table)]
    return [Heading(line(title), 1), Bullets(sentences), *pictures, *tables]
