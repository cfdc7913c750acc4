"""The briefing as a whole: the front page, the figures and tables behind it, the appendices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clustersim.execution.budget import with_budget
from clustersim.messages import text
from clustersim.reports import (
    assumption_report,
    attribution_report,
    captions,
    further_tables,
    result_tables,
    study_report,
    wording,
)
from clustersim.reports.appendix import appendices
from clustersim.reports.blocks import (
    Block,
    Document,
    Frame,
    PageBreak,
    Picture,
    Table,
    bullets,
    escaped,
    heading,
    line,
    plain,
)
from clustersim.reports.front_page import front_page
from clustersim.reports.runs_side_by_side import side_by_side, title_of
from clustersim.reports.sources import AttributionSource, RunSource, Sources, StudySource
from clustersim.storage.provenance import Provenance

# Heading -> what stands below it, in order: kinds of figures, and names of the tables of `_table`.
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


def briefing(sources: Sources, figures: Mapping[Provenance, Sequence[str]]) -> Document:
    """The briefing of runs and studies.

    Args:
        figures: the names of those that each run, attribution and study has; see `Sources.prefixes` for their files.
    """
    return _Briefing(sources, figures).document()


@dataclass(frozen=True)
class _Briefing:
    sources: Sources
    figures: Mapping[Provenance, Sequence[str]]

    def document(self) -> Document:
        runs = self.sources.runs
        several = len(runs) > 1
        parts = [side_by_side(runs)] if several else []
        parts += [self._run(run, 2 if several else 1) for run in runs]
        parts += [self._study(study) for study in self.sources.studies]
        blocks: list[Block] = []
        for part in filter(None, parts):
            blocks += [*([PageBreak()] if blocks else []), *part]
        blocks += appendices(self.sources)
        return Document(_title(self.sources), line(_subtitle(self.sources)), tuple(blocks))

    def _run(self, run: RunSource, level: int) -> list[Block]:
        """The page of a run, then what stands behind it.

        Args:
            level: of its headings; with several runs its title is above.
        """
        blocks: list[Block] = [heading(title_of(run, self.sources.runs))] if level > 1 else []
        blocks += front_page(run.findings, _from_studies(self.sources.studies_of(run)), level)
        blocks.append(PageBreak())
        for name, items in CONTENTS.items():
            inside = [block for item in items for block in self._item(item, run)]
            if inside:
                blocks += [heading(text(f"brief.heading.{name}"), level), *inside]
        for attribution in run.attributions:
            blocks += self._attribution(attribution, level)
        return blocks

    def _item(self, item: str, run: RunSource) -> list[Block]:
        """The figures of a kind, or a table of the run's report with its notes."""
        if not item.startswith(TABLE):
            return [*self._pictures(run, item)]
        blocks = _table(item.removeprefix(TABLE), run)
        return [_without_empty_columns(block) if isinstance(block, Table) else block for block in blocks]

    def _pictures(self, source: RunSource | AttributionSource | StudySource, kind: str = "") -> list[Picture]:
        """Of one kind, or all."""
        prefix = self.sources.prefixes[source.provenance]
        names = self.figures.get(source.provenance, ())
        kept = [name for name in names if kind in ("", captions.parts_of(name)[0])]
        return [captions.picture(name, source, prefix) for name in kept]

    def _attribution(self, source: AttributionSource, level: int) -> list[Block]:
        title = text("brief.heading.attribution", arm=escaped(wording.arm_words(source.findings.arm)))
        return [heading(title, level), bullets(attribution_report.sentences(source.findings)), *self._pictures(source)]

    def _study(self, study: StudySource) -> list[Block]:
        title = text("brief.heading.study", title=escaped(study.title))
        tables = [block for block in study_report.blocks(study.findings) if isinstance(block, Table)]
        return [heading(title), bullets(study_report.sentences(study.findings)), *self._pictures(study), *tables]


def page_frame(sources: Sources) -> Frame:
    """Version and run at the foot of each page; of several runs none is named, since the page may tell any of them."""
    first, *others = sources.provenances
    key, mark = "layout.made_by_version" if others else "brief.made_by", "\0"
    before, between, after = text("brief.page", page=mark, pages=mark).split(mark)
    return Frame(
        made_by=text(key, version=first.code, run=first.run),
        page=(before, between, after),
        figure=text("brief.figure"),
        table=text("brief.table"),
        separator=text("brief.caption_separator"),
    )


def _title(sources: Sources) -> str:
    if len(sources.titles) == 1:
        return sources.title
    return text("brief.title_several", titles=text("brief.separator").join(sources.titles))


def _subtitle(sources: Sources) -> str:
    if len(sources.runs) == 1:
        [run] = sources.runs
        fields = {"run": run.provenance.run, "date": run.ended[:10]}
        return text("brief.subtitle", version=sources.code, seeds=wording.seeds(run.findings.seeds), **fields)
    made_of = [*(run.provenance for run in sources.runs), *(study.provenance for study in sources.studies)]
    told = [text("brief.run_of", name=one.name, run=one.run, seeds=wording.seeds(one.seeds)) for one in made_of]
    return text("brief.subtitle_several", version=sources.code, runs=text("brief.separator").join(told))


def _from_studies(studies: Sequence[StudySource]) -> list[str]:
    """What studies say the conclusion depends on, on the page."""
    return [
        text("brief.words.from_study", title=escaped(study.title), said=" ".join(said))
        for study in studies
        if (said := study_report.sentences(study.findings)[: TOLD_ON_PAGE.get(study.provenance.kind, 1)])
    ]


def _without_empty_columns(table: Table) -> Table:
    kept = [
        number
        for number in range(len(table.header))
        if {plain(row[number]) for row in table.rows} - {wording.NOTHING, ""}
    ]
    header, *rows = (tuple(row[number] for number in kept) for row in (table.header, *table.rows))
    return Table(table.caption, header, tuple(rows))


def _table(name: str, run: RunSource) -> list[Block]:
    estimates, scenario, assumptions = run.findings.estimates, run.findings.scenario, run.findings.assumptions
    effects = estimates.effects
    made: dict[str, Callable[[], list[Block]]] = {
        "results": lambda: result_tables.results(effects, scenario.parameters),
        "contrasts": lambda: result_tables.contrasts(estimates.contrasts),
        "assumptions": lambda: assumption_report.blocks(assumptions) if assumptions else [],
        "pairs": lambda: [*result_tables.pairs(effects), *result_tables.entrants(effects)],
        "waiting": lambda: further_tables.waiting(estimates.waiting),
        "costs": lambda: further_tables.costs(with_budget(scenario), effects, estimates.ratios),
        "decomposition": lambda: result_tables.decomposition(effects),
        "resilience": lambda: result_tables.resilience(estimates.resilience),
    }
    return made[name]()
